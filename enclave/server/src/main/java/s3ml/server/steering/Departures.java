package s3ml.server.steering;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import s3ml.server.grpc.GrpcConnection;
import s3ml.server.rest.RestChannel;

/// Connections of clients, which are asked to go as those are that have reached their age: what is under way is
/// answered. [#ask] is called by one thread at a time, the rest by any.
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for these
final class Departures implements Steering.Leavers {
    /// Over which those that go are spread, so that their handshakes do not come all at once.
    private static final long SPREAD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final AttributeKey<Boolean> ASKED = AttributeKey.valueOf("s3ml-asked-to-go");

    private final ChannelGroup connections;
    private final Duration grace;
    private final RandomGenerator random;
    private final LongAdder asked = new LongAdder();

    /// @param random used by one thread at a time
    Departures(ChannelGroup connections, Duration grace, RandomGenerator random) {
        this.connections = connections;
        this.grace = grace;
        this.random = random;
    }

    @Override
    public int ask(double part) {
        List<Channel> here = new ArrayList<>(
                connections.stream().filter(Departures::mayBeAsked).toList());
        int going = count(here.size(), part, random);
        Collections.shuffle(here, random);
        for (int i = 0; i < going; i++) {
            Channel connection = here.get(i);
            connection.attr(ASKED).set(true);
            connection
                    .eventLoop()
                    .schedule(() -> sendAway(connection), delayNanos(i, going, random), TimeUnit.NANOSECONDS);
        }
        return going;
    }

    /// How many of them a part is: the nearest whole numbers above and below, so often that the mean is the part.
    static int count(int connections, double part, RandomGenerator random) {
        double exact = connections * part;
        int whole = (int) exact;
        return whole + (random.nextDouble() < exact - whole ? 1 : 0);
    }

    /// When the one with that index goes: each at random within its own part of the spread.
    static long delayNanos(int index, int going, RandomGenerator random) {
        return (long) (SPREAD_NANOS * (index + random.nextDouble()) / going);
    }

    private static boolean mayBeAsked(Channel connection) {
        boolean serving = RestChannel.isServing(connection)
                ? RestChannel.isSteerable(connection)
                : GrpcConnection.isServing(connection);
        return serving && !connection.hasAttr(ASKED);
    }

    private void sendAway(Channel connection) {
        if (!connection.isOpen()) {
            return;
        }
        asked.increment();
        if (RestChannel.isServing(connection)) {
            RestChannel.sendAway(connection);
        } else {
            GrpcConnection.sendAway(connection, grace);
        }
    }

    @Override
    public long asked() {
        return asked.sum();
    }
}
