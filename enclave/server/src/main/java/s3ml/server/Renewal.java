package s3ml.server;

import s3ml.protocol.Lease;
import s3ml.server.repository.Serving;
import s3ml.server.rest.SealedDoor;
import s3ml.server.tls.ServingTls;

/// What a new lease changes in a running server: TLS keys for new connections, keys of sealed bodies, and which models
/// there are.
record Renewal(Serving serving, ServingTls tls, SealedDoor sealed, Listeners listeners, EventLog log)
        implements LeaseKeeper.Listener {
    @Override
    public void renewed(Lease lease) {
        tls.renew(lease.tls(), lease.ticketKeys());
        serving.repository().released(lease.models()).join();
        sealed.renew(lease.hpkeKeys());
        serving.leased();
        listeners.announce(serving.isReady());
        log.leased(lease);
    }

    @Override
    public void expired() {
        serving.expired();
        listeners.announce(false);
        log.write(log.event("error", "lease expired"));
    }
}
