package s3ml.lab.reproduce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.Release;

/// A clone of a repository, built under one [Variation]; and the digests of what came out.
///
/// Codes: `LAB-141` a step of the build failed.
final class CleanBuild {
    private static final String SBOM = "s3ml-sbom.json";

    /// All modules but the lab, which is never released.
    private static final String RELEASED = "-pl '!lab'";

    /// Where enclaves' run-time images and class archives are kept.
    private static final String RUNTIME = "target/runtime/";

    private final Variation variation;
    private final Path clone;
    private final Path images;
    private final Path distribution;
    private final Path locales;
    private final Path log;

    private CleanBuild(Variation variation, Path scratch) {
        this.variation = variation;
        this.clone = scratch.resolve(variation.folder()).resolve("s3ml");
        this.images = clone.resolve("target/images");
        this.distribution = clone.resolve("target/s3ml-server");
        this.locales = scratch.resolve("locales");
        this.log = scratch.resolve(variation.user() + ".log");
    }

    /// Clones and builds.
    static CleanBuild of(Path repository, Variation variation, Path scratch) {
        CleanBuild build = new CleanBuild(variation, scratch);
        try {
            Files.createDirectories(build.clone.getParent());
            build.compileLocale();
            build.run(scratch, "git", "clone", "-q", "--no-hardlinks", repository.toString(), build.clone.toString());
            build.run(build.clone, "bash", "-c", "git ls-files -z | xargs -0 touch -h -d " + variation.touched());
            build.run(
                    build.clone,
                    "bash",
                    "-c",
                    "umask " + variation.umask()
                            + "; exec mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip " + RELEASED
                            + " package cyclonedx:makeAggregateBom");
            build.java("deploy/images", "s3ml.images.ImagesMain", "--output", build.images.toString());
            build.java("deploy/images", "s3ml.images.DistributionMain", "--output", build.distribution.toString());
            build.java(
                    "sim",
                    "s3ml.sim.cli.S3mlSim",
                    "reference-values",
                    "--out",
                    build.clone.resolve("target/reference-values.json").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build;
    }

    /// Few machines have each locale, most can make one; where it cannot be made, the JVM's options stand for it.
    private void compileLocale() throws IOException {
        Files.createDirectories(locales);
        String[] parts = variation.locale().split("\\.", -1);
        Path compiled = locales.resolve(variation.locale());
        run(
                locales,
                "bash",
                "-c",
                "localedef --no-archive -i " + parts[0] + " -f " + parts[1] + " '" + compiled + "' || true");
    }

    private void java(String wing, String main, String... arguments) throws IOException {
        String jar = "s3ml-" + wing.substring(wing.lastIndexOf('/') + 1) + "-" + Release.VERSION + ".jar";
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(variation.javaOptions());
        command.addAll(List.of(
                "-Ds3ml.home=" + clone,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                clone.resolve(wing + "/target/" + jar) + ":" + clone.resolve(wing + "/target/lib") + "/*",
                main));
        command.addAll(List.of(arguments));
        List<String> quoted = command.stream().map(word -> "'" + word + "'").toList();
        run(clone, "bash", "-c", "umask " + variation.umask() + "; exec " + String.join(" ", quoted));
    }

    private void run(Path folder, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(variation.environment(locales));
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            int status = builder.start().waitFor();
            if (status != 0) {
                throw new S3mlException(
                        "LAB-141",
                        "a step of the build failed",
                        String.join(" ", command) + " ended with " + status,
                        "see " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new S3mlException("LAB-141", "the build was interrupted", "", "start it again", e);
        }
    }

    /// Digest of every artifact by its path below the clone: our jars and those they run with, native libraries, the
    /// run-time image and class archives of enclaves, OCI images, the model
    /// server as a folder, reference values, bill of materials.
    Map<String, String> artifacts() {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> all = Files.walk(clone)) {
            all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(this::isArtifact)
                    .forEach(file -> digests.put(clone.relativize(file).toString(), digest(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }

    private boolean isArtifact(Path file) {
        String path = clone.relativize(file).toString();
        if (file.startsWith(images)) {
            return !file.startsWith(images.resolve("cache"));
        }
        if (file.startsWith(distribution)) {
            return true;
        }
        if (path.startsWith(RUNTIME)) {
            return !path.equals(RUNTIME + "lock");
        }
        boolean built = path.contains("/target/") || path.startsWith("target/");
        return built
                && (path.endsWith(".jar")
                        || path.endsWith(".so")
                        || path.endsWith(SBOM)
                        || path.endsWith("target/reference-values.json"));
    }

    private static String digest(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (var out = new DigestOutputStream(java.io.OutputStream.nullOutputStream(), digest)) {
                Files.copy(file, out);
            }
            return Digest.ofBytes(digest.digest()).hex();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
