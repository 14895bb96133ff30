package s3ml.server;

import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import s3ml.attest.S3mlException;
import s3ml.protocol.access.AccessRules;
import s3ml.server.access.Gate;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.ModelUse;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.Serving;
import s3ml.server.rest.Doors;
import s3ml.server.rest.ReleaseProof;
import s3ml.server.rest.SealedDoor;
import s3ml.server.tls.ServingTls;
import s3ml.wire.aecs.LogReceipt;

/// The serving half of a model server: it is given keys, and does not know where they come from. Thread-safe.
public final class ModelServer implements AutoCloseable {
    static final String VERSION = "0.1.0";

    private final EventLog log;
    private final ServerConfig.Callers callers;
    private final Gate gate;
    private final InferenceEngine engine;
    private final ModelRepository repository;
    private final Serving serving;
    private final ServingTls tls;
    private final SealedDoor sealed;
    private final ReleaseProof proof;
    private final Listeners listeners;

    /// Listens, then loads the models; returns when each was tried.
    public ModelServer(ServerConfig config, ServingKeys keys, EventLog log) {
        this(config, keys, log, ModelUse.UNWATCHED);
    }

    /// As the other; `use` is told of each model and each run.
    public ModelServer(ServerConfig config, ServingKeys keys, EventLog log, ModelUse use) {
        this.log = log;
        this.callers = config.callers();
        AccessRules rules = rules(keys);
        this.gate = new Gate(rules, InstantSource.system());
        this.engine = new InferenceEngine(config.limits().queuedBytes(), use);
        this.repository = new ModelRepository(engine, config.models(), new SecureRandom(), log);
        this.serving = new Serving(repository, engine);
        this.tls = ServingTls.of(keys.tls(), keys.tickets(), rules.authorities());
        this.sealed = new SealedDoor(new SecureRandom(), InstantSource.system());
        sealed.renew(keys.sealed());
        this.proof = new ReleaseProof(config.service(), config.aecs());
        this.listeners = new Listeners(config, serving, tls, new Doors(gate, sealed, proof));
        repository.released(keys.models()).join();
        listeners.announce(serving.isReady());
    }

    /// A log of events that writes to `out`; `simulated` marks each line.
    public static EventLog log(PrintStream out, boolean simulated) {
        return new EventLog(out, InstantSource.system(), simulated);
    }

    /// Takes other keys: new connections get the new certificate, models come and go, and requests are taken again if
    /// the last
    /// keys had expired.
    public void renew(ServingKeys keys) {
        AccessRules rules = rules(keys);
        tls.renew(keys.tls(), keys.tickets(), rules.authorities());
        gate.renew(rules);
        sealed.renew(keys.sealed());
        repository.released(keys.models()).join();
        serving.leased();
        listeners.announce(serving.isReady());
    }

    /// Shows to whoever asks that the AECS released these keys to this server.
    public void released(LogReceipt receipt) {
        proof.released(receipt);
    }

    /// Rules of the lease, which its owner wrote, before those of the host.
    private AccessRules rules(ServingKeys keys) {
        String owners = keys.configuration().get(AccessRules.CONFIGURATION_KEY);
        if (owners == null) {
            return callers.access().orElse(AccessRules.DEFAULT);
        }
        try {
            return AccessRules.parse(owners);
        } catch (S3mlException malformed) {
            log.write(log.event("error", "access rules not understood: nobody is let in")
                    .put("code", malformed.code())
                    .put("message", String.valueOf(malformed.getMessage())));
            return AccessRules.NOBODY;
        }
    }

    /// The keys ran out: nothing is answered until [#renew].
    public void expire() {
        serving.expired();
        listeners.announce(false);
    }

    /// Whether every wanted model answers.
    public boolean isReady() {
        return serving.isReady();
    }

    Serving serving() {
        return serving;
    }

    ServingTls tls() {
        return tls;
    }

    public int restPort() {
        return listeners.restPort();
    }

    public int grpcPort() {
        return listeners.grpcPort();
    }

    public int metricsPort() {
        return listeners.metricsPort();
    }

    /// Stops taking requests, answers what was taken, and gives everything back.
    @Override
    public void close() {
        log.write(log.event("info", "draining"));
        serving.drain();
        listeners.close();
        engine.close();
        repository.close();
        log.write(log.event("info", "ended"));
    }
}
