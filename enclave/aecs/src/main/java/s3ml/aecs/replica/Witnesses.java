package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.trust.LogBook;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.log.LogVerdict;
import s3ml.protocol.log.LogVerifier;
import s3ml.protocol.log.ProofPlan;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.state.Head;

/// The witnesses of an AECS's log, seen from inside it: what they signed must be in the storage, and what is new they
/// are shown. They make visible that all storage was put back while no replica ran. A witness cannot make an AECS
/// refuse sound storage: only heads which the AECS itself signed count against it.
///
/// For one thread, but for [#coSigned].
public final class Witnesses implements AutoCloseable {
    /// How long one call takes at most; at a start, also how long a witness that starts too is waited for.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final AecsConfig.Witnesses config;
    private final SealedState state;
    private final Aecs.Context context;
    private final LogBook logBook;
    private final LogVerifier verifier;
    private final ByteString instanceId;
    private final ByteString identityKey;
    private final List<WitnessLink> links = new ArrayList<>();
    /// Entries of the log that a witness has signed, as far as this process knows.
    private final Map<WitnessLink, Long> shown = new ConcurrentHashMap<>();

    private Witnesses(AecsConfig.Witnesses config, SealedState state, RootSecret root, Aecs.Context context) {
        this.config = config;
        this.state = state;
        this.context = context;
        this.logBook = new LogBook(state, root);
        this.verifier = new LogVerifier(root.identity().getPublic());
        this.instanceId = ByteString.copyFrom(root.instanceId());
        this.identityKey = ByteString.copyFrom(root.identity().getPublic().getEncoded());
        config.all().forEach(witness -> links.add(new WitnessLink(witness, context.random())));
    }

    /// Nobody is asked yet.
    public static Witnesses of(AecsConfig.Witnesses config, SealedState state, RootSecret root, Aecs.Context context) {
        return new Witnesses(config, state, root, context);
    }

    /// Asks all witnesses whether the storage holds what they signed; for a start, before anything is served.
    ///
    /// @throws S3mlException `AECS-253` if it does not, `AECS-254` if too few of them answer
    public void vouch() {
        int answered = 0;
        List<String> reasons = new ArrayList<>();
        for (WitnessLink link : links) {
            switch (link.newest(instanceId, PATIENCE)) {
                case WitnessLink.Newest newest -> {
                    requireHeld(link, newest.head());
                    answered++;
                }
                case WitnessLink.KnowsNone none -> {
                    warn(link, "witness-knows-nothing", "it never signed a head of this AECS");
                    answered++;
                }
                case WitnessLink.Silent silent -> {
                    warn(link, "witness-silent", silent.why());
                    reasons.add(link.address() + ": " + silent.why());
                }
            }
        }
        if (answered < config.needed()) {
            throw ReplicaFaults.unwitnessed(answered, config.needed(), String.join("; ", reasons));
        }
    }

    /// Entries of the log that every witness has signed, as far as this process knows; 0 where there is no witness.
    /// Thread-safe.
    long coSigned() {
        return links.stream()
                .mapToLong(link -> shown.getOrDefault(link, 0L))
                .min()
                .orElse(0);
    }

    /// Shows the log to each witness that has not signed its newest head. A contradiction puts the state out of use.
    void show() {
        for (WitnessLink link : links) {
            state.refresh();
            if (state.head().getLogSize() > shown.getOrDefault(link, 0L)) {
                show(link);
            }
        }
    }

    private void show(WitnessLink link) {
        long known;
        switch (link.newest(instanceId, PATIENCE)) {
            case WitnessLink.Newest newest -> {
                try {
                    requireHeld(link, newest.head());
                } catch (S3mlException e) {
                    state.stopUsing(e);
                    throw e;
                }
                known = newest.head().getTreeSize();
            }
            case WitnessLink.KnowsNone none -> known = 0;
            case WitnessLink.Silent silent -> {
                warn(link, "witness-silent", silent.why());
                return;
            }
        }
        Head head = state.head();
        if (known < head.getLogSize()) {
            List<Digest> proof = state.proveLog(ProofPlan.consistency(known, head.getLogSize()));
            String refusal = link.coSign(instanceId, identityKey, logBook.head(head), known, proof);
            if (!refusal.isEmpty()) {
                // Another replica may have been quicker; else who runs the witness must admit this AECS.
                warn(link, "witness-refused", refusal);
                return;
            }
        }
        shown.put(link, head.getLogSize());
    }

    private void requireHeld(WitnessLink link, LogHead witnessed) {
        state.refresh();
        Head head = state.head();
        List<Digest> proof = witnessed.getTreeSize() > head.getLogSize()
                ? List.of()
                : state.proveLog(ProofPlan.consistency(witnessed.getTreeSize(), head.getLogSize()));
        List<ByteString> hashes =
                proof.stream().map(hash -> ByteString.copyFrom(hash.bytes())).toList();
        switch (verifier.extension(witnessed, logBook.head(head), hashes)) {
            case LogVerdict.Proven proven -> {}
            case LogVerdict.NotProven not -> throw ReplicaFaults.witnessed(link.address(), not.why());
        }
    }

    private void warn(WitnessLink link, String event, String why) {
        context.audit()
                .event("warn", event)
                .with("witness", link.address().toString())
                .with("reason", why)
                .write();
    }

    @Override
    public void close() {
        links.forEach(WitnessLink::close);
    }
}
