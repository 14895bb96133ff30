package s3ml.server.rest;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// A request whose body has arrived in full.
///
/// @param path without query, still percent-encoded
/// @param body owned by whoever holds the request; released by the handler after the reply
public record RestRequest(String method, String path, HttpHeaders headers, ByteBuf body) {
    /// The first value of a header.
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }
}
