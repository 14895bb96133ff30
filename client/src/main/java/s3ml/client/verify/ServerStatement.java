package s3ml.client.verify;

import com.google.protobuf.InvalidProtocolBufferException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.LogReceipt;

/// What a server showed: its certificates, whose key the handshake proved, and what it says about its keys.
///
/// @param url as it was asked
/// @param chain leaf first
/// @param shown absent when it does not answer as a server of this project does
public record ServerStatement(String url, List<X509Certificate> chain, Optional<Shown> shown) {
    public ServerStatement {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain must not be empty");
        }
    }

    /// The document of `GET /v2/s3ml/evidence`.
    ///
    /// @param aecs addresses of the AECS, as the server knows it
    /// @param receipt of its present lease
    public record Shown(String service, List<String> aecs, LogReceipt receipt) {
        private static final Set<String> MEMBERS = Set.of("service", "aecs", "receipt");

        public Shown {
            aecs = List.copyOf(aecs);
        }

        /// @throws S3mlException `CLI-200`
        static Shown parse(String json) {
            try {
                JsonObject document = Json.parseObject(json).onlyMembers(MEMBERS);
                return new Shown(
                        document.string("service"),
                        document.array("aecs").strings(),
                        LogReceipt.parseFrom(Base64.getDecoder().decode(document.string("receipt"))));
            } catch (S3mlException | IllegalArgumentException | InvalidProtocolBufferException e) {
                throw new S3mlException(
                        "CLI-200",
                        "cannot read what the server says about its keys",
                        String.valueOf(e.getMessage()),
                        "ask a model server of this release, at its REST port",
                        e);
            }
        }
    }

    /// The certificate whose key the peer proved to hold.
    X509Certificate leaf() {
        return chain.getFirst();
    }
}
