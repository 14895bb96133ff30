package s3ml.lab.follow;

/// A way in which load may follow weights.
///
/// Where servers are told, a real agent of each host does it; nobody tells those of the other ways. The servers of most
/// have the age of connections that they have by default, which is longer than a run.
enum Way {
    ONE_STAYS("one connection", 1, Way.STANDARD_AGE, Change.WEIGHT),
    ONE_AGES("one connection that ages", 1, Way.SHORT_AGE, Change.WEIGHT),
    SEVERAL_STAY("several connections", 8, Way.STANDARD_AGE, Change.WEIGHT),
    SEVERAL_AGE("several connections that age", 8, Way.SHORT_AGE, Change.WEIGHT),
    PARKED_STAY("several connections, server parked", 8, Way.STANDARD_AGE, Change.PARKED),
    PARKED_AGE("several connections that age, server parked", 8, Way.SHORT_AGE, Change.PARKED),
    TOLD("several connections, servers told", 8, Way.STANDARD_AGE, Change.WEIGHT),
    PARKED_TOLD("several connections, servers told, one parked", 8, Way.STANDARD_AGE, Change.PARKED),
    ADDED_STAY("several connections, server added", 8, Way.STANDARD_AGE, Change.ADDED),
    ADDED_TOLD("several connections, servers told, one added", 8, Way.STANDARD_AGE, Change.ADDED),
    ENDED("several connections, server ends", 8, Way.STANDARD_AGE, Change.ENDED),
    SEALED("sealed bodies, balanced by request", 2, Way.STANDARD_AGE, Change.WEIGHT);

    private static final int STANDARD_AGE = 300;
    private static final int SHORT_AGE = 5;

    private final String label;
    private final int connections;
    private final int connectionSeconds;
    private final Change change;

    /// What happens to the server with more of the load.
    enum Change {
        /// Its weight falls.
        WEIGHT(50, 950),
        /// It gets no new connections.
        PARKED(0, 1000),
        /// It gets no new connections, and a little later SIGTERM, as a Pod that is deleted.
        ENDED(0, 1000),
        /// It is the only one, and gets another one beside it.
        ADDED(500, 500);

        /// What each has before, the only one too.
        static final int BEFORE = 500;

        private final int there;
        private final int elsewhere;

        Change(int there, int elsewhere) {
            this.there = there;
            this.elsewhere = elsewhere;
        }

        /// New weight of the server.
        int there() {
            return there;
        }

        /// New weight of the other one.
        int elsewhere() {
            return elsewhere;
        }

        /// Whether the other server is part of the fleet before.
        boolean isOfTwo() {
            return this != ADDED;
        }

        /// Share of the load that the server should have now.
        double target() {
            return (double) there / (there + elsewhere);
        }
    }

    Way(String label, int connections, int connectionSeconds, Change change) {
        this.label = label;
        this.connections = connections;
        this.connectionSeconds = connectionSeconds;
        this.change = change;
    }

    String label() {
        return label;
    }

    /// Of the client.
    int connections() {
        return connections;
    }

    /// `connectionSeconds` of the servers.
    int connectionSeconds() {
        return connectionSeconds;
    }

    /// Until connections are there and code is compiled; where they age, an age and its tenth, after which all have
    /// been renewed a moment ago: most of an age is then left until their load can follow.
    long warmUpMillis() {
        return connectionSeconds == SHORT_AGE ? 1120L * SHORT_AGE : 1500;
    }

    /// Whether agents tell the servers their shares.
    boolean isTold() {
        return this == TOLD || this == PARKED_TOLD || this == ADDED_TOLD;
    }

    Change change() {
        return change;
    }
}
