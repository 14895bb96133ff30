package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.ModelExpectation;
import s3ml.client.image.Detection;
import s3ml.client.image.ObjectDetector;
import s3ml.client.image.SceneDrawing;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// What the tests of a whole deployment share: the built tree, plain HTTPS clients, waiting for log lines.
final class Rig {
    /// Tests run in the folder of `sim`.
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private Rig() {}

    /// A client as any other, which knows the service's CA and nothing else.
    static HttpClient https(ServiceTrust trust) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("ca", trust.caCertificate());
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, managers.getTrustManagers(), null);
            return HttpClient.newBuilder()
                    .sslContext(context)
                    .connectTimeout(PATIENCE)
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Starts a server of a new service with the detector as its model.
    static PlatformControl.Enclave detector(Deployment deployment, Deployment.AecsSession aecs) {
        Deployment.Service service = aecs.createService("detector");
        EnclaveSpec spec = deployment.serverSpec();
        deployment.admit(service, spec);
        deployment.addModel(service, HOME.resolve("sim/target/models/FreightFrenzy_BCDM.tflite"), "detector");
        return deployment.startServer("server", spec, service);
    }

    /// A client of one server, as owners of data use it.
    static InferenceClient grpc(ServiceTrust trust, ModelExpectation expectation, PlatformControl.Enclave server) {
        Endpoint endpoint =
                new Endpoint("127.0.0.1", Math.toIntExact(server.ready().number("grpcPort")));
        return InferenceClient.grpc(trust, expectation, List.of(endpoint), InferenceOptions.defaults());
    }

    /// Fails if no real detection comes out of the server.
    static void assertDetects(ServiceTrust trust, PlatformControl.Enclave server) {
        try (InferenceClient client =
                grpc(trust, ModelExpectation.of("detector").acceptSimulated(), server)) {
            List<String> labels = List.of("ball", "cube", "duck", "marker");
            assertThat(ObjectDetector.of(client, labels).detect(SceneDrawing.draw(), 0.5))
                    .extracting(Detection::label)
                    .contains("cube", "ball");
        }
    }

    static HttpResponse<String> post(HttpClient client, URI address, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).timeout(PATIENCE).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// The log of an enclave, once it holds that text.
    static String awaitLog(Deployment deployment, String enclave, String text) throws Exception {
        Path log = deployment.folder().resolve("platform/logs").resolve(enclave + ".log");
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            String content = Files.exists(log) ? Files.readString(log) : "";
            if (content.contains(text)) {
                return content;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(log + " never said \"" + text + "\"");
    }

    /// The server with one byte of its own jar changed: the date of its first entry, which no class depends on.
    static EnclaveSpec withOneByteChanged(EnclaveSpec spec, Path folder) throws IOException {
        List<Path> classPath = new ArrayList<>(spec.parts().classPath());
        Path original = classPath.getFirst();
        byte[] jar = Files.readAllBytes(original);
        jar[12] ^= 1;
        Path changed = folder.resolve(original.getFileName());
        Files.write(changed, jar);
        classPath.set(0, changed);
        return spec.withParts(new EnclaveSpec.Parts(
                classPath, spec.parts().nativeLibraries(), spec.parts().data()));
    }

    /// The server's files with another main class in a jar of its own.
    static EnclaveSpec withMain(EnclaveSpec spec, Class<?> main, Path folder) throws Exception {
        String name = main.getName().replace('.', '/') + ".class";
        Path jar = folder.resolve("main.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry(name));
            Path classes = Path.of(
                    main.getProtectionDomain().getCodeSource().getLocation().toURI());
            out.write(Files.readAllBytes(classes.resolve(name)));
            out.closeEntry();
        }
        List<Path> classPath = new ArrayList<>(spec.parts().classPath());
        classPath.add(jar);
        return new EnclaveSpec(
                spec.name(),
                spec.javaHome(),
                new EnclaveSpec.Parts(
                        classPath, spec.parts().nativeLibraries(), spec.parts().data()),
                new EnclaveSpec.Call(spec.call().jvmOptions(), main.getName(), List.of()),
                spec.signature(),
                spec.evidence());
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
