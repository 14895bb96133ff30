package s3ml.sim.platform;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Serves the simulated platform's collateral on loopback over the paths and headers of Intel's PCCS, version 4, so
/// that the real collateral client is exercised. Plain HTTP: every document is signed, and the caller checks that.
public final class PccsServer implements AutoCloseable {
    private static final String SGX = "/sgx/certification/v4/";
    private static final String TDX = "/tdx/certification/v4/";
    private static final String TCB_CHAIN = "TCB-Info-Issuer-Chain";
    private static final String IDENTITY_CHAIN = "SGX-Enclave-Identity-Issuer-Chain";
    private static final String NUMBERS_CHAIN = "TCB-Evaluation-Data-Numbers-Issuer-Chain";

    /// Where Intel's root certificate says that its list lies.
    static final String ROOT_LIST = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private final SimulatedPlatform platform;
    private final HttpServer server;
    private final ExecutorService threads;

    private PccsServer(SimulatedPlatform platform, HttpServer server, ExecutorService threads) {
        this.platform = platform;
        this.server = server;
        this.threads = threads;
    }

    /// Binds to a port of loopback that the system chooses.
    public static PccsServer start(SimulatedPlatform platform) {
        return start(platform, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /// Binds to that address.
    public static PccsServer start(SimulatedPlatform platform, InetSocketAddress address) {
        try {
            HttpServer server = HttpServer.create(address, 0);
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            PccsServer pccs = new PccsServer(platform, server, threads);
            server.setExecutor(threads);
            server.createContext("/", pccs::handle);
            server.start();
            return pccs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `http://127.0.0.1:PORT`, to which clients append the paths.
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /// A response before it is written.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(int status, String type, byte[] body, Map<String, String> headers) {
        static Answer of(String type, String body, Map<String, String> headers) {
            return new Answer(200, type, body.getBytes(StandardCharsets.UTF_8), headers);
        }

        static Answer status(int status) {
            return new Answer(status, "text/plain", new byte[0], Map.of());
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = exchange.getRequestMethod().equals("GET")
                    ? answer(exchange.getRequestURI().getPath(), query(exchange.getRequestURI()))
                    : Answer.status(405);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders()
                    .set("Request-ID", UUID.randomUUID().toString().replace("-", ""));
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            if (answer.body().length > 0) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(answer.body());
                }
            }
        }
    }

    private Answer answer(String path, Map<String, String> query) {
        Publication now = platform.publication();
        Publication.Tcb tcb = now.tcb();
        String signingChain = now.chains().tcbSigning();
        return switch (path) {
            case SGX + "pckcert" -> pckCertificate(now, query);
            case SGX + "pckcrl" -> pckCrl(now, query);
            case SGX + "rootcacrl" ->
                Answer.of("text/plain", HexFormat.of().formatHex(now.lists().root()), Map.of());
            case SGX + "tcb" -> tcbInfo(tcb.sgxTcbInfo(), signingChain, query);
            case TDX + "tcb" -> tcbInfo(tcb.tdxTcbInfo(), signingChain, query);
            case SGX + "qe/identity" -> signed(tcb.identities().qe(), IDENTITY_CHAIN, signingChain);
            case TDX + "qe/identity" -> signed(tcb.identities().tdQe(), IDENTITY_CHAIN, signingChain);
            case SGX + "qve/identity" -> signed(tcb.identities().qve(), IDENTITY_CHAIN, signingChain);
            case SGX + "crl" -> listAt(now, query);
            case SGX + "tcbevaluationdatanumbers" ->
                signed(tcb.evaluationNumbers().sgx(), NUMBERS_CHAIN, signingChain);
            case TDX + "tcbevaluationdatanumbers" ->
                signed(tcb.evaluationNumbers().tdx(), NUMBERS_CHAIN, signingChain);
            case SGX + "fmspcs" ->
                Answer.of(
                        "application/json",
                        "[{\"fmspc\":\"" + PlatformIdentity.fmspcHex() + "\",\"platform\":\"all\"}]",
                        Map.of());
            default -> Answer.status(404);
        };
    }

    private static Answer signed(String document, String chainHeader, String chain) {
        return Answer.of("application/json", document, Map.of(chainHeader, percentEncoded(chain)));
    }

    private static Answer tcbInfo(String document, String chain, Map<String, String> query) {
        String fmspc = query.getOrDefault("fmspc", "");
        if (!fmspc.matches("[0-9a-fA-F]{12}")) {
            return Answer.status(400);
        }
        return fmspc.equalsIgnoreCase(PlatformIdentity.fmspcHex())
                ? signed(document, TCB_CHAIN, chain)
                : Answer.status(404);
    }

    private static Answer pckCrl(Publication now, Map<String, String> query) {
        String ca = query.getOrDefault("ca", "");
        if (!ca.equals("platform")) {
            return Answer.status(ca.equals("processor") ? 404 : 400);
        }
        Map<String, String> headers =
                Map.of("SGX-PCK-CRL-Issuer-Chain", percentEncoded(now.chains().pckIssuer()));
        byte[] crl = now.lists().pck();
        return switch (query.getOrDefault("encoding", "pem")) {
            case "der" -> new Answer(200, "application/pkix-crl", crl, headers);
            case "pem" -> Answer.of("application/x-pem-file", Issuer.pem("X509 CRL", crl), headers);
            default -> Answer.status(400);
        };
    }

    /// A list by its distribution point: the root's lies where Intel's does.
    private static Answer listAt(Publication now, Map<String, String> query) {
        String point = URLDecoder.decode(query.getOrDefault("uri", ""), StandardCharsets.UTF_8);
        if (!point.startsWith("https://")) {
            return Answer.status(400);
        }
        return point.equals(ROOT_LIST)
                ? new Answer(200, "application/pkix-crl", now.lists().root(), Map.of())
                : Answer.status(404);
    }

    private Answer pckCertificate(Publication now, Map<String, String> query) {
        String qeId = HexFormat.of().formatHex(platform.identity().qeId());
        boolean complete = query.getOrDefault("cpusvn", "").matches("[0-9a-fA-F]{32}")
                && query.getOrDefault("pcesvn", "").matches("[0-9a-fA-F]{4}")
                && query.getOrDefault("encrypted_ppid", "00".repeat(384)).matches("[0-9a-fA-F]{768}");
        if (!complete || !query.containsKey("qeid") || !query.containsKey("pceid")) {
            return Answer.status(400);
        }
        boolean known = query.getOrDefault("qeid", "").equalsIgnoreCase(qeId)
                && query.getOrDefault("pceid", "").equals(HexFormat.of().formatHex(PlatformIdentity.PCE_ID));
        if (!known) {
            return Answer.status(461);
        }
        HexFormat hex = HexFormat.of();
        byte[] pceSvn = {(byte) PlatformIdentity.PCE_SVN, 0};
        return Answer.of(
                "application/x-pem-file",
                now.chains().pckLeaf(),
                Map.of(
                        "SGX-PCK-Certificate-Issuer-Chain",
                        percentEncoded(now.chains().pckIssuer()),
                        "SGX-TCBm",
                        hex.formatHex(PlatformIdentity.CPU_SVN) + hex.formatHex(pceSvn),
                        "SGX-FMSPC",
                        PlatformIdentity.fmspcHex(),
                        "SGX-PCK-Certificate-CA-Type",
                        "platform"));
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> parameters = new HashMap<>();
        String raw = uri.getRawQuery();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    parameters.put(pair.substring(0, equals).toLowerCase(Locale.ROOT), pair.substring(equals + 1));
                }
            }
        }
        return parameters;
    }

    /// Percent-encoding of everything but unreserved characters (RFC 3986): a plus sign stays `%2B`, a space `%20`.
    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length() * 2);
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            char c = (char) b;
            if (UNRESERVED.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
