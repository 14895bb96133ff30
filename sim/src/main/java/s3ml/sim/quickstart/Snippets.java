package s3ml.sim.quickstart;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import s3ml.client.ModelMetadata;
import s3ml.client.PemText;
import s3ml.client.image.Pictures;
import s3ml.protocol.Release;

/// What a reader can paste into a terminal while the quickstart runs: requests by curl over plain TLS with the attested
/// service's CA, and a Java program which attests the AECS itself.
///
/// @param folder where the files for it are written
/// @param home root of the built tree
/// @param rest port of REST
/// @param aecs HOST:PORT of the AECS
/// @param pccs address of the simulated PCCS
record Snippets(Path folder, Path home, int rest, String aecs, String pccs) {
    private static final String MODEL = "detector";

    /// Writes the files and returns the text.
    String write(X509Certificate ca, ModelMetadata metadata, BufferedImage picture) {
        try {
            Files.writeString(folder.resolve("ca.pem"), PemText.of(ca));
            int header = writeRequest(metadata, picture);
            Files.writeString(folder.resolve("Detect.java"), program());
            return text(header);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A request with the binary tensor extension; returns the length of its JSON part.
    private int writeRequest(ModelMetadata metadata, BufferedImage picture) throws IOException {
        ModelMetadata.TensorInfo input = metadata.inputs().getFirst();
        int height = Math.toIntExact(input.shape().get(1));
        int width = Math.toIntExact(input.shape().get(2));
        float[] pixels = Pictures.normalised(picture, width, height);
        ByteBuffer data = ByteBuffer.allocate(pixels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(pixels);
        byte[] header = ("{\"inputs\":[{\"name\":\"" + input.name() + "\",\"datatype\":\"FP32\",\"shape\":[1," + height
                        + "," + width + ",3],\"parameters\":{\"binary_data_size\":" + data.capacity() + "}}]}")
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream(header.length + data.capacity());
        body.writeBytes(header);
        body.writeBytes(data.array());
        Files.write(folder.resolve("request.bin"), body.toByteArray());
        return header.length;
    }

    private String text(int headerLength) {
        String address = "https://127.0.0.1:" + rest;
        return """

                While this runs, paste into another terminal (the CA was told by the attested AECS; nothing else is needed):

                  curl --cacert %1$s/ca.pem %2$s/v2/models/detector
                  curl --cacert %1$s/ca.pem %2$s/v2/models/detector/infer \\
                    -H 'Inference-Header-Content-Length: %3$d' -H 'Content-Type: application/octet-stream' \\
                    --data-binary @%1$s/request.bin

                What this server is, verified from outside (SIMULATED; s3ml-heads.json remembers the log for the next time):

                  %5$s/s3ml verify %2$s --aecs-policy %1$s/aecs-policy.json \\
                    --policy %1$s/service-policy.json --pccs %6$s

                Detections from Java, attesting the AECS first (%1$s/Detect.java):

                  %4$s/bin/java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
                    -cp '%5$s/client/target/s3ml-client-%7$s.jar:%5$s/client/target/lib/*' %1$s/Detect.java
                """.formatted(
                        folder, address, headerLength, System.getProperty("java.home"), home, pccs, Release.VERSION);
    }

    private String program() {
        return """
                import java.net.URI;
                import java.nio.file.*;
                import java.security.SecureRandom;
                import java.time.InstantSource;
                import java.util.List;
                import s3ml.attest.*;
                import s3ml.client.*;
                import s3ml.client.image.*;
                import s3ml.protocol.*;

                void main() throws Exception {
                    Policy policy = Policy.parse(Files.readString(Path.of("%1$s/aecs-policy.json")));
                    AecsVerifier verifier = new AecsVerifier(new Appraiser(NativeCrypto.provider()), policy,
                            PccsClient.at(URI.create("%2$s")), InstantSource.system());
                    try (AecsChannel aecs = new AecsChannel(List.of(Endpoint.parse("%3$s")), verifier, new SecureRandom())) {
                        ServiceTrust trust = new ServiceDirectory(aecs, verifier).describe("%4$s");
                        ModelExpectation expected = ModelExpectation.of("%4$s").acceptSimulated();
                        try (InferenceClient client = InferenceClient.rest(trust, expected,
                                List.of(new Endpoint("127.0.0.1", %5$d)), InferenceOptions.defaults())) {
                            ObjectDetector.of(client, List.of("ball", "cube", "duck", "marker"))
                                    .detect(SceneDrawing.draw(), 0.5)
                                    .forEach(IO::println);
                        }
                    }
                }
                """.formatted(folder, pccs, aecs, MODEL, rest);
    }
}
