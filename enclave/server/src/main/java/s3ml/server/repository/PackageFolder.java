package s3ml.server.repository;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.protocol.Lease;
import s3ml.protocol.ModelPackageReader;
import s3ml.server.engine.ModelName;
import s3ml.server.tflite.ModelBuffer;

/// Encrypted packages in a folder that anybody may write: `NAME-VERSION.s3mlpkg`.
///
/// Faults: `SRV-302` the folder has no package for a released key; `SRV-303` the package says another name; and those
/// of
/// [ModelPackageReader].
final class PackageFolder {
    private final Path folder;

    PackageFolder(Path folder) {
        this.folder = folder;
    }

    /// A model that was opened.
    ///
    /// @param labels class names of its package
    record Opened(ModelBuffer buffer, List<String> labels) {}

    /// Whether the folder has a file for this model; says nothing about its contents.
    boolean has(ModelName model) {
        return Files.isRegularFile(file(model));
    }

    /// Size of the package file: a bound for the model in it.
    long size(ModelName model) {
        return file(model).toFile().length();
    }

    /// Opens the package by its key, straight into memory outside the heap.
    Opened open(Lease.ModelKey key) {
        ModelName model = new ModelName(key.name(), key.version());
        if (!has(model)) {
            throw new S3mlException(
                    "SRV-302",
                    "cannot load model \"" + model + "\"",
                    "there is no file " + file(model).getFileName() + " in " + folder,
                    "put the package into the folder of packages");
        }
        try (ModelPackageReader reader = ModelPackageReader.open(file(model), key.packageKey(), key.manifestDigest())) {
            String packed = reader.manifest().name() + ":" + reader.manifest().version();
            if (!packed.equals(model.toString())
                    || !reader.manifest().modelDigest().equals(key.modelDigest())) {
                throw new S3mlException(
                        "SRV-303",
                        "refused the package of model \"" + model + "\"",
                        "its manifest is for " + packed + " or another model file",
                        "pack the model again and register that package");
            }
            return new Opened(
                    ModelBuffer.filledBy(reader::load), reader.manifest().labels());
        }
    }

    private Path file(ModelName model) {
        // Names come from the attested lease, but a path is built from them: nothing but plain words gets through.
        String plain = (model.name() + "-" + model.version()).replaceAll("[^A-Za-z0-9._-]", "_");
        return folder.resolve(plain + ".s3mlpkg");
    }
}
