package s3ml.server.steering;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The share of its model's load that the host told this server, and what a fall of it means for the connections that
/// are here. Thread-safe.
///
/// Balancers below TLS steer new connections only. When the share falls from a to b, the part (a - b) / (a (1 - b)) of
/// the connections is asked to go. Each is placed anew by the new weights, so that b of them come back, and b is what
/// this server is left with on average: a (1 - part) + a part b = b. A share that rises ends nothing, and the first one
/// is compared with nothing.
///
/// Who tells it is not trusted, and may cost handshakes only: within [#ALL_ONCE_IN] not more is asked to go than all
/// connections once. A fall that would is remembered, one at a time, until it may be followed.
public final class Steering {
    /// All the load of the model, in millionths: so small that servers of large fleets have shares, too.
    public static final int MOST = 1_000_000;

    /// The control plane lets a weight fall by half and waits four seconds, or parks. A server that is not the only one
    /// any more follows steps of the other's rise together where they come faster than this.
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
    /// Part of all connections that may be asked now, 0 to 1.
    private double allowance = 1;

    private long allowedAt;
    private boolean waiting;

    /// Runs something at another time.
    interface Later {
        void run(Runnable step, long delayNanos);
    }

    /// Those who may be asked to go.
    interface Leavers {
        /// Asks a part of those that were not asked before, chosen at random.
        ///
        /// @param part 0 to 1
        /// @return how many are asked
        int ask(double part);

        /// How many have been asked until now.
        long asked();
    }

    /// Somebody who writes down what happened.
    public interface Events {
        /// Connections were asked to go because the share fell.
        ///
        /// @param before share that they had followed, 1 to [#MOST]
        /// @param share that they follow now, less than before
        /// @param connections of them, > 0
        void asked(int before, int share, int connections);
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

    /// Takes the share, and asks connections to go if it fell, now or as soon as the bound allows.
    ///
    /// @param share 0 to [#MOST]
    public synchronized void tell(int share) {
        if (share < 0 || share > MOST) {
            throw new IllegalArgumentException("share is outside 0 to " + MOST + ": " + share);
        }
        if (told == null) {
            followed = share;
        }
        told = share;
        follow(share);
    }

    private synchronized void waited() {
        waiting = false;
        if (told != null) {
            follow(told);
        }
    }

    private void follow(int share) {
        if (share >= followed) {
            followed = share;
            return;
        }
        double part = part(followed, share);
        long now = nanos.getAsLong();
        allowance = Math.min(1, allowance + (double) (now - allowedAt) / ALL_ONCE_IN.toNanos());
        allowedAt = now;
        if (allowance < part) {
            if (!waiting) {
                waiting = true;
                later.run(this::waited, (long) ((part - allowance) * ALL_ONCE_IN.toNanos()) + MARGIN_NANOS);
            }
            return;
        }
        allowance -= part;
        int before = followed;
        followed = share;
        int asked = leavers.ask(part);
        if (asked > 0) {
            events.asked(before, share, asked);
        }
    }

    /// What is to be placed anew when a share falls from one to another, 0 to 1.
    static double part(int from, int to) {
        return (double) MOST * (from - to) / ((double) from * (MOST - to));
    }

    /// The share that was told last, 0 to [#MOST]; empty before the first.
    public synchronized OptionalInt told() {
        return told == null ? OptionalInt.empty() : OptionalInt.of(told);
    }

    /// Connections asked to go since the server began.
    public long askedToGo() {
        return leavers.asked();
    }
}
