package s3ml.sim.deployment;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.PccsClient;
import s3ml.attest.Policy;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.ServiceDirectory;
import s3ml.client.admin.AdminClient;
import s3ml.client.cli.OwnerFiles;
import s3ml.client.image.TfLiteLabels;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ModelPackageWriter;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.ServiceTrust;
import s3ml.protocol.Signatures;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;
import s3ml.sim.loader.PlatformProcess;
import s3ml.wire.aecs.CreateService;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.SetPolicy;

/// One simulated platform with one AECS, and the services and servers that are added to it. Not thread-safe but where a
/// method says so. Closing it ends every process that it started.
public final class Deployment implements AutoCloseable {
    /// Start-up takes a few seconds; a loaded machine several times that.
    private static final Duration START = Duration.ofSeconds(60);

    private final Distribution distribution;
    private final Path folder;
    private final PlatformProcess platform;
    private final KeyPair adminKeys = Signatures.generate();
    private final SecureRandom random = new SecureRandom();

    private Deployment(Distribution distribution, Path folder, PlatformProcess platform) {
        this.distribution = distribution;
        this.folder = folder;
        this.platform = platform;
    }

    /// Starts a platform that keeps everything in that folder.
    public static Deployment start(Distribution distribution, Path folder) {
        try {
            Files.createDirectories(folder.resolve("packages"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PlatformProcess platform = PlatformProcess.start(
                distribution.platformCommand(folder.resolve("platform")), folder.resolve("platform.log"));
        return new Deployment(distribution, folder.toAbsolutePath(), platform);
    }

    /// Its processes, and what may be done to them.
    public PlatformControl control() {
        return platform.control();
    }

    /// `sha256:HEX` of the platform's root, which policies name.
    public String root() {
        return platform.root();
    }

    /// Address of the PCCS.
    public URI pccs() {
        return URI.create(platform.pccs());
    }

    public Path folder() {
        return folder;
    }

    /// The folder of encrypted packages, which anybody may read and write.
    public Path packages() {
        return folder.resolve("packages");
    }

    /// Starts the AECS over a SQLite file, and attests it under a policy that names what this build measures.
    public AecsSession startAecs() {
        return startAecs(aecsConfig(sqlite()).build());
    }

    /// A SQLite file in the folder, as a store is named in `aecs.json`.
    public String sqlite() {
        return "sqlite:" + folder.resolve("aecs.db");
    }

    /// An AECS's configuration, to which a caller may add.
    ///
    /// @param store as in `aecs.json`
    public JsonObject.Builder aecsConfig(String store) {
        return JsonObject.builder()
                .put("bind", "127.0.0.1")
                .put("port", 0)
                .put("metricsPort", 0)
                .put("store", store)
                .put(
                        "admins",
                        JsonArray.ofStrings(List.of(Base64.getEncoder()
                                .encodeToString(adminKeys.getPublic().getEncoded()))))
                .put("pccs", platform.pccs());
    }

    /// Starts the AECS as configured, and attests it under a policy that names what this build measures.
    public AecsSession startAecs(JsonObject configuration) {
        Path config = folder.resolve("aecs.json");
        write(config, configuration);
        EnclaveSpec spec = distribution.spec(Distribution.Kind.AECS).started("aecs", List.of(config.toString()));
        long began = System.nanoTime();
        control().start(spec);
        // The owner measures the build on its own: the platform is not asked what it started.
        Digest expected = EnclaveMeasurement.of(spec).mrEnclave();
        String policy = Policies.naming(root(), expected);
        write(folder.resolve("aecs-policy.json"), policy);
        PlatformControl.Enclave enclave = control().await("aecs", START);
        Duration untilReady = Duration.ofNanos(System.nanoTime() - began);
        Endpoint endpoint =
                new Endpoint("127.0.0.1", Math.toIntExact(enclave.ready().number("port")));
        return new AecsSession(endpoint, new Started(enclave, untilReady), policy);
    }

    private record Started(PlatformControl.Enclave enclave, Duration untilReady) {}

    /// Writes the key of the AECS admin, for people who go on by the command line. Only a simulation may do that.
    public void keepAdminKey() {
        OwnerFiles.writeAdminKey(folder.resolve("admin.key"), adminKeys);
    }

    /// An attested AECS and what owners do with it.
    public final class AecsSession implements AutoCloseable {
        private final Endpoint endpoint;
        private final Started started;
        private final String policy;
        private final AecsVerifier verifier;
        private final AecsChannel channel;
        private final AdminClient admin;

        private AecsSession(Endpoint endpoint, Started started, String policy) {
            this.endpoint = endpoint;
            this.started = started;
            this.policy = policy;
            CollateralSource collateral = PccsClient.at(pccs());
            this.verifier = new AecsVerifier(
                    new Appraiser(NativeCrypto.provider()), Policy.parse(policy), collateral, InstantSource.system());
            this.channel = connect();
            this.admin = new AdminClient(channel, adminKeys);
        }

        public Endpoint endpoint() {
            return endpoint;
        }

        /// Port of its metrics page.
        public int metricsPort() {
            return Math.toIntExact(started.enclave.ready().number("metricsPort"));
        }

        /// Its process.
        public long pid() {
            return started.enclave.pid();
        }

        /// From its start until it was ready.
        public Duration untilReady() {
            return started.untilReady;
        }

        /// One more connection to it, which attests it anew. The caller closes it.
        public AecsChannel connect() {
            return new AecsChannel(List.of(endpoint), verifier, random);
        }

        /// The policy under which it is trusted, as JSON.
        public String policy() {
            return policy;
        }

        /// What it proved.
        public AttestedAecs attested() {
            return channel.attested();
        }

        /// The connection, for calls that are not made here.
        public AecsChannel channel() {
            return channel;
        }

        /// The AECS admin.
        public AdminClient admin() {
            return admin;
        }

        /// Creates a service, which trusts nobody yet, for certificates with the names `localhost` and `127.0.0.1`.
        public Service createService(String name) {
            AdminClient owner = new AdminClient(channel, Signatures.generate());
            admin.execute(command -> command.setCreateService(CreateService.newBuilder()
                    .setService(name)
                    .setServiceAdminKey(owner.publicKey())
                    .addNames("localhost")
                    .addNames("127.0.0.1")));
            return new Service(this, name, owner);
        }

        /// What a client learns of a service, signed by the attested AECS.
        public ServiceTrust trust(String service) {
            return new ServiceDirectory(channel, verifier).describe(service);
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    /// A service of the AECS and its owner.
    ///
    /// @param owner signs for it
    public record Service(AecsSession aecs, String name, AdminClient owner) {
        /// Releases keys to what this policy trusts, from now on.
        ///
        /// @param seenEpoch the policy epoch that the owner saw; 0 at first
        public void setPolicy(String policy, long seenEpoch) {
            owner.execute(command -> command.setExpectedVersion(seenEpoch)
                    .setSetPolicy(
                            SetPolicy.newBuilder().setService(name).setPolicyJson(ByteString.copyFromUtf8(policy))));
        }

        /// Gives the AECS the key of a package, sealed to its attested key.
        public void putModelKey(ModelPackageWriter.Packed model, SecretBytes key) {
            owner.execute((command, attested) -> command.setPutModelKey(AecsMessages.sealModelKey(
                    attested.hpkePublicKey(),
                    PutModelKey.newBuilder()
                            .setService(name)
                            .setName(model.manifest().name())
                            .setVersion(model.manifest().version())
                            .setManifestDigest(
                                    ByteString.copyFrom(model.manifestDigest().bytes()))
                            .setModelDigest(ByteString.copyFrom(
                                    model.manifest().modelDigest().bytes()))
                            .build(),
                    key)));
        }
    }

    /// Encrypts a model into the folder of packages. May run beside other calls.
    ///
    /// @param key 32 bytes, for this package only
    public ModelPackageWriter.Packed pack(Path model, String name, String version, SecretBytes key) {
        return new ModelPackageWriter(random)
                .pack(
                        model,
                        new ModelPackageWriter.Title(name, version, TfLiteLabels.of(model)),
                        key,
                        packages().resolve(name + "-" + version + ".s3mlpkg"));
    }

    /// Lets the service's keys go to that build and to no other: its first policy.
    public void admit(Service service, EnclaveSpec build) {
        service.setPolicy(Policies.naming(root(), EnclaveMeasurement.of(build).mrEnclave()), 0);
    }

    /// Encrypts a model under a fresh key into the folder of packages, as version 1, and gives the key to the AECS.
    public ModelPackageWriter.Packed addModel(Service service, Path model, String name) {
        try (SecretBytes key = newPackageKey()) {
            ModelPackageWriter.Packed packed = pack(model, name, "1", key);
            service.putModelKey(packed, key);
            return packed;
        }
    }

    /// A fresh package key.
    public SecretBytes newPackageKey() {
        return new ModelPackageWriter(random).newKey();
    }

    /// The model server of this build, which trusts that AECS only: the policy is measured with it.
    public EnclaveSpec serverSpec() {
        return distribution
                .spec(Distribution.Kind.SERVER)
                .withData("aecs-policy.json", folder.resolve("aecs-policy.json"));
    }

    /// A server's configuration, to which a caller may add.
    ///
    /// @param ports REST and gRPC; 0 lets the system choose
    public JsonObject.Builder serverConfig(Service service, Ports ports) {
        return JsonObject.builder()
                .put("service", service.name())
                .put(
                        "aecs",
                        JsonArray.ofStrings(List.of(service.aecs().endpoint().toString())))
                .put("pccs", platform.pccs())
                .put("packages", packages().toString())
                .put("restPort", ports.rest())
                .put("grpcPort", ports.grpc())
                .put("metricsPort", 0)
                .put("reusePort", ports.shared());
    }

    /// Ports of a server.
    ///
    /// @param shared whether other servers listen on the same
    public record Ports(int rest, int grpc, boolean shared) {
        public static final Ports CHOSEN_BY_SYSTEM = new Ports(0, 0, false);
    }

    /// Starts a server of a service, as it is configured when nothing else is said, and waits until it is ready.
    public PlatformControl.Enclave startServer(String name, EnclaveSpec spec, Service service) {
        return startServer(
                        name,
                        spec,
                        serverConfig(service, Ports.CHOSEN_BY_SYSTEM).build())
                .join();
    }

    /// Starts a server, and returns at once. May run beside other calls.
    public CompletableFuture<PlatformControl.Enclave> startServer(String name, EnclaveSpec spec, JsonObject config) {
        return startServer(name, spec, config, Optional.empty());
    }

    /// As the other, on an emulated host whose EPC its models share.
    ///
    /// @param paged a file of [s3ml.sim.epc.PagedModels]
    public CompletableFuture<PlatformControl.Enclave> startServer(
            String name, EnclaveSpec spec, JsonObject config, Optional<Path> paged) {
        Path file = folder.resolve(name + ".json");
        write(file, config);
        List<String> arguments = new ArrayList<>(List.of(file.toString()));
        paged.ifPresent(path -> arguments.add(path.toAbsolutePath().toString()));
        EnclaveSpec started = spec.started(name, arguments);
        CompletableFuture<PlatformControl.Enclave> result = new CompletableFuture<>();
        Thread.ofVirtual().name("start-" + name).start(() -> {
            try {
                result.complete(control().load(started, START));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /// Keeps a text in the folder, for people to use.
    public void keep(String name, String text) {
        write(folder.resolve(name), text);
    }

    private static void write(Path file, JsonObject json) {
        write(file, Json.writePretty(json));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text.endsWith("\n") ? text : text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        platform.close();
    }
}
