package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.client.PemText;
import s3ml.protocol.SealedBody;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.PlatformControl;

/// Bodies within the port's limit that would fill the small heap of a real server many times: each is refused, and the
/// same process goes on serving.
final class FullHeapIT {
    /// The port takes 32 MB.
    private static final int LARGE = 30 << 20;

    private static Deployment deployment;
    private static Deployment.AecsSession aecs;
    private static PlatformControl.Enclave server;
    private static ServiceTrust trust;
    private static HttpClient https;
    private static ManagedChannel grpc;

    @BeforeAll
    static void startDeployment(@TempDir Path folder) throws Exception {
        deployment = Deployment.start(Distribution.at(Rig.HOME), folder);
        aecs = deployment.startAecs();
        server = Rig.detector(deployment, aecs);
        trust = aecs.trust("detector");
        https = Rig.https(trust);
        String authority = PemText.of(trust.caCertificate());
        grpc = Grpc.newChannelBuilder(
                        "127.0.0.1:" + server.ready().number("grpcPort"),
                        TlsChannelCredentials.newBuilder()
                                .trustManager(new ByteArrayInputStream(Rig.utf8(authority)))
                                .build())
                .build();
    }

    @AfterAll
    static void endDeployment() {
        grpc.shutdownNow();
        https.close();
        aecs.close();
        deployment.close();
    }

    @AfterEach
    void the_same_process_goes_on_serving() {
        Rig.assertDetects(trust, server);
        assertThat(ProcessHandle.of(server.pid()).map(ProcessHandle::isAlive)).hasValue(true);
    }

    private static HttpResponse<String> post(String path, byte[] body, String type) throws Exception {
        URI address = URI.create("https://127.0.0.1:" + server.ready().number("restPort") + path);
        return https.send(
                HttpRequest.newBuilder(address)
                        .timeout(Duration.ofSeconds(90))
                        .header("content-type", type)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void assertTooLarge(String path, String begin, String repeated, String end) throws Exception {
        String body = begin + repeated.repeat((LARGE - begin.length() - end.length()) / repeated.length()) + end;

        HttpResponse<String> response = post(path, Rig.utf8(body), "application/json");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
        assertThat(response.body()).contains("SRV-212");
    }

    @Test
    void numbers_that_are_longer_in_memory_than_in_JSON() throws Exception {
        int count = LARGE / 2 - 100;
        assertTooLarge(
                "/v2/models/detector/infer",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP64\",\"shape\":[" + count + "],\"data\":[0",
                ",0",
                "]}]}");
    }

    @Test
    void numbers_without_a_shape() throws Exception {
        assertTooLarge("/v1/models/detector:predict", "{\"instances\":[[0", ",0", "]]}");
    }

    @Test
    void members_without_number() throws Exception {
        StringBuilder members = new StringBuilder(LARGE);
        for (int i = 0; members.length() < LARGE - 100; i++) {
            members.append('"').append(i).append("\":0,");
        }
        for (String parent : new String[] {"x", "parameters"}) {
            HttpResponse<String> response = post(
                    "/v2/models/detector/infer",
                    Rig.utf8("{\"" + parent + "\":{" + members + "\"x\":0}}"),
                    "application/json");

            assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
        }
    }

    @Test
    void one_long_text() throws Exception {
        assertTooLarge("/v2/models/detector/infer", "{\"id\":\"", "a", "\"}");
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static StatusRuntimeException call(String method, byte[] message) {
        return call(grpc, method, message);
    }

    private static StatusRuntimeException call(ManagedChannel channel, String method, byte[] message) {
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(method)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, message));
    }

    private static byte[] field(int number, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeByteArray(number, content);
        out.flush();
        return bytes.toByteArray();
    }

    @Test
    void packed_numbers_of_one_byte() throws Exception {
        // inputs { contents { int64_contents } }
        byte[] message = field(5, field(5, field(3, new byte[LARGE])));

        StatusRuntimeException refused = call("inference.GRPCInferenceService/ModelInfer", message);

        assertThat(refused.getStatus().getDescription()).contains("SRV-212");
    }

    @Test
    void empty_messages_without_number() {
        byte[] message = new byte[LARGE];
        for (int i = 0; i < message.length; i += 2) {
            // An input of no bytes.
            message[i] = 5 << 3 | 2;
        }

        StatusRuntimeException refused = call("inference.GRPCInferenceService/ModelInfer", message);

        assertThat(refused.getStatus().getDescription()).contains("SRV-212");
    }

    @Test
    void large_messages_to_methods_that_take_names() throws Exception {
        byte[] name = new byte[LARGE];
        Arrays.fill(name, (byte) 'a');
        for (String method : new String[] {
            "grpc.health.v1.Health/Check",
            "inference.GRPCInferenceService/ModelMetadata",
            "inference.GRPCInferenceService/RepositoryModelLoad"
        }) {
            StatusRuntimeException refused = call(method, field(1, name));

            assertThat(refused.getStatus().getCode()).as(method).isNotEqualTo(Status.Code.OK);
        }
    }

    @Test
    void commands_of_fields_that_nobody_knows_leave_the_AECS_as_it_was() throws Exception {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(fields);
        for (int number = 1000; fields.size() < 900_000; number++) {
            out.writeBool(number, true);
            if (number % 1000 == 0) {
                out.flush();
            }
        }
        out.flush();
        byte[] flood = fields.toByteArray();
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", aecs.endpoint().port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build())
                .build();
        try {
            for (byte[] message : new byte[][] {flood, field(1, flood)}) {
                List<Thread> calls = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    calls.add(Thread.ofVirtual().start(() -> call(channel, "s3ml.aecs.v1.Admin/Execute", message)));
                }
                for (Thread each : calls) {
                    each.join();
                }
            }
        } finally {
            channel.shutdownNow();
        }

        assertThat(aecs.trust("detector").service()).isEqualTo("detector");
        assertThat(ProcessHandle.of(aecs.pid()).map(ProcessHandle::isAlive)).hasValue(true);
    }

    private static HttpResponse<String> sealed(byte[] body) throws Exception {
        String path = "/v2/models/detector/infer";
        try (SealedBody.SealedRequest request = SealedBody.seal(
                trust.hpkeKeys().getFirst(),
                new SealedBody.Target("POST", path, "detector"),
                new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.copyFrom(body)),
                Instant.now())) {
            return post(path, request.bytes().toByteArray(), SealedBody.MEDIA_TYPE);
        }
    }

    @Test
    void a_sealed_body_that_needs_the_heap_twice() throws Exception {
        HttpResponse<String> response = sealed(new byte[LARGE]);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
        assertThat(response.body()).contains("SRV-212");
    }

    @Test
    void sealed_bodies_one_after_the_other_leave_nothing() throws Exception {
        byte[] body = new byte[1 << 20];

        for (int i = 0; i < 200; i++) {
            // Opened, and not the JSON that it should be: sealed again, it is told so.
            assertThat(sealed(body).statusCode()).isEqualTo(400);
        }
    }
}
