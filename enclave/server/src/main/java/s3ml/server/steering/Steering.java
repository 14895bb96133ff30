package s3ml.server.steering;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The weight that the host told this server, and what a fall of it means for the connections that are here.
/// Thread-safe.
///
/// Balancers below TLS steer new connections only. When the weight falls from a to b, the share (a - b) / a of the
/// connections is asked to go: each comes back to where the new weights say, so that this server is left with what they
/// say on average. A weight that rises ends nothing, and the first one is compared with nothing.
///
/// Who tells it is not trusted, and may cost handshakes only: within [#ALL_ONCE_IN] not more is asked to go than all
/// connections once. A fall that would is remembered, one at a time, until it may be followed.
public final class Steering {
    /// All the load that a data plane can give.
    public static final int MOST = 1000;

    /// The control plane lets a weight fall by half and waits four seconds, or parks: honest ones stay below this.
    static final Duration ALL_ONCE_IN = Duration.ofSeconds(5);

    /// Keeps a fall that rounding makes a little too early from waiting twice.
    private static final long MARGIN_NANOS = 1_000_000;

    private final LongSupplier nanos;
    private final Later later;
    private final Leavers leavers;
    private final Events events;
    private @Nullable Integer told;
    /// That the connections which are here have followed.
    private int followed;
    /// Share of all connections that may be asked now, 0 to 1.
    private double allowance = 1;

    private long allowedAt;
    private boolean waiting;

    /// Runs something at another time.
    interface Later {
        void run(Runnable step, long delayNanos);
    }

    /// Those who may be asked to go.
    interface Leavers {
        /// Asks a share of those that were not asked before, chosen at random.
        ///
        /// @param share 0 to 1
        /// @return how many are asked
        int ask(double share);

        /// How many have been asked until now.
        long asked();
    }

    /// Somebody who writes down what happened.
    public interface Events {
        /// Connections were asked to go because the weight fell.
        ///
        /// @param before weight that they had followed, 1 to 1000
        /// @param weight that they follow now, less than before
        /// @param connections of them, > 0
        void asked(int before, int weight, int connections);
    }

    Steering(LongSupplier nanos, Later later, Leavers leavers, Events events) {
        this.nanos = nanos;
        this.later = later;
        this.leavers = leavers;
        this.events = events;
        this.allowedAt = nanos.getAsLong();
    }

    /// Of a server's connections.
    ///
    /// @param connections of all ports; those that have no client's TLS are left alone
    /// @param loops that run what has to wait
    /// @param grace after which a gRPC connection that was asked to go is cut, whatever it is still doing
    public static Steering of(ChannelGroup connections, EventLoopGroup loops, Duration grace, Events events) {
        return new Steering(
                System::nanoTime,
                (step, delayNanos) -> {
                    var unused = loops.schedule(step, delayNanos, TimeUnit.NANOSECONDS);
                },
                new Departures(connections, grace, new SplittableRandom()),
                events);
    }

    /// Takes the weight, and asks connections to go if it fell, now or as soon as the bound allows.
    ///
    /// @param weight 0 to 1000
    public synchronized void tell(int weight) {
        if (weight < 0 || weight > MOST) {
            throw new IllegalArgumentException("weight is outside 0 to " + MOST + ": " + weight);
        }
        if (told == null) {
            followed = weight;
        }
        told = weight;
        follow(weight);
    }

    private synchronized void waited() {
        waiting = false;
        if (told != null) {
            follow(told);
        }
    }

    private void follow(int weight) {
        if (weight >= followed) {
            followed = weight;
            return;
        }
        double share = (double) (followed - weight) / followed;
        long now = nanos.getAsLong();
        allowance = Math.min(1, allowance + (double) (now - allowedAt) / ALL_ONCE_IN.toNanos());
        allowedAt = now;
        if (allowance < share) {
            if (!waiting) {
                waiting = true;
                later.run(this::waited, (long) ((share - allowance) * ALL_ONCE_IN.toNanos()) + MARGIN_NANOS);
            }
            return;
        }
        allowance -= share;
        int before = followed;
        followed = weight;
        int asked = leavers.ask(share);
        if (asked > 0) {
            events.asked(before, weight, asked);
        }
    }

    /// The weight that was told last, 0 to 1000; empty before the first.
    public synchronized OptionalInt told() {
        return told == null ? OptionalInt.empty() : OptionalInt.of(told);
    }

    /// Connections asked to go since the server began.
    public long askedToGo() {
        return leavers.asked();
    }
}
