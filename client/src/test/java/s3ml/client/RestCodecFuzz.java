package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

/// Answers of a hostile replica by a fixed seed: each is read or refused with a code of ours.
final class RestCodecFuzz {
    private static final long SEED = 20_261_124;

    @Test
    void a_mutated_answer_is_read_or_refused() {
        String header = """
                {"model_name":"m","model_version":"1","id":"","outputs":[\
                {"name":"a","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}},\
                {"name":"b","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":5}}]}""";
        byte[] intact = Arrays.copyOf(header.getBytes(StandardCharsets.UTF_8), header.length() + 13);
        SplittableRandom random = new SplittableRandom(SEED);

        assertThat(RestCodec.decode("peer", ByteBuffer.wrap(intact), header.length())
                        .outputs())
                .hasSize(2);
        for (int run = 0; run < 50_000; run++) {
            byte[] mutated = intact.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(10) == 0 ? random.nextInt(mutated.length + 1) : mutated.length;
            int headerBytes = random.nextInt(10) == 0 ? random.nextInt(-5, mutated.length + 5) : header.length();
            try {
                RestCodec.decode("peer", ByteBuffer.wrap(mutated, 0, length), headerBytes);
            } catch (S3mlException e) {
                assertThat(e.code()).as("seed %d run %d", SEED, run).startsWith("CLI-1");
            }
        }
    }
}
