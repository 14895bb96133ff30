package s3ml.server;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Settings;
import s3ml.protocol.access.AccessRules;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.WarmUp;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.PackageOrigin;
import s3ml.server.repository.RepositorySettings;
import s3ml.server.repository.VersionPolicy;

/// Reads `server.json`. All faults are told at once (`SRV-321`); unknown keys are refused.
///
/// ```json
/// {
///   "service": "detector",
///   "aecs": ["127.0.0.1:7443"], "pccs": "http://127.0.0.1:8081",
///   "packages": "/var/lib/s3ml/packages", "packagePollSeconds": 30, "maxPackageMegabytes": 2048,
///   "bind": "127.0.0.1", "restPort": 8000, "grpcPort": 8001,
///   "metricsBind": "127.0.0.1", "metricsPort": 8002,
///   "reusePort": false, "ioThreads": 1, "instances": 1, "threads": 2,
///   "maxRequestMegabytes": 32, "maxConnections": 1000, "queueMegabytes": 64, "memoryBudgetMegabytes": 0,
///   "requestSeconds": 30, "idleSeconds": 120, "connectionSeconds": 300, "drainSeconds": 30,
///   "access": {"anonymous": {"infer": ["*"]}}, "receipts": false, "traceFile": "",
///   "models": {
///     "detector": {
///       "versions": "latest:1", "maxBatch": 1, "maxDelayMicroseconds": 0, "preferredBatches": [], "queueLimit": 64,
///       "longestWaitMilliseconds": 0,
///       "warmUpRuns": 1, "warmUpInputs": {},
///       "labels": {"stable": "1"}, "canary": {"1": 90, "2": 10}
///     }
///   }
/// }
/// ```
///
/// Required: `service`, `aecs`, `pccs`, `packages`; the rest has the values shown (`threads`: the number of processors
/// divided by `instances`, which are the copies of each model that run side by side; `memoryBudgetMegabytes` 0: no
/// limit). `packages` may be an `http` or `https` address, for example of a bucket; then `packageCache` names the
/// folder for what was fetched, `packageUrls` may hold signed addresses (`{"detector:1": "https://..."}`) and
/// `packageCa` a PEM file with the CA of the store. A package that is missing is asked for every `packagePollSeconds`
/// (0: only with a new lease). `versions` is `latest:N`, `all` or a list of versions. `warmUpInputs` names files with
/// recorded inputs (`{"image": "image.raw"}`); without them a model is warmed up on zeros.
public final class ServerConfigLoader {
    private static final int MAX_FILE_BYTES = 256 * 1024;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_THREADS = 256;
    private static final int MAX_MEGABYTES = 1 << 20;
    private static final int MAX_REQUEST_MEGABYTES = 1024;
    private static final int MAX_CONNECTIONS = 100_000;
    private static final Duration STANDARD_POLL = Duration.ofSeconds(30);
    private static final Set<String> KEYS = Set.of(
            "service",
            "aecs",
            "pccs",
            "packages",
            "packageCache",
            "packageUrls",
            "packageCa",
            "packagePollSeconds",
            "maxPackageMegabytes",
            "bind",
            "restPort",
            "grpcPort",
            "metricsBind",
            "metricsPort",
            "reusePort",
            "ioThreads",
            "instances",
            "threads",
            "maxRequestMegabytes",
            "maxConnections",
            "queueMegabytes",
            "memoryBudgetMegabytes",
            "requestSeconds",
            "idleSeconds",
            "connectionSeconds",
            "drainSeconds",
            "access",
            "receipts",
            "traceFile",
            "models");
    private static final Set<String> MODEL_KEYS = Set.of(
            "versions",
            "maxBatch",
            "maxDelayMicroseconds",
            "preferredBatches",
            "queueLimit",
            "longestWaitMilliseconds",
            "warmUpRuns",
            "warmUpInputs",
            "labels",
            "canary");

    private final Settings settings;

    private ServerConfigLoader(Settings settings) {
        this.settings = settings;
    }

    /// Reads the file.
    ///
    /// @throws S3mlException `SRV-321` listing everything that is wrong with it
    public static ServerConfig load(Path file) {
        return Settings.load(file, MAX_FILE_BYTES, ServerConfigLoader::read, ServerConfigLoader::refused);
    }

    /// Reads the text.
    ///
    /// @throws S3mlException `SRV-321` listing everything that is wrong with it
    public static ServerConfig parse(String json) {
        return Settings.parse(json, ServerConfigLoader::read, ServerConfigLoader::refused);
    }

    private static S3mlException refused(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "SRV-321",
                "refused the configuration of the model server",
                why,
                "correct server.json after the sample in enclave/README.md",
                cause);
    }

    private static ServerConfig read(Settings settings) {
        return new ServerConfigLoader(settings).read();
    }

    private ServerConfig read() {
        settings.onlyKeys(KEYS);
        String service = required("service");
        List<Endpoint> aecs = endpoints();
        String pccs = required("pccs");
        // What is missing was told, and need not be told as no address, too.
        URI collateral =
                pccs.isEmpty() ? URI.create("") : settings.web("pccs", pccs).orElse(URI.create(""));
        PackageOrigin packages = new PackageOriginReader(settings).read();
        ServerConfig.Listen listen = listen();
        ServerConfig.Limits limits = limits();
        int instances = settings.number("instances", 1, 1, MAX_THREADS);
        int threads = settings.number("threads", threads(instances), 1, MAX_THREADS);
        long budget = (long) settings.number("memoryBudgetMegabytes", 0, 0, MAX_MEGABYTES) << 20;
        Duration poll = settings.seconds("packagePollSeconds", STANDARD_POLL, 0, 86_400);
        RepositorySettings repository = new RepositorySettings(packages, poll, instances, threads, budget, models());
        return new ServerConfig(service, aecs, collateral, listen, limits, callers(), repository);
    }

    private static int threads(int instances) {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / instances);
    }

    private ServerConfig.Listen listen() {
        ServerConfig.Listen standard = ServerConfig.Listen.DEFAULT;
        return new ServerConfig.Listen(
                settings.text("bind").orElse(standard.bind()),
                settings.number("restPort", standard.restPort(), 0, MAX_PORT),
                settings.number("grpcPort", standard.grpcPort(), 0, MAX_PORT),
                settings.text("metricsBind").orElse(standard.metricsBind()),
                settings.number("metricsPort", standard.metricsPort(), 0, MAX_PORT),
                settings.flag("reusePort", standard.reusePort()),
                settings.number("ioThreads", standard.ioThreads(), 1, MAX_THREADS));
    }

    private ServerConfig.Callers callers() {
        return new ServerConfig.Callers(
                settings.attempt(json -> json.optionalObject("access").map(AccessRules::of)),
                settings.flag("receipts", ServerConfig.Callers.DEFAULT.receipts()),
                settings.path("traceFile"));
    }

    private ServerConfig.Limits limits() {
        ServerConfig.Limits standard = ServerConfig.Limits.DEFAULT;
        return new ServerConfig.Limits(
                settings.number("maxRequestMegabytes", standard.requestBytes() >> 20, 1, MAX_REQUEST_MEGABYTES) << 20,
                settings.number("maxConnections", standard.connections(), 1, MAX_CONNECTIONS),
                (long) settings.number("queueMegabytes", (int) (standard.queuedBytes() >> 20), 1, MAX_MEGABYTES) << 20,
                seconds("requestSeconds", standard.request()),
                seconds("idleSeconds", standard.idle()),
                seconds("connectionSeconds", standard.age()),
                seconds("drainSeconds", standard.drain()));
    }

    private Duration seconds(String name, Duration standard) {
        return settings.seconds(name, standard, 1, 3600);
    }

    private List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String text : settings.texts("aecs")) {
            try {
                endpoints.add(Endpoint.parse(text));
            } catch (S3mlException e) {
                settings.fault("aecs: \"" + text + "\" is not HOST:PORT");
            }
        }
        if (endpoints.isEmpty()) {
            settings.fault("aecs must name at least one HOST:PORT");
        }
        return endpoints;
    }

    private Map<String, ModelSettings> models() {
        Map<String, ModelSettings> models = new HashMap<>();
        Optional<JsonObject> section = settings.attempt(json -> json.optionalObject("models"));
        section.ifPresent(all -> all.members().forEach((name, value) -> {
            if (value instanceof JsonObject model) {
                models.put(name, new ServerConfigLoader(settings.within("models." + name, model)).model());
            } else {
                settings.fault("models." + name + " must be an object");
            }
        }));
        return models;
    }

    private ModelSettings model() {
        settings.onlyKeys(MODEL_KEYS);
        Map<String, Path> recorded = new HashMap<>();
        settings.namedTexts("warmUpInputs").forEach((input, file) -> recorded.put(input, Path.of(file)));
        Map<String, Integer> canary = new HashMap<>();
        settings.attempt(json -> json.optionalObject("canary"))
                .ifPresent(all -> all.members()
                        .keySet()
                        .forEach(version -> settings.attempt(json -> all.optionalNumber(version))
                                .ifPresent(weight -> {
                                    if (weight < 0 || weight > 1_000_000) {
                                        settings.fault("canary weights must be within 0..1000000");
                                    } else {
                                        canary.put(version, weight.intValue());
                                    }
                                })));
        WarmUp.Plan warmUp = new WarmUp.Plan(settings.number("warmUpRuns", 1, 0, 1000), recorded);
        return new ModelSettings(versions(), batching(), warmUp, settings.namedTexts("labels"), canary);
    }

    private ModelSpec.Batching batching() {
        ModelSpec.Batching standard = ModelSpec.Batching.OFF;
        int maxBatch = settings.number("maxBatch", standard.maxBatch(), 1, ModelSpec.Batching.LARGEST);
        List<Integer> preferred = new ArrayList<>();
        int before = 0;
        for (long size : settings.attempt(
                        json -> json.optionalArray("preferredBatches").map(JsonArray::numbers))
                .orElse(List.of())) {
            if (size <= before || size > maxBatch) {
                settings.fault("preferredBatches must ascend within 1.." + maxBatch + " (maxBatch)");
                preferred.clear();
                break;
            }
            before = (int) size;
            preferred.add(before);
        }
        return new ModelSpec.Batching(
                maxBatch,
                1000L * settings.number("maxDelayMicroseconds", 0, 0, 10_000_000),
                settings.number("queueLimit", standard.queueLimit(), 1, 100_000),
                preferred,
                1_000_000L * settings.number("longestWaitMilliseconds", 0, 0, 3_600_000));
    }

    private VersionPolicy versions() {
        JsonValue value = settings.object().members().get("versions");
        if (value == null) {
            return ModelSettings.DEFAULT.versions();
        }
        if (value instanceof JsonArray) {
            return new VersionPolicy.Specific(Set.copyOf(settings.texts("versions")));
        }
        String text = value instanceof JsonString string ? string.value() : "";
        if (text.equals("all")) {
            return new VersionPolicy.All();
        }
        if (text.matches("latest:[1-9][0-9]{0,3}")) {
            return new VersionPolicy.Latest(Integer.parseInt(text.substring("latest:".length())));
        }
        settings.fault("versions must be \"latest:N\", \"all\" or a list of versions");
        return ModelSettings.DEFAULT.versions();
    }

    private String required(String name) {
        Optional<String> given = settings.text(name);
        if (given.isEmpty() || given.get().isEmpty()) {
            settings.fault(name + " is missing");
        }
        return given.orElse("");
    }
}
