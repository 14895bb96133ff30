package s3ml.server.rest;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import s3ml.protocol.access.Caller;
import s3ml.protocol.trace.TraceParent;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.Terms;

/// A request whose body has arrived in full.
///
/// @param path without query, still percent-encoded
/// @param body owned by whoever holds the request; released by the handler after the reply
/// @param who sent it; nobody with any right until that was found out
/// @param heap what reading the body takes; closed with the reply
public record RestRequest(
        String method, String path, HttpHeaders headers, ByteBuf body, Caller who, HeapBudget.Share heap) {
    /// The first value of a header.
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /// The first bytes of the body, in the heap.
    ///
    /// @throws s3ml.server.engine.RequestRefused if there is no room for them
    byte[] document(int length) {
        heap.take(length);
        byte[] document = new byte[length];
        body.getBytes(body.readerIndex(), document);
        return document;
    }

    /// What its headers say beside its body.
    Terms.Circumstances circumstances() {
        return new Terms.Circumstances(
                header(Terms.AFFINITY_HEADER).orElse(""), TraceParent.read(headers.get(TraceParent.HEADER)));
    }

    /// The same request by a caller who was identified.
    RestRequest by(Caller caller) {
        return new RestRequest(method, path, headers, body, caller, heap);
    }
}
