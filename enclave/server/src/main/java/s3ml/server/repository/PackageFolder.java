package s3ml.server.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.protocol.Lease;
import s3ml.protocol.ModelPackageReader;
import s3ml.protocol.NativeCrypto;
import s3ml.server.engine.ModelName;
import s3ml.server.tflite.ModelBuffer;

/// Encrypted packages in a folder that anybody may write, `NAME-VERSION.s3mlpkg`, and perhaps a store that the folder
/// is filled from. Not thread-safe.
///
/// A package that lies in the folder and is the one that the lease names is not asked for again. One that is another,
/// or was refused, is fetched when the store has a new one.
///
/// Faults: `SRV-302` the folder has no package for a released key; `SRV-303` the package says another name; `SRV-307`
/// the file of authorities cannot be used; `SRV-308` the folder of fetched packages cannot be written; and those of
/// [ModelPackageReader] and [StoreClient].
final class PackageFolder {
    private final Path folder;
    private final Optional<PackageOrigin.Store> store;
    private final @Nullable StoreClient client;

    /// What the store said of a file that was refused, by model.
    private final Map<ModelName, String> refused = new HashMap<>();

    PackageFolder(PackageOrigin origin) {
        this.folder = origin.folder();
        this.store = origin instanceof PackageOrigin.Store remote ? Optional.of(remote) : Optional.empty();
        this.client = store.map(remote -> new StoreClient(tls(remote), remote.largest()))
                .orElse(null);
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

    /// Fetches the package if there is a store and the folder does not have the right one.
    void prepare(Lease.ModelKey key) {
        if (client == null || store.isEmpty()) {
            return;
        }
        ModelName model = new ModelName(key.name(), key.version());
        if (!refused.containsKey(model) && isThere(key)) {
            return;
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw unusable(e);
        }
        Path file = file(model);
        client.fetch(store.get().address(model.toString(), file.getFileName().toString()), file);
    }

    private boolean isThere(Lease.ModelKey key) {
        Path file = file(new ModelName(key.name(), key.version()));
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (ModelPackageReader reader = ModelPackageReader.open(file, key.packageKey(), key.manifestDigest())) {
            return reader.manifest().modelDigest().equals(key.modelDigest());
        } catch (S3mlException another) {
            return false;
        }
    }

    /// Opens the package by its key, straight into memory outside the heap.
    Opened open(Lease.ModelKey key) {
        ModelName model = new ModelName(key.name(), key.version());
        try {
            Opened opened = opened(model, key);
            refused.remove(model);
            return opened;
        } catch (S3mlException failure) {
            if (store.isPresent()) {
                remember(model);
            }
            throw failure;
        }
    }

    /// Fetched once more, since the folder may have spoilt it; if that gives the same, only when the store has another.
    private void remember(ModelName model) {
        Path file = file(model);
        try {
            String validator = StoreClient.validator(file);
            if (!validator.equals(refused.put(model, validator))) {
                StoreClient.forget(file);
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private S3mlException unusable(IOException cause) {
        return new S3mlException(
                "SRV-308",
                "cannot use the folder of fetched packages",
                folder + ": " + cause,
                "let packageCache name a folder that this server may write",
                cause);
    }

    private Opened opened(ModelName model, Lease.ModelKey key) {
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

    /// The store's certificate is checked so that a signed address goes to the store and nobody else; what comes back
    /// is authenticated by the package itself.
    private static @Nullable SSLSocketFactory tls(PackageOrigin.Store store) {
        boolean secure = "https".equalsIgnoreCase(store.base().getScheme())
                || store.exact().values().stream().anyMatch(uri -> "https".equalsIgnoreCase(uri.getScheme()));
        if (!secure) {
            return null;
        }
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(
                    store.authorities().isPresent()
                            ? authorities(store.authorities().get())
                            : null);
            SSLContext context = SSLContext.getInstance("TLS", NativeCrypto.provider());
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw new S3mlException(
                    "SRV-307",
                    "cannot make TLS connections to the store of packages",
                    String.valueOf(e.getMessage()),
                    "let packageCa name a PEM file of certificates",
                    e);
        }
    }

    private static KeyStore authorities(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + ++number, each);
            }
            if (number == 0) {
                throw new IOException(file + " has no certificate");
            }
        }
        return store;
    }
}
