package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.trace.TraceParent;

/// Requests that travel sealed through whatever ends TLS.
final class SealedClientTest {
    private static final ModelExpectation EXPECTATION = ModelExpectation.of("echo");

    private EchoReplica replica;

    @BeforeEach
    void start() {
        replica = new EchoReplica(new ServicePki("service CA").keysFor("s.test"));
    }

    @AfterEach
    void stop() {
        replica.close();
    }

    @Test
    void a_sealed_request_is_opened_by_the_enclave_and_its_answer_by_the_client() {
        try (InferenceClient client = client(replica.sealingKey(), replica.ingress())) {
            InferenceResponse response = client.infer(new InferenceRequest(
                    "echo", "", "r1", List.of(Tensor.ofFloats("in", List.of(2L), new float[] {4, 5})), List.of()));

            assertThat(response.id()).isEqualTo("r1");
            assertThat(response.outputs().getFirst().floats()).containsExactly(4, 5);
            assertThat(replica.served.get()).isEqualTo(1);
        }
    }

    @Test
    void a_trace_travels_beside_the_sealed_body() {
        TraceParent span = TraceParent.fresh(new java.util.SplittableRandom(1));

        try (InferenceClient client = client(replica.sealingKey(), replica.ingress())) {
            client.infer(request().withTrace(span));
        }

        assertThat(replica.traces).containsExactly(span.header());
    }

    @Test
    void a_version_is_bound_with_the_path() {
        try (InferenceClient client = InferenceClient.sealed(
                replica.sealingKey(), EXPECTATION.version("1"), List.of(replica.ingress()), tls(), options())) {
            assertThat(client.infer(request()).outputs()).hasSize(1);
        }
    }

    @Test
    void an_answer_that_a_proxy_made_up_is_refused() {
        replica.behaviour = EchoReplica.Behaviour.OVERLOADED;

        try (InferenceClient client = client(replica.sealingKey(), replica.ingress())) {
            assertThatThrownBy(() -> client.infer(request()))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("CLI-126");
        }
    }

    @Test
    void a_key_that_the_service_has_renewed_is_told_apart() {
        replica.behaviour = EchoReplica.Behaviour.REFUSE;
        HpkeKeyConfig old = new HpkeKeyConfig(3, replica.sealingKey().publicKey());

        try (InferenceClient client = client(old, replica.ingress())) {
            assertThatThrownBy(() -> client.infer(request()))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("CLI-127");
        }
    }

    @Test
    void a_proxy_that_is_down_is_passed_over() {
        try (InferenceClient client =
                client(replica.sealingKey(), URI.create("http://127.0.0.1:1"), replica.ingress())) {
            for (int call = 0; call < 4; call++) {
                assertThat(client.infer(request()).outputs()).hasSize(1);
            }
        }
    }

    @Test
    void nothing_of_the_request_is_in_what_is_sent() {
        RestCodec.Body body = RestCodec.encode(request(), options().timeout());
        BodyForm form =
                new BodyForm.Sealed(replica.sealingKey(), "Bearer secret-token", java.time.InstantSource.system());

        BodyForm.Outgoing outgoing = form.outgoing("/v2/models/echo/infer", "echo", body);

        ByteString sent = ByteString.EMPTY;
        for (java.nio.ByteBuffer part : outgoing.parts()) {
            sent = sent.concat(ByteString.copyFrom(part));
        }
        assertThat(sent.toString(java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("inputs", "FP32", "secret-token");
        assertThat(outgoing.headers()).containsOnlyKeys("Content-Type");
    }

    private static InferenceRequest request() {
        return InferenceRequest.of("echo", Tensor.ofFloats("in", List.of(1L), new float[] {1}));
    }

    private static InferenceOptions options() {
        return InferenceOptions.defaults();
    }

    private static InferenceClient client(HpkeKeyConfig key, URI... ingresses) {
        return InferenceClient.sealed(key, EXPECTATION, List.of(ingresses), tls(), options());
    }

    private static SSLContext tls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
