package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

/// Changed HPKE frames by a fixed seed (another one by `-Ds3ml.fuzz.seed=`): whatever a proxy does to a sealed body,
/// each end reads what the other sealed, or refuses.
final class SealedBodyFuzz {
    private static final int RUNS = 1_000;
    private static final SealedBody.Target TARGET = new SealedBody.Target("POST", "/v2/models/m/infer", "m");

    private final long seed = Long.getLong("s3ml.fuzz.seed", 20_261_129L);
    private final HpkeKeyPair pair = Hpke.generate();
    private final Lease.HpkeServiceKey key =
            new Lease.HpkeServiceKey(new HpkeKeyConfig(3, pair.publicKey()), pair.privateKey());
    private final SealedBody.Content content = new SealedBody.Content(2, ByteString.copyFromUtf8("{}tensor"));

    private SealedBody.SealedRequest request() {
        return SealedBody.seal(key.config(), TARGET, content, "Bearer token", Instant.EPOCH);
    }

    @Test
    void a_changed_request_is_refused_and_an_unchanged_one_opens() {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] intact = request().bytes().toByteArray();
        for (int run = 0; run < RUNS; run++) {
            byte[] changed = changed(intact, random);
            try (SealedBody.OpenedRequest opened =
                    SealedBody.open(List.of(key), TARGET, ByteString.copyFrom(changed))) {
                assertThat(changed).as("seed %d run %d", seed, run).isEqualTo(intact);
                assertThat(opened.content()).isEqualTo(content);
            } catch (S3mlException refused) {
                assertThat(refused.code()).as("seed %d run %d", seed, run).startsWith("PRO-1");
            }
        }
        try (SealedBody.OpenedRequest opened = SealedBody.open(List.of(key), TARGET, ByteString.copyFrom(intact))) {
            assertThat(opened.content()).isEqualTo(content);
        }
    }

    @Test
    void a_changed_response_is_refused_and_an_unchanged_one_opens() {
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < RUNS / 10; run++) {
            try (SealedBody.SealedRequest request = request();
                    SealedBody.OpenedRequest opened = SealedBody.open(List.of(key), TARGET, request.bytes())) {
                byte[] intact = opened.seal(200, content, new SecureRandom()).toByteArray();
                byte[] changed = run == 0 ? intact : changed(intact, random);
                try {
                    SealedBody.Content read = request.open(200, ByteString.copyFrom(changed));
                    assertThat(changed).as("seed %d run %d", seed, run).isEqualTo(intact);
                    assertThat(read).isEqualTo(content);
                } catch (S3mlException refused) {
                    assertThat(run).as("the first is not changed").isPositive();
                    assertThat(refused.code()).as("seed %d run %d", seed, run).startsWith("PRO-1");
                }
            }
        }
    }

    private static byte[] changed(byte[] intact, SplittableRandom random) {
        byte[] bytes = intact.clone();
        switch (random.nextInt(4)) {
            case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[random.nextInt(Math.min(16, bytes.length))] = (byte) random.nextInt();
            case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            default -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
        }
        return bytes;
    }
}
