package s3ml.lab.oip;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import s3ml.attest.S3mlException;
import s3ml.client.Datatype;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.InferenceRequest;
import s3ml.client.InferenceResponse;
import s3ml.client.ModelExpectation;
import s3ml.client.Tensor;
import s3ml.protocol.Endpoint;

/// The client library of this tree: what it has of the protocol.
final class OwnClient {
    private static final Pattern CODE = Pattern.compile("SRV-\\d+");

    private final ProbedServer server;

    OwnClient(ProbedServer server) {
        this.server = server;
    }

    List<Conformance.Row> rows(String protocol) {
        Tensor x = Tensor.ofFloats("x", List.of(1L, 4L), new float[] {1, 2, 3, 4.5f});
        return List.of(
                row(protocol, "model metadata", () -> {
                    try (InferenceClient client = client(protocol, "double")) {
                        return client.metadata().inputs().getFirst().name().equals("x");
                    }
                }),
                row(protocol, "infer, raw tensors", () -> {
                    try (InferenceClient client = client(protocol, "double")) {
                        return doubled(client.infer(InferenceRequest.of("double", x)));
                    }
                }),
                row(protocol, "infer, version and request id", () -> {
                    try (InferenceClient client = client(protocol, "double")) {
                        InferenceResponse response =
                                client.infer(new InferenceRequest("double", "1", "7", List.of(x), List.of("sum")));
                        return response.id().equals("7") && doubled(response);
                    }
                }),
                row(protocol, "infer, FP16", () -> same(protocol, "half", Datatype.FP16)),
                row(protocol, "infer, BF16", () -> same(protocol, "brain", Datatype.BF16)),
                row(protocol, "infer, BYTES", () -> same(protocol, "words", Datatype.BYTES)),
                row(protocol, "infer, eight at once", () -> {
                    try (InferenceClient client = client(protocol, "double")) {
                        return IntStream.range(0, 8)
                                .mapToObj(i -> client.inferAsync(InferenceRequest.of("double", x)))
                                .toList()
                                .stream()
                                .map(CompletableFuture::join)
                                .allMatch(OwnClient::doubled);
                    }
                }));
    }

    private static boolean doubled(InferenceResponse response) {
        return Arrays.equals(response.outputs().getFirst().floats(), new float[] {2, 4, 6, 9});
    }

    private boolean same(String protocol, String model, Datatype type) {
        byte[] raw = type == Datatype.BYTES
                ? new byte[] {3, 0, 0, 0, 'o', 'n', 'e', 0, 0, 0, 0}
                : new byte[] {0, 0x3E, 0, (byte) 0xC0};
        Tensor tensor = Tensor.of("x", type, List.of(2L), ByteBuffer.wrap(raw));
        try (InferenceClient client = client(protocol, model)) {
            return client.infer(InferenceRequest.of(model, tensor))
                    .outputs()
                    .getFirst()
                    .data()
                    .equals(ByteBuffer.wrap(raw));
        }
    }

    private InferenceClient client(String protocol, String model) {
        ModelExpectation expectation = ModelExpectation.of(model).acceptSimulated();
        InferenceOptions options = InferenceOptions.defaults();
        return protocol.equals("gRPC")
                ? InferenceClient.grpc(server.trust(), expectation, endpoints(server.grpcPort()), options)
                : InferenceClient.rest(server.trust(), expectation, endpoints(server.restPort()), options);
    }

    private static List<Endpoint> endpoints(int port) {
        return List.of(new Endpoint("127.0.0.1", port));
    }

    private static Conformance.Row row(String protocol, String operation, Callable<Boolean> attempt) {
        String outcome;
        try {
            outcome = attempt.call() ? "yes" : "wrong answer";
        } catch (S3mlException refused) {
            Matcher code = CODE.matcher(String.valueOf(refused.getMessage()));
            outcome = code.find() ? "refused " + code.group() : "failed: " + refused.getMessage();
        } catch (Exception failure) {
            outcome = "failed: " + failure;
        }
        return new Conformance.Row("S3ML", protocol, operation, outcome);
    }
}
