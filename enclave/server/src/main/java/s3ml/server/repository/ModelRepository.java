package s3ml.server.repository;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Lease;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;
import s3ml.server.tflite.Interpreter;

/// The models of this server and their states.
///
/// Loading and unloading run on a thread of its own, one at a time; requests look at a snapshot and are never held up.
/// Thread-safe.
public final class ModelRepository implements AutoCloseable {
    private static final Comparator<ModelName> NAME_ORDER =
            Comparator.comparing(ModelName::name).thenComparing(ModelName::version, VersionPolicy.ORDER);

    private final InferenceEngine engine;
    private final PackageFolder packages;
    private final RepositorySettings settings;
    private final RandomGenerator random;
    private final ModelEvents events;
    private final ScheduledExecutorService loader = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("models").factory());
    private final TreeMap<ModelName, Lease.ModelKey> keys = new TreeMap<>(NAME_ORDER);
    private final MemoryBudget budget;

    /// Unloaded on request: a renewed lease does not bring them back.
    private final Set<String> unloaded = new HashSet<>();

    private volatile Map<String, TreeMap<String, ModelState>> states = Map.of();
    private final Map<ModelName, Digest> digests = new ConcurrentHashMap<>();
    private volatile boolean settled;

    /// @param random chooses versions for canaries
    public ModelRepository(
            InferenceEngine engine, RepositorySettings settings, RandomGenerator random, ModelEvents events) {
        this.engine = engine;
        this.packages = new PackageFolder(settings.packages());
        this.settings = settings;
        this.random = random;
        this.events = events;
        this.budget = new MemoryBudget(settings.memoryBudget(), settings.instances());
        if (settings.poll().isPositive()) {
            long pause = settings.poll().toNanos();
            ScheduledFuture<?> ignored =
                    loader.scheduleWithFixedDelay(this::loadMissing, pause, pause, TimeUnit.NANOSECONDS);
        }
    }

    /// Told what happens to models, for logs.
    public interface ModelEvents {
        void loaded(ModelName model, long nanos);

        void unloaded(ModelName model);

        void failed(ModelName model, S3mlException failure);
    }

    /// Takes the keys of a new lease: loads what is new, unloads what is no longer released. The keys are copied.
    ///
    /// @return done when all of it was tried
    public CompletableFuture<Void> released(List<Lease.ModelKey> released) {
        List<Lease.ModelKey> copies =
                released.stream().map(ModelRepository::copy).toList();
        return CompletableFuture.runAsync(() -> take(copies), loader);
    }

    private static Lease.ModelKey copy(Lease.ModelKey key) {
        return new Lease.ModelKey(
                key.name(),
                key.version(),
                key.packageKey().expose(SecretBytes::copyOf),
                key.manifestDigest(),
                key.modelDigest());
    }

    private void take(List<Lease.ModelKey> released) {
        TreeMap<ModelName, Lease.ModelKey> before = new TreeMap<>(keys);
        keys.values().forEach(Lease.ModelKey::close);
        keys.clear();
        released.forEach(key -> keys.put(new ModelName(key.name(), key.version()), key));
        for (ModelName gone : before.keySet()) {
            Lease.ModelKey now = keys.get(gone);
            boolean changed =
                    now != null && !now.manifestDigest().equals(before.get(gone).manifestDigest());
            if (now == null || changed) {
                drop(gone);
                forget(gone);
            }
        }
        keys.keySet().stream()
                .map(ModelName::name)
                .distinct()
                .filter(name -> !unloaded.contains(name))
                .forEach(this::loadChosen);
        settled = true;
    }

    /// Loads or reloads a model by the operator's version policy.
    ///
    /// @return done when it is ready; fails with [RequestRefused] when no version became ready
    public CompletableFuture<Void> load(String name) {
        return CompletableFuture.runAsync(
                () -> {
                    if (keys.keySet().stream().noneMatch(key -> key.name().equals(name))) {
                        throw noSuchModel(name);
                    }
                    unloaded.remove(name);
                    loadChosen(name);
                    if (versions(name).values().stream().noneMatch(ModelState.Ready.class::isInstance)) {
                        throw new RequestRefused(
                                Fault.MODEL_NOT_READY, "model " + RequestRefused.quoted(name) + " was not loaded");
                    }
                },
                loader);
    }

    /// Unloads every version of a model after what waits for it was answered.
    ///
    /// @return done when its memory is given back
    public CompletableFuture<Void> unload(String name) {
        return CompletableFuture.runAsync(
                () -> {
                    if (versions(name).isEmpty()) {
                        throw noSuchModel(name);
                    }
                    unloaded.add(name);
                    versions(name).keySet().forEach(version -> drop(new ModelName(name, version)));
                },
                loader);
    }

    private void loadChosen(String name) {
        List<String> released = keys.keySet().stream()
                .filter(key -> key.name().equals(name))
                .map(ModelName::version)
                .toList();
        List<String> chosen = settings.of(name).versions().choose(released);
        for (String version : chosen) {
            ModelName model = new ModelName(name, version);
            if (!(state(model) instanceof ModelState.Ready)) {
                load(model);
            }
        }
        // Newer versions are ready before older ones go: no moment without an answer. One that cannot be loaded
        // replaces nothing.
        boolean allReady =
                chosen.stream().allMatch(version -> state(new ModelName(name, version)) instanceof ModelState.Ready);
        for (String version : released) {
            if (allReady && !chosen.contains(version)) {
                drop(new ModelName(name, version));
            }
        }
    }

    /// Tries again what could not be loaded: its package may have come since.
    private void loadMissing() {
        for (String name : List.copyOf(states.keySet())) {
            if (!unloaded.contains(name) && versions(name).values().stream().anyMatch(ModelRepository::isMissing)) {
                loadChosen(name);
            }
        }
    }

    private void load(ModelName model) {
        Lease.ModelKey key = Objects.requireNonNull(keys.get(model));
        ModelState before = state(model);
        put(model, new ModelState.Loading());
        long began = System.nanoTime();
        long size = 0;
        boolean taken = false;
        try {
            packages.prepare(key);
            size = packages.size(model);
            budget.take(model.toString(), size);
            taken = true;
            PackageFolder.Opened opened = packages.open(key);
            Interpreter interpreter = Interpreter.open(opened.buffer(), settings.threads());
            ModelSettings wish = settings.of(model.name());
            ServedModel served = ServedModel.warmed(
                    model,
                    interpreter,
                    opened.labels(),
                    new ServedModel.Wish(settings.instances(), wish.batching(), wish.warmUp()));
            digests.put(model, key.modelDigest());
            engine.attach(served);
            put(model, new ModelState.Ready(served));
            events.loaded(model, System.nanoTime() - began);
        } catch (S3mlException failure) {
            if (taken) {
                budget.giveBack(size);
            }
            ModelState now = new ModelState.Unavailable(failure.code());
            put(model, now);
            // Tried again and again, told once.
            if (!now.equals(before)) {
                events.failed(model, failure);
            }
        }
    }

    private void drop(ModelName model) {
        if (state(model) instanceof ModelState.Ready ready) {
            put(model, new ModelState.Unloading());
            engine.detach(ready.model()).join();
            budget.giveBack(packages.size(model));
            events.unloaded(model);
        }
        if (state(model) != null) {
            put(model, new ModelState.Unavailable(""));
        }
    }

    private void put(ModelName model, ModelState state) {
        Map<String, TreeMap<String, ModelState>> next = new TreeMap<>(states);
        TreeMap<String, ModelState> versions = new TreeMap<>(VersionPolicy.ORDER);
        versions.putAll(versions(model.name()));
        versions.put(model.version(), state);
        next.put(model.name(), versions);
        states = next;
    }

    private void forget(ModelName model) {
        Map<String, TreeMap<String, ModelState>> next = new TreeMap<>(states);
        TreeMap<String, ModelState> versions = new TreeMap<>(VersionPolicy.ORDER);
        versions.putAll(versions(model.name()));
        versions.remove(model.version());
        if (versions.isEmpty()) {
            next.remove(model.name());
        } else {
            next.put(model.name(), versions);
        }
        states = next;
    }

    private @Nullable ModelState state(ModelName model) {
        return versions(model.name()).get(model.version());
    }

    private static RequestRefused noSuchModel(String name) {
        return new RequestRefused(Fault.NO_SUCH_MODEL, "there is no model " + RequestRefused.quoted(name));
    }

    /// States by version, oldest first; empty for an unknown model. The map is not to be changed.
    public NavigableMap<String, ModelState> versions(String name) {
        TreeMap<String, ModelState> versions = states.get(name);
        return versions == null ? new TreeMap<>() : Collections.unmodifiableNavigableMap(versions);
    }

    /// Names of all models that keys were released for.
    public List<String> names() {
        return List.copyOf(states.keySet());
    }

    /// The model that answers a request.
    ///
    /// @throws RequestRefused when there is none, or it is not ready
    public ServedModel find(ModelName wanted) {
        return find(wanted, "");
    }

    /// As the other; a canary gives callers of the same affinity the same version.
    ///
    /// @param affinity empty to let chance choose
    public ServedModel find(ModelName wanted, String affinity) {
        NavigableMap<String, ModelState> versions = versions(wanted.name());
        if (versions.isEmpty()) {
            // Until the first keys were tried, a model that is missing may still come.
            throw settled ? noSuchModel(wanted.name()) : notReady(wanted);
        }
        String version = wanted.version().isEmpty() ? choose(wanted.name(), affinity, versions) : wanted.version();
        ModelState state = versions.get(version);
        if (state == null && !wanted.version().isEmpty()) {
            throw new RequestRefused(
                    Fault.NO_SUCH_VERSION,
                    "model " + RequestRefused.quoted(wanted.name()) + " has no version "
                            + RequestRefused.quoted(wanted.version()));
        }
        if (state instanceof ModelState.Ready ready) {
            return ready.model();
        }
        throw notReady(wanted);
    }

    private static RequestRefused notReady(ModelName wanted) {
        return new RequestRefused(
                Fault.MODEL_NOT_READY, "model " + RequestRefused.quoted(wanted.toString()) + " is not ready");
    }

    /// The newest version that is ready, or one by the canary's weights.
    private String choose(String name, String affinity, NavigableMap<String, ModelState> versions) {
        Optional<String> drawn = Canary.draw(
                settings.of(name).canary(),
                version -> versions.get(version) instanceof ModelState.Ready,
                sum -> affinity.isEmpty() ? random.nextInt(sum) : Canary.ticket(name, affinity, sum));
        if (drawn.isPresent()) {
            return drawn.get();
        }
        for (Map.Entry<String, ModelState> version : versions.descendingMap().entrySet()) {
            if (version.getValue() instanceof ModelState.Ready) {
                return version.getKey();
            }
        }
        return "";
    }

    /// SHA-256 of a model's file, as the AECS released it with the key; empty for a model without a key.
    public Optional<Digest> digest(ModelName model) {
        return Optional.ofNullable(digests.get(model));
    }

    /// Models that are ready now.
    public List<ServedModel> ready() {
        List<ServedModel> ready = new ArrayList<>();
        for (Map<String, ModelState> versions : states.values()) {
            for (ModelState state : versions.values()) {
                if (state instanceof ModelState.Ready now) {
                    ready.add(now.model());
                }
            }
        }
        return ready;
    }

    /// Whether the first lease's models were tried, and each model that is wanted is ready.
    public boolean isReady() {
        return settled
                && states.values().stream()
                        .flatMap(versions -> versions.values().stream())
                        .noneMatch(ModelRepository::isMissing);
    }

    private static boolean isMissing(ModelState state) {
        return switch (state) {
            case ModelState.Loading ignored -> true;
            case ModelState.Unavailable unavailable -> !unavailable.code().isEmpty();
            case ModelState.Ready ignored -> false;
            case ModelState.Unloading ignored -> false;
        };
    }

    /// How the operator wants a model to be served.
    public ModelSettings settings(String name) {
        return settings.of(name);
    }

    /// Ends the loading thread and forgets the keys; models stay with the engine.
    @Override
    public void close() {
        loader.shutdown();
        try {
            loader.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        keys.values().forEach(Lease.ModelKey::close);
    }
}
