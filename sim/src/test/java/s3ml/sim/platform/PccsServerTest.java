package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PccsServerTest {
    private static SimulatedPlatform platform;
    private static PccsServer server;
    private static HttpClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        platform = SimulatedPlatform.open(folder, InstantSource.system());
        server = PccsServer.start(platform);
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static HttpResponse<String> get(String pathAndQuery) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(server.address() + pathAndQuery))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void TCB_info_comes_with_its_issuer_chain_percent_encoded() throws Exception {
        HttpResponse<String> response = get("/sgx/certification/v4/tcb?fmspc=53334d4c0001");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).startsWith("{\"tcbInfo\":{\"id\":\"SGX\"");
        assertThat(response.headers().firstValue("TCB-Info-Issuer-Chain").orElseThrow())
                .startsWith("-----BEGIN%20CERTIFICATE-----%0A")
                .doesNotContain("+", "\n", "=");
    }

    @Test
    void every_path_of_the_collateral_is_served_for_both_kinds_of_TEE() throws Exception {
        for (String path : new String[] {
            "/tdx/certification/v4/tcb?fmspc=53334D4C0001",
            "/sgx/certification/v4/qe/identity",
            "/tdx/certification/v4/qe/identity",
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
            "/sgx/certification/v4/pckcrl?ca=platform",
            "/sgx/certification/v4/tcbevaluationdatanumbers",
            "/tdx/certification/v4/tcbevaluationdatanumbers",
            "/sgx/certification/v4/qve/identity",
            "/sgx/certification/v4/crl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2FIntelSGXRootCA.der",
            "/sgx/certification/v4/fmspcs"
        }) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(200);
        }
    }

    @Test
    void the_root_revocation_list_is_hex_text() throws Exception {
        assertThat(get("/sgx/certification/v4/rootcacrl").body())
                .isEqualTo(
                        HexFormat.of().formatHex(platform.publication().lists().root()));
    }

    @Test
    void the_PCK_certificate_is_given_for_this_platform_only() throws Exception {
        String qeId = HexFormat.of().formatHex(platform.identity().qeId());
        String path = "/sgx/certification/v4/pckcert?pceid=0000&cpusvn=" + "00".repeat(16) + "&pcesvn=0d00&qeid=";

        assertThat(get(path + qeId).body()).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(get(path + "00".repeat(16)).statusCode()).isEqualTo(461);
    }

    @Test
    void wrong_parameters_other_platforms_and_other_paths_are_refused() throws Exception {
        assertThat(get("/sgx/certification/v4/tcb?fmspc=xyz").statusCode()).isEqualTo(400);
        assertThat(get("/sgx/certification/v4/tcb?fmspc=00906ED50000").statusCode())
                .isEqualTo(404);
        assertThat(get("/sgx/certification/v4/pckcrl?ca=none").statusCode()).isEqualTo(400);
        assertThat(get("/sgx/certification/v3/tcb?fmspc=53334D4C0001").statusCode())
                .isEqualTo(404);
    }
}
