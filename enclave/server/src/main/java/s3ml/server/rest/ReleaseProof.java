package s3ml.server.rest;

import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Endpoint;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.aecs.LogReceipt;

/// What this server can show to a stranger who wants to verify it: `GET /v2/s3ml/evidence`.
///
/// ```
/// {"service": "detector", "aecs": ["HOST:PORT"], "receipt": "BASE64 of a LogReceipt"}
/// ```
///
/// The receipt is the one that came with the present lease: signed by the AECS, it says which measurement got the
/// service's keys, when, and under which policy. Everything in the answer is public, and the reader believes none of it
/// before the AECS itself has confirmed it. Thread-safe.
public final class ReleaseProof {
    private final String service;
    private final List<Endpoint> aecs;
    private final AtomicReference<Optional<ByteString>> receipt = new AtomicReference<>(Optional.empty());

    /// @param aecs where this server gets its leases
    public ReleaseProof(String service, List<Endpoint> aecs) {
        this.service = service;
        this.aecs = List.copyOf(aecs);
    }

    /// Shows this receipt from now on.
    public void released(LogReceipt newest) {
        receipt.set(Optional.of(newest.toByteString()));
    }

    RestReply reply() {
        ByteString shown = receipt.get()
                .orElseThrow(() -> new RequestRefused(
                        Fault.NO_SUCH_PATH, "this server has its keys from no configuration service"));
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put("service", service)
                        .put(
                                "aecs",
                                JsonArray.ofStrings(
                                        aecs.stream().map(Endpoint::toString).toList()))
                        .put("receipt", Base64.getEncoder().encodeToString(shown.toByteArray()))
                        .build());
    }
}
