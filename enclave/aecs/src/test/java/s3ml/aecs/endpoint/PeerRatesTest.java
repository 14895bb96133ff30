package s3ml.aecs.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class PeerRatesTest {
    private static final long SECOND = 1_000_000_000L;

    private long now;
    private final PeerRates rates = new PeerRates(10, () -> now, new Counters());

    private static InetSocketAddress peer(String address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), 4711);
    }

    private int admitted(String address, int calls) throws UnknownHostException {
        int admitted = 0;
        for (int i = 0; i < calls; i++) {
            admitted += rates.admits(peer(address)) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void a_peer_gets_two_seconds_worth_at_once_and_then_its_rate() throws Exception {
        assertThat(admitted("10.0.0.1", 100)).isEqualTo(20);

        now += SECOND;

        assertThat(admitted("10.0.0.1", 100)).isEqualTo(10);
    }

    @Test
    void one_peer_takes_nothing_from_another() throws Exception {
        admitted("10.0.0.1", 100);

        assertThat(admitted("10.0.0.2", 5)).isEqualTo(5);
    }

    @Test
    void all_addresses_of_an_ipv6_network_are_one_peer() throws Exception {
        admitted("2001:db8:0:1::1", 100);

        assertThat(admitted("2001:db8:0:1:ffff::2", 5)).isZero();
        assertThat(admitted("2001:db8:0:2::1", 5)).isEqualTo(5);
    }

    @Test
    void what_was_not_used_is_not_saved_up() throws Exception {
        admitted("10.0.0.1", 1);
        now += 3600 * SECOND;

        assertThat(admitted("10.0.0.1", 100)).isEqualTo(20);
    }
}
