package s3ml.sim.loader;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import s3ml.attest.Platform;
import s3ml.sim.platform.EvidenceKind;

/// Builds the jar of [ProbeEnclave] and describes it for the loader.
final class Probes {
    static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m");

    private Probes() {}

    /// A jar with the probe's class, and one more entry that tells it from others.
    static Path jar(Path folder, String salt) throws IOException {
        Path jar = folder.resolve("probe.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            String name = ProbeEnclave.class.getName().replace('.', '/') + ".class";
            put(out, name, Files.readAllBytes(location(ProbeEnclave.class).resolve(name)));
            put(out, "salt", salt.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return jar;
    }

    private static void put(JarOutputStream out, String name, byte[] content) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setLastModifiedTime(FileTime.fromMillis(0));
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    static EnclaveSpec spec(String name, Path probeJar) {
        return new EnclaveSpec(
                name,
                Path.of(System.getProperty("java.home")),
                new EnclaveSpec.Parts(
                        List.of(probeJar, location(EnclaveSpec.class), location(Platform.class)), List.of(), Map.of()),
                new EnclaveSpec.Call(OPTIONS, ProbeEnclave.class.getName(), List.of()),
                new EnclaveSpec.SignerStatement(Optional.empty(), 1, 1, false),
                EvidenceKind.SGX_V3);
    }

    /// The jar, or the folder, that a class was loaded from.
    static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
