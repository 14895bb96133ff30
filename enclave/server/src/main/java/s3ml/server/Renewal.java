package s3ml.server;

import s3ml.protocol.Lease;

/// Passes new leases on to the server.
record Renewal(ModelServer server, EventLog log) implements LeaseKeeper.Listener {
    @Override
    public void renewed(Lease lease) {
        server.renew(ServingKeys.of(lease));
        server.released(lease.receipt());
    }

    @Override
    public void expired() {
        server.expire();
        log.write(log.event("error", "lease expired"));
    }
}
