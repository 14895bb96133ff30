package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.protocol.SealedBody;
import s3ml.protocol.access.AccessRules;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.ModelStatisticsRequest;
import s3ml.wire.inference.RepositoryIndexRequest;
import s3ml.wire.inference.RepositoryModelLoadRequest;
import s3ml.wire.inference.RepositoryModelUnloadRequest;

/// Who may do what, over every protocol, with real TLS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessTest {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";
    private static final String SHOP = "shop-0123456789abcdef0123456789abcdef";
    private static final String OPS = "ops-0123456789abcdef0123456789abcdef";

    private TestServer server;
    private X509Bundle clientAuthority;
    private HttpClient http;

    @BeforeAll
    void start() throws Exception {
        clientAuthority = authority();
        server = new TestServer(Map.of(), ServerConfig.Limits.DEFAULT, ServerConfig.Callers.DEFAULT);
        for (String name : new String[] {"public", "shops", "other"}) {
            server.pack(name, "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        }
        server.release();
        http = server.http(HttpClient.Version.HTTP_2);
    }

    @AfterAll
    void stop() throws Exception {
        http.shutdownNow();
        server.close();
    }

    private static X509Bundle authority() throws Exception {
        return new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=client CA")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private static X509Bundle client(X509Bundle authority, String subject) throws Exception {
        return new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject(subject)
                .buildIssuedBy(authority);
    }

    private void rules() throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(clientAuthority.getCertificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        server.configure(Map.of(
                AccessRules.CONFIGURATION_KEY,
                "{\"anonymous\":{\"infer\":[\"public\"]},\"clientAuthorities\":"
                        + Json.write(JsonArray.ofStrings(java.util.List.of(pem))) + ",\"callers\":["
                        + caller("shop", "\"tokenSha256\":\"" + hash(SHOP) + "\"", "[\"shops\"]", "[]") + ","
                        + caller("ops", "\"tokenSha256\":\"" + hash(OPS) + "\"", "[]", "[\"other\"]") + ","
                        + caller("till", "\"subject\":\"CN=till\"", "[\"shops\"]", "[]") + "]}"));
        server.release();
    }

    private static String caller(String name, String proof, String infer, String control) {
        return "{\"name\":\"" + name + "\"," + proof + ",\"infer\":" + infer + ",\"control\":" + control + "}";
    }

    private static String hash(String token) {
        return Digest.of(token.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private HttpResponse<String> call(String method, String path, String body, @Nullable String token)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.uri(path)).method(method, HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private int status(String method, String path, String body, @Nullable String token) throws Exception {
        return call(method, path, body, token).statusCode();
    }

    private GRPCInferenceServiceBlockingStub stub(@Nullable String token) throws Exception {
        Metadata headers = new Metadata();
        if (token != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        return GRPCInferenceServiceGrpc.newBlockingStub(server.grpc())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static Status.Code code(Callable<?> call) throws Exception {
        try {
            call.call();
            return Status.Code.OK;
        } catch (StatusRuntimeException refused) {
            return refused.getStatus().getCode();
        }
    }

    @Test
    void without_rules_loading_and_unloading_are_closed_and_inference_is_open() throws Exception {
        server.configure(Map.of());
        server.release();

        assertThat(status("POST", "/v2/models/other/infer", INFER, null)).isEqualTo(200);
        HttpResponse<String> unload = call("POST", "/v2/repository/models/other/unload", "", null);
        assertThat(unload.statusCode()).isEqualTo(401);
        assertThat(unload.headers().firstValue("www-authenticate")).contains("Bearer realm=\"s3ml\"");
        assertThat(unload.body()).contains("SRV-242");
        assertThat(status("POST", "/v2/repository/models/other/load", "", null)).isEqualTo(401);
        assertThat(code(() -> stub(null)
                        .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                                .setModelName("other")
                                .build())))
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(code(() -> stub(null)
                        .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                                .setModelName("other")
                                .build())))
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(status("GET", "/v2/models/other/ready", "", null)).isEqualTo(200);
    }

    @Test
    void each_token_opens_what_the_rules_say_and_nothing_else() throws Exception {
        rules();

        assertThat(status("POST", "/v2/models/public/infer", INFER, null)).isEqualTo(200);
        assertThat(status("POST", "/v2/models/shops/infer", INFER, null)).isEqualTo(401);
        assertThat(status("POST", "/v2/models/shops/infer", INFER, SHOP)).isEqualTo(200);
        assertThat(status("POST", "/v2/models/public/infer", INFER, SHOP)).isEqualTo(403);
        assertThat(status("POST", "/v2/models/public/infer", INFER, "stranger")).isEqualTo(401);
        for (String path : new String[] {"", "/config", "/stats", "/ready", "/versions/1"}) {
            assertThat(status("GET", "/v2/models/shops" + path, "", null))
                    .as(path)
                    .isEqualTo(401);
            assertThat(status("GET", "/v2/models/shops" + path, "", SHOP))
                    .as(path)
                    .isEqualTo(200);
        }
        assertThat(status("GET", "/v1/models/shops", "", null)).isEqualTo(401);
        assertThat(status("POST", "/v1/models/shops:predict", "{\"instances\":[[1,2,3,4]]}", null))
                .isEqualTo(401);
        assertThat(status("POST", "/v1/models/shops:predict", "{\"instances\":[[1,2,3,4]]}", SHOP))
                .isEqualTo(200);
        assertThat(status("POST", "/v2/repository/models/other/unload", "", SHOP))
                .isEqualTo(403);
        assertThat(status("POST", "/v2/repository/models/other/unload", "", OPS))
                .isEqualTo(200);
        assertThat(status("POST", "/v2/repository/models/other/load", "", OPS)).isEqualTo(200);
        assertThat(status("POST", "/v2/models/other/infer", INFER, OPS)).isEqualTo(403);
        assertThat(status("GET", "/v2/health/ready", "", null)).isEqualTo(200);
    }

    @Test
    void a_list_shows_each_caller_their_own_models() throws Exception {
        rules();

        assertThat(call("POST", "/v2/repository/index", "", SHOP).body())
                .contains("shops")
                .doesNotContain("public", "other");
        assertThat(call("GET", "/v2/models/stats", "", null).body())
                .contains("public")
                .doesNotContain("shops", "other");
        assertThat(stub(OPS)
                        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                        .getModelsList())
                .extracting(model -> model.getName())
                .containsExactly("other");
        assertThat(stub(SHOP)
                        .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                        .getModelStatsList())
                .extracting(model -> model.getName())
                .containsExactly("shops");
    }

    @Test
    void gRPC_tells_who_is_unknown_from_who_may_not() throws Exception {
        rules();
        ModelMetadataRequest shops =
                ModelMetadataRequest.newBuilder().setName("shops").build();

        assertThat(code(() -> stub(null).modelMetadata(shops))).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(code(() -> stub("stranger").modelMetadata(shops))).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(code(() -> stub(OPS).modelMetadata(shops))).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(code(() -> stub(SHOP).modelMetadata(shops))).isEqualTo(Status.Code.OK);
    }

    @Test
    void a_certificate_under_the_services_client_authority_is_a_proof_and_another_one_is_not() throws Exception {
        rules();

        for (int handshake = 0; handshake < 3; handshake++) {
            assertThat(certified(client(clientAuthority, "CN=till"))).isEqualTo(Status.Code.OK);
        }
        assertThat(certified(client(clientAuthority, "CN=tail"))).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(certified(client(authority(), "CN=till"))).isEqualTo(Status.Code.UNAVAILABLE);
    }

    private Status.Code certified(X509Bundle bundle) throws Exception {
        SslContextBuilder tls = GrpcSslContexts.forClient()
                .trustManager(server.authority())
                .keyManager(bundle.getKeyPair().getPrivate(), bundle.getCertificate());
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .sslContext(tls.build())
                .build();
        try {
            return code(() -> GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .modelMetadata(
                            ModelMetadataRequest.newBuilder().setName("shops").build()));
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void a_sealed_request_shows_its_token_inside_and_the_proxys_headers_do_not_count() throws Exception {
        rules();

        assertThat(sealed(SHOP, null)).isEqualTo(200);
        assertThat(sealed("", SHOP)).isEqualTo(401);
        assertThat(sealed("stranger", SHOP)).isEqualTo(401);
    }

    private int sealed(String inside, @Nullable String outside) throws Exception {
        SealedBody.Target target = new SealedBody.Target("POST", "/v2/models/shops/infer", "shops");
        SealedBody.Content content = new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.copyFromUtf8(INFER));
        String shown = inside.isEmpty() ? "" : "Bearer " + inside;
        try (SealedBody.SealedRequest request =
                SealedBody.seal(server.hpkeKey().config(), target, content, shown, Instant.now())) {
            HttpRequest.Builder message = HttpRequest.newBuilder(server.uri(target.path()))
                    .header("content-type", SealedBody.MEDIA_TYPE)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes().toByteArray()));
            if (outside != null) {
                message.header("Authorization", "Bearer " + outside);
            }
            HttpResponse<byte[]> response = http.send(message.build(), HttpResponse.BodyHandlers.ofByteArray());
            request.open(response.statusCode(), ByteString.copyFrom(response.body()));
            return response.statusCode();
        }
    }

    @Test
    void a_sealed_request_without_a_body_reads_the_metadata() throws Exception {
        rules();
        SealedBody.Target target = new SealedBody.Target("POST", "/v2/models/public", "public");
        SealedBody.Content empty = new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.EMPTY);
        try (SealedBody.SealedRequest request =
                SealedBody.seal(server.hpkeKey().config(), target, empty, Instant.now())) {
            HttpRequest message = HttpRequest.newBuilder(server.uri(target.path()))
                    .header("content-type", SealedBody.MEDIA_TYPE)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes().toByteArray()))
                    .build();
            HttpResponse<byte[]> response = http.send(message, HttpResponse.BodyHandlers.ofByteArray());

            assertThat(request.open(200, ByteString.copyFrom(response.body()))
                            .body()
                            .toStringUtf8())
                    .contains("\"name\":\"public\"");
        }
    }

    @Test
    void rules_that_cannot_be_read_let_nobody_in() throws Exception {
        server.configure(Map.of(AccessRules.CONFIGURATION_KEY, "{\"callers\":7}"));
        server.release();

        assertThat(status("POST", "/v2/models/public/infer", INFER, null)).isEqualTo(401);
        assertThat(status("POST", "/v2/models/public/infer", INFER, SHOP)).isEqualTo(401);
    }
}
