package s3ml.sim.epc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;

/// The pages that one inference touches, cut in ranges in the order of their use: the runtime's, then operator by
/// operator its weights, then the memory that activations share.
///
/// Weights count as the kernels hold them, unpacked to the type they compute in: what operators make from constants
/// alone is a constant too, and what only those operators read is not touched again.
///
/// @param ranges pages of each range; at most 128 ranges of at most 256 pages
public record ModelWalk(List<Integer> ranges) {
    private static final int PAGE = 4096;
    /// So small that a pinned range never holds up the others.
    private static final int LARGEST_RANGE = 256;

    /// Heap, class data, code and stacks that an inference passes through in a model server's JVM: 24 to 29 MB.
    public static final int RUNTIME_PAGES = 6_500;

    public ModelWalk {
        ranges = List.copyOf(ranges);
    }

    /// Pages of all ranges.
    public int pages() {
        return ranges.stream().mapToInt(Integer::intValue).sum();
    }

    /// The walk of a TensorFlow Lite model, which its owner holds in the clear.
    ///
    /// @param runtimePages touched beside the model, ≥ 0
    /// @throws S3mlException SIM-155 when the file is no such model or is larger than an emulated enclave
    public static ModelWalk of(Path tflite, int runtimePages) {
        try {
            TfLiteGraph graph = TfLiteGraph.parse(
                    ByteBuffer.wrap(Files.readAllBytes(tflite)).order(ByteOrder.LITTLE_ENDIAN));
            List<Long> bytes = new ArrayList<>();
            bytes.add((long) runtimePages * PAGE);
            bytes.addAll(graph.weightBytes());
            bytes.add(graph.activationBytes());
            return new ModelWalk(cut(bytes));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException broken) {
            throw refused(tflite, "it is no TensorFlow Lite model that can be read", broken);
        }
    }

    /// Neighbours share ranges, so that a model of many small operators needs no more of them than one of few.
    private static List<Integer> cut(List<Long> bytes) {
        long total = 0;
        for (long size : bytes) {
            total += size;
        }
        long pages = (total + PAGE - 1) / PAGE;
        if (pages > EpcLayout.MOST_PAGES) {
            throw new IllegalArgumentException(pages + " pages, and an emulated enclave has " + EpcLayout.MOST_PAGES);
        }
        List<Integer> ranges = new ArrayList<>();
        long reached = 0;
        long cutAt = 0;
        for (long size : bytes) {
            reached += size;
            long end = (reached + PAGE - 1) / PAGE;
            // An operator begins a range of its own where the last one is filled to a quarter.
            while (end - cutAt >= LARGEST_RANGE) {
                ranges.add(LARGEST_RANGE);
                cutAt += LARGEST_RANGE;
            }
            if (end - cutAt > LARGEST_RANGE / 4 && ranges.size() < EpcLayout.MOST_RANGES - pages / LARGEST_RANGE - 1) {
                ranges.add((int) (end - cutAt));
                cutAt = end;
            }
        }
        if (pages > cutAt) {
            ranges.add((int) (pages - cutAt));
        }
        return ranges;
    }

    private static S3mlException refused(Path file, String why, Exception cause) {
        return new S3mlException(
                "SIM-155",
                "cannot tell which pages " + file + " touches",
                why + " (" + cause.getMessage() + ")",
                "give a .tflite file of up to 128 MB with its weights unpacked",
                cause);
    }
}
