package s3ml.server;

import java.util.List;
import java.util.Map;
import s3ml.protocol.Lease;

/// What a server needs to serve, as a lease brings it. Owned by whoever made it: the server copies what it keeps.
///
/// @param tickets the first encrypts new TLS tickets, all decrypt
/// @param sealed keys of sealed bodies; may be empty
/// @param models keys of model packages
/// @param configuration attested settings of the service
public record ServingKeys(
        Lease.TlsIdentity tls,
        List<Lease.TicketKey> tickets,
        List<Lease.HpkeServiceKey> sealed,
        List<Lease.ModelKey> models,
        Map<String, String> configuration) {
    public ServingKeys {
        tickets = List.copyOf(tickets);
        sealed = List.copyOf(sealed);
        models = List.copyOf(models);
        configuration = Map.copyOf(configuration);
    }

    /// The keys of a lease; of no use after it is closed.
    public static ServingKeys of(Lease lease) {
        return new ServingKeys(
                lease.tls(), lease.ticketKeys(), lease.hpkeKeys(), lease.models(), lease.configuration());
    }
}
