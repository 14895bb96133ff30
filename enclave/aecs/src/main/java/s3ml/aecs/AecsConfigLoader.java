package s3ml.aecs;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Names;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Settings;
import s3ml.protocol.Signatures;

/// Reads `aecs.json`. All faults are told at once (`AECS-101`); unknown keys are refused.
///
/// ```json
/// {
///   "bind": "127.0.0.1", "port": 7443, "metricsPort": 7444, "peerCallsPerSecond": 2000,
///   "store": "sqlite:/var/lib/s3ml/aecs.db",
///   "rootFile": "/var/lib/s3ml/aecs.root",
///   "admins": ["BASE64 of a SubjectPublicKeyInfo"], "adminThreshold": 1,
///   "pccs": "http://127.0.0.1:8081",
///   "leaseSeconds": 3600, "challengeSeconds": 60, "ticketKeySeconds": 86400, "hpkeKeySeconds": 604800,
///   "peers": ["10.0.0.2:7443"], "acceptSigner": false, "create": false,
///   "witnesses": [{"address": "192.0.2.7:7450", "publicKey": "BASE64 as the witness prints it"}],
///   "witnessesNeeded": 1, "traceFile": ""
/// }
/// ```
///
/// `witnesses` (at most 8) are asked at each start for the newest log head they signed; storage that is behind it is
/// refused. `witnessesNeeded` of them must answer, or the AECS does not start; without it all must, with 0 it warns and
/// starts.
///
/// `traceFile` gets a span of each call whose caller records a trace, in lines of OTLP/JSON.
///
/// An etcd store can have `"etcdCa"`, `"etcdCertificate"` and `"etcdKey"`: PEM files for TLS with client certificates.
/// Required: `store`, `admins`, `pccs`; with an etcd store (`"etcd:10.0.0.5:2379,10.0.0.6:2379/prefix"`) also
/// `rootFile`, which otherwise is the SQLite file's name with `.root`.
public final class AecsConfigLoader {
    private static final int MAX_FILE_BYTES = 64 * 1024;
    private static final Set<String> KEYS = Set.of(
            "bind",
            "port",
            "metricsPort",
            "peerCallsPerSecond",
            "store",
            "etcdCa",
            "etcdCertificate",
            "etcdKey",
            "rootFile",
            "admins",
            "adminThreshold",
            "pccs",
            "leaseSeconds",
            "challengeSeconds",
            "ticketKeySeconds",
            "hpkeKeySeconds",
            "peers",
            "acceptSigner",
            "create",
            "witnesses",
            "witnessesNeeded",
            "traceFile");
    private static final Set<String> WITNESS_KEYS = Set.of("address", "publicKey");
    private static final int MAX_PORT = 65_535;
    private static final int MAX_RATE = 1_000_000;
    private static final int DAY = 86_400;

    private final Settings settings;

    private AecsConfigLoader(Settings settings) {
        this.settings = settings;
    }

    /// Reads the file.
    ///
    /// @throws S3mlException `AECS-101` listing everything that is wrong with it
    public static AecsConfig load(Path file) {
        return Settings.load(file, MAX_FILE_BYTES, AecsConfigLoader::read, AecsConfigLoader::refused)
                .orElseThrow();
    }

    /// Reads the text.
    ///
    /// @throws S3mlException `AECS-101` listing everything that is wrong with it
    public static AecsConfig parse(String json) {
        return Settings.parse(json, AecsConfigLoader::read, AecsConfigLoader::refused)
                .orElseThrow();
    }

    private static S3mlException refused(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "AECS-101",
                "refused the AECS configuration",
                why,
                "correct aecs.json after the sample in enclave/README.md",
                cause);
    }

    /// Empty only where there is a fault.
    private static Optional<AecsConfig> read(Settings settings) {
        return new AecsConfigLoader(settings).read();
    }

    private Optional<AecsConfig> read() {
        settings.onlyKeys(KEYS);
        AecsConfig.Listen listen = listen();
        Optional<AecsConfig.Store> store = store();
        Optional<Path> root = rootFile(store);
        AecsConfig.Bootstrap bootstrap = bootstrap();
        Optional<URI> pccs = pccs();
        AecsConfig.Times times = times();
        AecsConfig.Replicas replicas = new AecsConfig.Replicas(
                endpoints("peers", settings.texts("peers"), AecsConfig.MAX_PEERS),
                settings.flag("acceptSigner", false));
        AecsConfig.Witnesses witnesses = witnesses();
        Optional<Path> traceFile = settings.path("traceFile");
        if (store.isEmpty() || root.isEmpty() || pccs.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new AecsConfig(
                listen, store.get(), root.get(), bootstrap, pccs.get(), times, replicas, witnesses, traceFile));
    }

    private AecsConfig.Listen listen() {
        String bind = settings.text("bind").orElse("127.0.0.1");
        if (!Names.isAddress(bind)) {
            settings.fault("bind must be an IP address");
        }
        int port = settings.number("port", 0, 0, MAX_PORT);
        Optional<Integer> metrics = settings.object().has("metricsPort")
                ? Optional.of(settings.number("metricsPort", 0, 0, MAX_PORT))
                : Optional.empty();
        int rate = settings.number("peerCallsPerSecond", AecsConfig.Listen.PEER_CALLS_PER_SECOND, 1, MAX_RATE);
        return new AecsConfig.Listen(bind, port, metrics, rate);
    }

    private Optional<AecsConfig.Store> store() {
        Optional<String> text = settings.text("store");
        if (text.isEmpty()) {
            settings.fault("store is missing");
            return Optional.empty();
        }
        String store = text.get();
        if (store.startsWith("sqlite:") && store.length() > "sqlite:".length()) {
            return Optional.of(new AecsConfig.SqliteStore(Path.of(store.substring("sqlite:".length()))));
        }
        if (store.startsWith("etcd:")) {
            String rest = store.substring("etcd:".length());
            int slash = rest.indexOf('/');
            String prefix = slash < 0 ? "s3ml/aecs/" : rest.substring(slash + 1) + "/";
            String list = slash < 0 ? rest : rest.substring(0, slash);
            List<Endpoint> endpoints = endpoints("store", List.of(list.split(",", -1)), AecsConfig.MAX_PEERS);
            return endpoints.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new AecsConfig.EtcdStore(endpoints, prefix, etcdTls()));
        }
        settings.fault("store must be \"sqlite:FILE\" or \"etcd:HOST:PORT,...\"");
        return Optional.empty();
    }

    private Optional<EtcdConfig.Tls> etcdTls() {
        Optional<Path> ca = settings.text("etcdCa").map(Path::of);
        Optional<Path> certificate = settings.text("etcdCertificate").map(Path::of);
        Optional<Path> key = settings.text("etcdKey").map(Path::of);
        if (certificate.isPresent() != key.isPresent()) {
            settings.fault("etcdCertificate and etcdKey belong together");
            return Optional.empty();
        }
        if (certificate.isPresent() && ca.isEmpty()) {
            settings.fault("etcdCa is missing, without which the certificate is shown to anybody");
        }
        return ca.map(file -> new EtcdConfig.Tls(file, certificate, key));
    }

    private Optional<Path> rootFile(Optional<AecsConfig.Store> store) {
        Optional<String> given = settings.text("rootFile");
        if (given.isPresent()) {
            return given.map(Path::of);
        }
        if (store.isPresent() && store.get() instanceof AecsConfig.SqliteStore sqlite) {
            return Optional.of(sqlite.file().resolveSibling(sqlite.file().getFileName() + ".root"));
        }
        if (store.isPresent()) {
            settings.fault("rootFile is missing, which an etcd store needs");
        }
        return Optional.empty();
    }

    private AecsConfig.Bootstrap bootstrap() {
        List<String> admins = settings.texts("admins");
        if (admins.isEmpty() || admins.size() > Limits.ADMINS) {
            settings.fault("admins must be a list of 1 to " + Limits.ADMINS + " keys");
        }
        for (int i = 0; i < admins.size(); i++) {
            try {
                Signatures.publicKey(Base64.getDecoder().decode(admins.get(i)));
            } catch (IllegalArgumentException | S3mlException e) {
                settings.fault("admins[" + i + "] is no base64 of a P-256 SubjectPublicKeyInfo");
            }
        }
        if (Set.copyOf(admins).size() != admins.size()) {
            settings.fault("admins names a key twice");
        }
        int threshold = settings.number("adminThreshold", 1, 1, Math.max(1, admins.size()));
        return new AecsConfig.Bootstrap(admins, threshold, settings.flag("create", false));
    }

    private Optional<URI> pccs() {
        Optional<String> text = settings.text("pccs");
        if (text.isEmpty()) {
            settings.fault("pccs is missing");
            return Optional.empty();
        }
        return settings.web("pccs", text.get());
    }

    private AecsConfig.Witnesses witnesses() {
        List<JsonObject> given = settings.objects("witnesses");
        if (given.size() > AecsConfig.MAX_WITNESSES) {
            settings.fault("witnesses names more than " + AecsConfig.MAX_WITNESSES);
            return AecsConfig.Witnesses.NONE;
        }
        List<AecsConfig.Witness> all = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            JsonObject witness = given.get(i);
            try {
                witness.onlyMembers(WITNESS_KEYS);
                byte[] key = Base64.getDecoder().decode(witness.string("publicKey"));
                all.add(new AecsConfig.Witness(Endpoint.parse(witness.string("address")), Signatures.publicKey(key)));
            } catch (IllegalArgumentException | S3mlException e) {
                settings.fault("witnesses[" + i + "] needs an address (HOST:PORT) and a publicKey (base64): "
                        + e.getMessage());
            }
        }
        int needed = settings.number("witnessesNeeded", given.size(), 0, given.size());
        return all.size() == given.size() ? new AecsConfig.Witnesses(all, needed) : AecsConfig.Witnesses.NONE;
    }

    private AecsConfig.Times times() {
        AecsConfig.Times defaults = AecsConfig.Times.DEFAULT;
        return new AecsConfig.Times(
                settings.seconds("leaseSeconds", defaults.lease(), 1, DAY),
                settings.seconds("challengeSeconds", defaults.challenge(), 1, 300),
                settings.seconds("ticketKeySeconds", defaults.ticketKeys(), 60, 7 * DAY),
                settings.seconds("hpkeKeySeconds", defaults.hpkeKeys(), 60, 90 * DAY));
    }

    private List<Endpoint> endpoints(String name, List<String> texts, int most) {
        List<Endpoint> endpoints = new ArrayList<>();
        if (texts.size() > most) {
            settings.fault(name + " names more than " + most + " addresses");
            return endpoints;
        }
        for (String text : texts) {
            try {
                endpoints.add(Endpoint.parse(text));
            } catch (S3mlException | IllegalArgumentException e) {
                settings.fault(name + ": \"" + text + "\" is no HOST:PORT");
            }
        }
        return endpoints;
    }
}
