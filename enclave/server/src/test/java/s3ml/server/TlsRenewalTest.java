package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;

/// TLS as clients see it: version, chain, and keys that change while the server runs.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsRenewalTest {
    private TestServer server;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of()).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    private SSLSocket connect(String protocol, int port) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", server.authority());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setEnabledProtocols(new String[] {protocol});
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private X509Certificate leaf(int port) throws Exception {
        try (SSLSocket socket = connect("TLSv1.3", port)) {
            assertThat(socket.getSession().getPeerCertificates()).hasSize(1);
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void older_versions_of_TLS_are_refused() {
        assertThatThrownBy(() -> connect("TLSv1.2", server.restPort())).isInstanceOf(SSLHandshakeException.class);
        assertThatThrownBy(() -> connect("TLSv1.2", server.grpcPort())).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void a_renewed_key_is_shown_to_new_connections_while_open_ones_go_on() throws Exception {
        X509Certificate before = leaf(server.restPort());
        try (SSLSocket open = connect("TLSv1.3", server.restPort())) {
            server.server().renew(server.keys(List.of(TestServer.ticketKey(2), TestServer.ticketKey(1))));

            assertThat(leaf(server.restPort())).isNotEqualTo(before);
            assertThat(leaf(server.grpcPort())).isEqualTo(leaf(server.restPort()));
            open.getOutputStream()
                    .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(open.getInputStream().read()).isGreaterThanOrEqualTo(0);
        }
    }
}
