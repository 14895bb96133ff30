package s3ml.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorSpec;

/// Bodies that were changed at random: each is read or refused with a code, and no buffer is left behind.
///
/// The seed is in each failure's message and can be given again with `-Ds3ml.fuzz.seed=`.
final class InferBodyFuzzTest {
    private static final int RUNS = 5_000;
    private static final String INFER =
            "{\"id\":\"1\",\"parameters\":{\"timeout\":5,\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\","
                    + "\"datatype\":\"INT16\",\"shape\":[2,2],\"data\":[[1,2],[3,-4]]},{\"name\":\"y\",\"shape\":[3],"
                    + "\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}},{\"data\":[\"a\",\"\\u00e4\"],"
                    + "\"name\":\"z\",\"datatype\":\"BYTES\",\"shape\":[2]}],\"outputs\":[{\"name\":\"o\","
                    + "\"parameters\":{\"classification\":3}}]}";
    private static final String PREDICT = "{\"signature_name\":\"\",\"instances\":[{\"x\":[1.5,2],\"z\":\"a\"},"
            + "{\"x\":[3,4],\"z\":{\"b64\":\"YQ==\"}}]}";
    private static final String[] PIECES = {
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        ":",
        "null",
        "true",
        "1e999",
        "-1",
        "99999999999999999999",
        "\\u0000",
        "[[[[",
        "\"shape\""
    };

    private final HeapBudget budget = new HeapBudget(1 << 20);
    private final long seed = Long.getLong("s3ml.fuzz.seed", 20261124L);

    @Test
    void changed_infer_bodies_are_read_or_refused() {
        Random random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            byte[] json = changed(INFER, random);
            ByteBuf binary = Unpooled.buffer().writeBytes(new byte[12 + random.nextInt(2) * random.nextInt(8)]);
            try (HeapBudget.Share heap = budget.share()) {
                InferBody body = InferBody.read(json, binary, heap);
                body.parameters().priority();
                body.inputs().forEach(InputTensor::close);
            } catch (RequestRefused expected) {
                assertThat(expected.getMessage()).as(message(run, json)).startsWith("SRV-2");
            } catch (RuntimeException unexpected) {
                throw new AssertionError(message(run, json), unexpected);
            }
            assertThat(binary.refCnt()).as(message(run, json)).isEqualTo(1);
            binary.release();
        }
    }

    @Test
    void changed_predict_bodies_are_read_or_refused() {
        ModelSpec spec = new ModelSpec(
                new ModelName("m", "1"),
                List.of(
                        new TensorSpec("x", DataType.FP32, Shape.of(-1, 2)),
                        new TensorSpec("z", DataType.BYTES, Shape.of(-1))),
                List.of(),
                List.of(),
                ModelSpec.Batching.OFF);
        Random random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            byte[] json = changed(PREDICT, random);
            try (HeapBudget.Share heap = budget.share()) {
                PredictBody.read(json, spec, heap).inputs();
            } catch (RequestRefused expected) {
                assertThat(expected.getMessage()).as(message(run, json)).startsWith("SRV-2");
            } catch (RuntimeException unexpected) {
                throw new AssertionError(message(run, json), unexpected);
            }
        }
    }

    private static byte[] changed(String text, Random random) {
        StringBuilder out = new StringBuilder(text);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && !out.isEmpty(); i++) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(5)) {
                case 0 -> out.deleteCharAt(at);
                case 1 -> out.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 2 -> out.setCharAt(at, (char) random.nextInt(256));
                case 3 -> out.delete(at, Math.min(out.length(), at + random.nextInt(40)));
                default -> out.insert(at, out.substring(at, Math.min(out.length(), at + random.nextInt(40))));
            }
        }
        return out.toString().getBytes(random.nextBoolean() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }

    private String message(int run, byte[] json) {
        return "seed " + seed + ", run " + run + ": " + new String(json, StandardCharsets.ISO_8859_1);
    }
}
