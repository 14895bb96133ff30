package s3ml.aecs.state;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.wire.aecs.state.Head;

/// A transaction that waits for its commit. Used under the state's commit lock only.
final class Pending<T> {
    private final Function<StateChange, T> work;
    private @Nullable T value;
    private @Nullable RuntimeException refusal;
    private @Nullable Head committedAt;

    Pending(Function<StateChange, T> work) {
        this.work = work;
    }

    /// Runs the function; false if it refused. Can run again until it is settled.
    boolean run(Overlay overlay) {
        refusal = null;
        try {
            value = work.apply(overlay);
            return true;
        } catch (RuntimeException e) {
            refusal = e;
            return false;
        }
    }

    void refuse(RuntimeException cause) {
        refusal = cause;
    }

    /// The last run's outcome is final.
    void settle(Head head) {
        committedAt = head;
    }

    /// The commit failed.
    void fail(RuntimeException cause) {
        refusal = cause;
        committedAt = Head.getDefaultInstance();
    }

    boolean isDone() {
        return committedAt != null;
    }

    SealedState.Committed<T> result() {
        if (refusal != null) {
            throw refusal;
        }
        return new SealedState.Committed<>(
                Objects.requireNonNull(value, "a transaction's value"), Objects.requireNonNull(committedAt));
    }
}
