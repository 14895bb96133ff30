package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import s3ml.protocol.ReplayWindow.Admission;

final class ReplayWindowTest {
    private static final Duration WINDOW = Duration.ofSeconds(60);

    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private final ReplayWindow window = new ReplayWindow(WINDOW, 3, () -> now, new Random(1));

    @Test
    void a_request_is_admitted_once() {
        assertThat(window.admit(key(1), now)).isEqualTo(Admission.ADMITTED);
        assertThat(window.admit(key(1), now)).isEqualTo(Admission.REPLAYED);
        assertThat(window.admit(key(2), now)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void what_is_remembered_of_a_request_is_its_key_alone() throws Exception {
        byte[] body = new byte[1_000_000];
        WeakReference<byte[]> request = new WeakReference<>(body);
        window.admit(UnsafeByteOperations.unsafeWrap(body).substring(7, 39), now);

        body = new byte[0];
        for (int look = 0; look < 100 && request.get() != null; look++) {
            System.gc();
            Thread.sleep(20);
        }

        assertThat(request.get()).isNull();
        assertThat(window.admit(ByteString.copyFrom(new byte[32]), now)).isEqualTo(Admission.REPLAYED);
        assertThat(body).isEmpty();
    }

    @Test
    void an_old_or_future_request_is_refused_without_being_remembered() {
        assertThat(window.admit(key(1), now.minus(WINDOW).minusMillis(1))).isEqualTo(Admission.OUT_OF_WINDOW);
        assertThat(window.admit(key(1), now.plus(WINDOW).plusMillis(1))).isEqualTo(Admission.OUT_OF_WINDOW);
        assertThat(window.admit(key(1), now.plus(WINDOW))).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void no_request_is_admitted_twice_however_long_it_is_kept() {
        Instant start = now;
        Instant sentAhead = start.plus(WINDOW);
        assertThat(window.admit(key(1), sentAhead)).isEqualTo(Admission.ADMITTED);

        for (int second = 1; second < 600; second++) {
            now = start.plusSeconds(second);
            window.admit(key(1000 + second), now);

            assertThat(window.admit(key(1), sentAhead)).as("after %d s", second).isNotEqualTo(Admission.ADMITTED);
        }
    }

    @Test
    void more_than_it_can_remember_is_refused_until_time_passes() {
        for (int request = 1; request <= 3; request++) {
            assertThat(window.admit(key(request), now)).isEqualTo(Admission.ADMITTED);
        }

        assertThat(window.admit(key(4), now)).isEqualTo(Admission.FULL);
        now = now.plus(WINDOW.multipliedBy(2)).plusMillis(1);
        assertThat(window.admit(key(4), now)).isEqualTo(Admission.ADMITTED);
    }

    private static ByteString key(int number) {
        byte[] key = new byte[32];
        new Random(number).nextBytes(key);
        return ByteString.copyFrom(key);
    }
}
