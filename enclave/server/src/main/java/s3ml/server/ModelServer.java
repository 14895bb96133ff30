package s3ml.server;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import s3ml.attest.S3mlException;
import s3ml.protocol.Lease;
import s3ml.protocol.access.AccessRules;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.protocol.trace.SpanFile;
import s3ml.server.access.Gate;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.ModelUse;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.Serving;
import s3ml.server.rest.Doors;
import s3ml.server.rest.ReleaseProof;
import s3ml.server.rest.SealedDoor;
import s3ml.server.tls.ServingTls;
import s3ml.server.witness.ReceiptDesk;
import s3ml.server.witness.RequestWitness;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogReceipt;

/// The serving half of a model server: it is given keys, and does not know where they come from. Thread-safe.
///
/// Faults: `SRV-324` the receipt of a lease cannot be read.
public final class ModelServer implements AutoCloseable {
    /// This part of the heap is for request bodies; the rest is for what the server is made of, and for answers.
    private static final int BODIES_PART = 2;

    /// In a lease's configuration: `on` or `off`.
    private static final String RECEIPTS_KEY = "receipts";

    private final EventLog log;
    private final ServerConfig.Callers callers;
    private final Gate gate;
    private final InferenceEngine engine;
    private final ModelRepository repository;
    private final Serving serving;
    private final ServingTls tls;
    private final SealedDoor sealed;
    private final ReleaseProof proof;
    private final ReceiptDesk receipts;
    private final SpanFile spans;
    private final String service;
    private volatile ServingKeys keys;
    private volatile InferenceReceipt.Enclave enclave;
    private final Listeners listeners;

    /// Listens, then loads the models; returns when each was tried.
    public ModelServer(ServerConfig config, ServingKeys keys, EventLog log) {
        this(config, keys, log, ModelUse.UNWATCHED);
    }

    /// As the other; `use` is told of each model and each run.
    public ModelServer(ServerConfig config, ServingKeys keys, EventLog log, ModelUse use) {
        this(config, keys, log, use, spans(config));
    }

    /// As the other, with a file of spans that something else was already written to; closed with the server.
    ModelServer(ServerConfig config, ServingKeys keys, EventLog log, ModelUse use, SpanFile spans) {
        this.log = log;
        this.service = config.service();
        this.keys = keys;
        this.enclave = new InferenceReceipt.Enclave(service, "", false);
        this.callers = config.callers();
        AccessRules rules = rules(keys);
        this.gate = new Gate(rules, InstantSource.system());
        this.engine = new InferenceEngine(
                config.limits().queuedBytes(), config.models().instances(), use);
        this.repository = new ModelRepository(engine, config.models(), new SecureRandom(), log);
        this.receipts = new ReceiptDesk(repository::digest, InstantSource.system());
        this.spans = spans;
        this.serving = new Serving(repository, engine, new RequestWitness(receipts, spans));
        this.tls = ServingTls.of(keys.tls(), keys.tickets(), rules.authorities());
        this.sealed = new SealedDoor(new SecureRandom(), InstantSource.system());
        sealed.renew(keys.sealed());
        this.proof = new ReleaseProof(config.service(), config.aecs());
        signReceipts();
        HeapBudget heap = new HeapBudget(Runtime.getRuntime().maxMemory() / BODIES_PART);
        this.listeners = new Listeners(config, serving, tls, new Doors(gate, sealed, proof, heap), log);
        repository.released(keys.models()).join();
        listeners.announce(serving.isReady());
    }

    /// Where the spans of this server go.
    static SpanFile spans(ServerConfig config) {
        return new SpanFile(config.callers().traceFile(), "s3ml-server", InstantSource.system(), new SecureRandom());
    }

    /// A log of events that writes to `out`; `simulated` marks each line.
    public static EventLog log(PrintStream out, boolean simulated) {
        return new EventLog(out, InstantSource.system(), simulated);
    }

    /// Takes other keys: new connections get the new certificate, models come and go, and requests are taken again if
    /// the last keys had expired.
    public void renew(ServingKeys renewed) {
        keys = renewed;
        AccessRules rules = rules(renewed);
        tls.renew(renewed.tls(), renewed.tickets(), rules.authorities());
        gate.renew(rules);
        sealed.renew(renewed.sealed());
        signReceipts();
        repository.released(renewed.models()).join();
        serving.leased();
        listeners.announce(serving.isReady());
    }

    /// Shows to whoever asks that the AECS released these keys to this server.
    public void released(LogReceipt receipt) {
        proof.released(receipt);
        try {
            LogEntry entry = LogEntry.parseFrom(receipt.getEntry());
            String measurement = HexFormat.of().formatHex(entry.getMeasurement().toByteArray());
            enclave = new InferenceReceipt.Enclave(service, measurement, entry.getSimulated());
            signReceipts();
        } catch (InvalidProtocolBufferException malformed) {
            throw new S3mlException(
                    "SRV-324",
                    "cannot read the receipt of the lease",
                    String.valueOf(malformed.getMessage()),
                    "use an AECS and a server of the same release",
                    malformed);
        }
    }

    /// Receipts are signed if the lease says so, or if it says nothing and the host wants them.
    private void signReceipts() {
        String owners = keys.configuration().getOrDefault(RECEIPTS_KEY, callers.receipts() ? "on" : "off");
        Lease.TlsIdentity identity = keys.tls();
        receipts.renew(
                owners.equals("on")
                        ? Optional.of(new ReceiptDesk.Signer(
                                identity.privateKey(), identity.chain().getFirst(), enclave))
                        : Optional.empty());
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

    Listeners listeners() {
        return listeners;
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
        listeners.close();
        engine.close();
        repository.close();
        spans.close();
        log.write(log.event("info", "ended"));
    }
}
