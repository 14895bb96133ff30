package s3ml.client.cli;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.image.TfLiteLabels;
import s3ml.protocol.ModelManifest;
import s3ml.protocol.ModelPackageReader;
import s3ml.protocol.ModelPackageWriter;

/// `s3ml model`: encrypted packages.
@Command(
        name = "model",
        description = "Encrypted model packages.",
        mixinStandardHelpOptions = true,
        subcommands = {ModelCommand.Pack.class, ModelCommand.Inspect.class})
final class ModelCommand {
    private ModelCommand() {}

    /// `s3ml model pack`.
    @Command(
            name = "pack",
            description = {
                "Encrypt a model file into a package that may travel over any storage.",
                "The new package key goes to a file of its own: keep it, and give it to the AECS by `service model add`."
            })
    static final class Pack extends ReportingCommand {
        @Parameters(paramLabel = "MODEL", description = "a .tflite file")
        private Path model = Path.of("");

        @Option(names = "--name", required = true, description = "model name, as clients ask for it")
        private String name = "";

        @Option(names = "--version", required = true, description = "model version, for example 1")
        private String version = "";

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of NAME-VERSION.s3mlpkg")
        private Path folder = Path.of("");

        @Option(names = "--key-out", required = true, paramLabel = "FILE", description = "the new key file")
        private Path keyFile = Path.of("");

        @Option(
                names = "--labels",
                paramLabel = "FILE|A,B,..",
                description = "class names by index; default: the label_map.txt in the model file, if it has one")
        private @Nullable String labels;

        private Pack() {}

        /// A file that cannot be read is reported when it is packed.
        private static List<String> inside(Path model) {
            return Files.isReadable(model) ? TfLiteLabels.of(model) : List.of();
        }

        @Override
        Report run() {
            List<String> names = labels == null ? inside(model) : Labels.of(labels);
            ModelPackageWriter writer = new ModelPackageWriter(new SecureRandom());
            // Refuses bad names before a key is written.
            ModelPackageWriter.Title title = new ModelPackageWriter.Title(name, version, names);
            OwnerFiles.createFolder(folder);
            Path target = folder.resolve(title.fileName());
            try (SecretBytes key = writer.newKey()) {
                OwnerFiles.writePackageKey(keyFile, key);
                ModelPackageWriter.Packed packed = writer.pack(model, title, key, target);
                JsonObject.Builder document =
                        JsonObject.builder().put("package", target.toString()).put("keyFile", keyFile.toString());
                describe(document, packed.manifest(), packed.manifestDigest());
                List<String> lines = new ArrayList<>();
                lines.add("package     " + target);
                lines.add("key         " + keyFile + " (secret)");
                lines.addAll(lines(packed.manifest(), packed.manifestDigest()));
                return Report.done(document.build(), lines);
            }
        }
    }

    /// `s3ml model inspect`.
    @Command(
            name = "inspect",
            description = "Show what a package says of itself; with its key, decrypt and verify all of it.")
    static final class Inspect extends ReportingCommand {
        @Parameters(paramLabel = "PACKAGE", description = "a .s3mlpkg file")
        private Path file = Path.of("");

        @Option(names = "--key", paramLabel = "FILE", description = "the package's key file")
        private @Nullable Path keyFile;

        private Inspect() {}

        @Override
        Report run() {
            ModelPackageReader.Inspection found = ModelPackageReader.inspect(file);
            boolean verified = keyFile != null;
            if (keyFile != null) {
                verify(keyFile, found.manifestDigest());
            }
            JsonObject.Builder document = JsonObject.builder()
                    .put("package", file.toString())
                    .put("packageSize", found.fileBytes())
                    .put("verified", verified);
            describe(document, found.manifest(), found.manifestDigest());
            List<String> lines = new ArrayList<>();
            lines.add("package     " + file + " (" + found.fileBytes() + " bytes)");
            lines.addAll(lines(found.manifest(), found.manifestDigest()));
            lines.add(
                    verified
                            ? "verified    every segment opens with the key"
                            : "NOT VERIFIED: without the key this is only what the file says of itself");
            return Report.done(document.build(), lines);
        }

        private void verify(Path key, Digest manifestDigest) {
            try (SecretBytes secret = OwnerFiles.readPackageKey(key);
                    ModelPackageReader reader = ModelPackageReader.open(file, secret, manifestDigest);
                    Arena arena = Arena.ofConfined()) {
                reader.load(arena);
            }
        }
    }

    private static void describe(JsonObject.Builder document, ModelManifest manifest, Digest manifestDigest) {
        document.put("name", manifest.name())
                .put("version", manifest.version())
                .put("format", ModelManifest.FORMAT)
                .put("modelSize", manifest.modelSize())
                .put("modelDigest", manifest.modelDigest().hex())
                .put("manifestDigest", manifestDigest.hex())
                .put("labels", JsonArray.ofStrings(manifest.labels()));
    }

    private static List<String> lines(ModelManifest manifest, Digest manifestDigest) {
        return List.of(
                "model       " + manifest.name() + " version " + manifest.version() + ", " + ModelManifest.FORMAT + ", "
                        + manifest.modelSize() + " bytes",
                "model       SHA-256 " + manifest.modelDigest().hex(),
                "manifest    SHA-256 " + manifestDigest.hex(),
                "labels      " + (manifest.labels().isEmpty() ? "none" : String.join(", ", manifest.labels())));
    }
}
