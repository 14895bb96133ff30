package s3ml.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import s3ml.attest.S3mlException;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.SealedBody;

/// How bodies of inference requests travel: as they are, or sealed.
sealed interface BodyForm {
    /// The length of the JSON header before the tensors, as the binary tensor extension names it.
    String HEADER_LENGTH = "Inference-Header-Content-Length";

    /// Prepares one request; a repetition is prepared anew.
    ///
    /// @param path as the replica sees it
    Outgoing outgoing(String path, String model, RestCodec.Body body);

    /// Prepares a request without a body.
    ///
    /// @param path as the replica sees it
    Outgoing question(String path, String model);

    /// A request ready to be sent, which can read its response.
    interface Outgoing {
        Map<String, String> headers();

        /// The body; empty for a `GET`.
        List<ByteBuffer> parts();

        /// Reads the response; S3mlException if a sealed one does not open.
        Answer incoming(HttpResponse<ByteBuffer> response);
    }

    /// A response body in the clear.
    ///
    /// @param headerBytes length of its JSON header; all of it if there is nothing else
    record Answer(ByteBuffer body, int headerBytes) {}

    /// Reads a response that is not sealed.
    static Answer plain(HttpResponse<ByteBuffer> response) {
        int headerBytes = response.headers()
                .firstValue(HEADER_LENGTH)
                .map(BodyForm::number)
                .orElse(response.body().remaining());
        return new Answer(response.body(), headerBytes);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException ignored) {
            // No length at all: refused where the body is read.
            return -1;
        }
    }

    /// Bodies as they are, for TLS that ends in the enclave.
    ///
    /// @param authorization empty for none
    record Plain(String authorization) implements BodyForm {
        @Override
        public Outgoing outgoing(String path, String model, RestCodec.Body body) {
            Map<String, String> headers = shown();
            headers.put("Content-Type", "application/octet-stream");
            headers.put(HEADER_LENGTH, Integer.toString(body.headerBytes()));
            return new PlainOutgoing(headers, body.parts());
        }

        @Override
        public Outgoing question(String path, String model) {
            return new PlainOutgoing(shown(), List.of());
        }

        private Map<String, String> shown() {
            Map<String, String> headers = new HashMap<>();
            if (!authorization.isEmpty()) {
                headers.put("Authorization", authorization);
            }
            return headers;
        }
    }

    /// A request as it is.
    record PlainOutgoing(Map<String, String> headers, List<ByteBuffer> parts) implements Outgoing {
        @Override
        public Answer incoming(HttpResponse<ByteBuffer> response) {
            return plain(response);
        }
    }

    /// Bodies sealed to a key of the service, see [SealedBody]. Sealing copies a body once.
    ///
    /// @param authorization empty for none; travels sealed
    /// @param clock whose time each request carries
    record Sealed(HpkeKeyConfig key, String authorization, InstantSource clock) implements BodyForm {
        @Override
        public Outgoing outgoing(String path, String model, RestCodec.Body body) {
            ByteString whole = ByteString.EMPTY;
            for (ByteBuffer part : body.parts()) {
                whole = whole.concat(UnsafeByteOperations.unsafeWrap(part));
            }
            return seal(path, model, new SealedBody.Content(body.headerBytes(), whole));
        }

        @Override
        public Outgoing question(String path, String model) {
            return seal(path, model, new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.EMPTY));
        }

        private Outgoing seal(String path, String model, SealedBody.Content content) {
            return new SealedOutgoing(SealedBody.seal(
                    key, new SealedBody.Target("POST", path, model), content, authorization, clock.instant()));
        }
    }

    /// A sealed request under way.
    record SealedOutgoing(SealedBody.SealedRequest request) implements Outgoing {
        @Override
        public Map<String, String> headers() {
            return Map.of("Content-Type", SealedBody.MEDIA_TYPE);
        }

        @Override
        public List<ByteBuffer> parts() {
            return request.bytes().asReadOnlyByteBufferList();
        }

        @Override
        public Answer incoming(HttpResponse<ByteBuffer> response) {
            boolean sealed = response.headers()
                    .firstValue("Content-Type")
                    .filter(SealedBody.MEDIA_TYPE::equals)
                    .isPresent();
            if (!sealed) {
                return refusalInTheClear(response);
            }
            try (request) {
                SealedBody.Content content =
                        request.open(response.statusCode(), UnsafeByteOperations.unsafeWrap(response.body()));
                ByteBuffer body = content.body().asReadOnlyByteBuffer();
                return new Answer(
                        body, content.headerBytes() == SealedBody.JSON_ONLY ? body.remaining() : content.headerBytes());
            }
        }

        /// A proxy, or a replica that could not open the request, may refuse in the clear; but only an enclave may
        /// answer.
        private static Answer refusalInTheClear(HttpResponse<ByteBuffer> response) {
            final int ok = 200;
            if (response.statusCode() == ok) {
                throw new S3mlException(
                        "CLI-126",
                        "refused the answer",
                        "it is not sealed, so it does not come from the enclave",
                        "look at the proxy before the service");
            }
            return plain(response);
        }
    }
}
