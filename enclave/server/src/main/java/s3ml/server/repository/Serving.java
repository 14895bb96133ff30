package s3ml.server.repository;

import s3ml.server.engine.Answer;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;

/// What every protocol front end asks: which models there are, whether requests are taken, and to run one. Thread-safe.
public final class Serving {
    private final ModelRepository repository;
    private final InferenceEngine engine;
    private final Witness witness;
    private volatile State state = State.SERVING;

    /// @param witness looks at each request that is taken
    public Serving(ModelRepository repository, InferenceEngine engine, Witness witness) {
        this.witness = witness;
        this.repository = repository;
        this.engine = engine;
    }

    /// Sees requests and their answers: signs receipts, notes times.
    public interface Witness {
        /// Called before the request waits; the answer that it gives is told instead of the other.
        ///
        /// @throws RequestRefused for a wish that it cannot fulfil
        Answer watch(ServedModel model, InferenceRequest request, Answer answer);
    }

    private enum State {
        SERVING,
        LEASE_EXPIRED,
        DRAINING
    }

    /// A lease was renewed: requests are taken again, unless the process is ending.
    public synchronized void leased() {
        state = state == State.DRAINING ? state : State.SERVING;
    }

    /// The lease ran out and could not be renewed: its keys must not be used.
    public synchronized void expired() {
        state = state == State.DRAINING ? state : State.LEASE_EXPIRED;
    }

    /// The process is ending: balancers are told, and what still comes over the connections that clients have is
    /// answered.
    public synchronized void drain() {
        state = State.DRAINING;
    }

    public ModelRepository repository() {
        return repository;
    }

    public InferenceEngine engine() {
        return engine;
    }

    /// Whether a balancer should send requests here.
    public boolean isReady() {
        return state == State.SERVING && repository.isReady();
    }

    /// Whether the process is ending.
    public boolean isDraining() {
        return state == State.DRAINING;
    }

    /// Runs a request, which is taken over; refusals go to the answer as well.
    public void infer(InferenceRequest request, Answer answer) {
        ServedModel model;
        Answer watched;
        try {
            model = find(request);
            watched = witness.watch(model, request, answer);
        } catch (RequestRefused refused) {
            request.close();
            answer.refuse(refused);
            return;
        }
        engine.submit(model, request, watched);
    }

    private ServedModel find(InferenceRequest request) {
        return switch (state) {
            case SERVING, DRAINING ->
                repository.find(request.model(), request.terms().affinity());
            case LEASE_EXPIRED -> throw new RequestRefused(Fault.SERVER_NOT_READY, "this server has no lease");
        };
    }
}
