package s3ml.server.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;

/// The classification extension of the Open Inference Protocol: the best classes of an output instead of the output,
/// each as the text `value:index` or `value:index:label`.
final class Classification {
    private final List<String> labels;

    Classification(List<String> labels) {
        this.labels = labels;
    }

    /// The `classes` best entries of each batch element.
    ///
    /// @param batched whether the first dimension counts batch elements
    OutputTensor best(OutputTensor output, int classes, boolean batched) {
        if (output.type() == DataType.BYTES) {
            throw new RequestRefused(
                    Fault.WRONG_PARAMETER,
                    "output " + RequestRefused.quoted(output.name()) + " has strings, which have no best classes");
        }
        Shape shape = output.shape();
        int rows = batched && shape.rank() > 0 ? shape.dim(0) : 1;
        int columns = rows == 0 ? 0 : Math.toIntExact(shape.elements() / rows);
        int wanted = Math.min(classes, columns);
        List<byte[]> texts = new ArrayList<>(rows * wanted);
        for (int row = 0; row < rows; row++) {
            addBest(output, row * columns, columns, wanted, texts);
        }
        Shape result = batched ? Shape.of(rows, wanted) : Shape.of(wanted);
        return new OutputTensor(output.name(), DataType.BYTES, result, join(texts));
    }

    private void addBest(OutputTensor output, int from, int count, int wanted, List<byte[]> texts) {
        Elements elements = new Elements(output.type(), output.data());
        // The worst kept entry on top: of equal values the later index is worse.
        PriorityQueue<Integer> kept =
                new PriorityQueue<>(Comparator.<Integer>comparingDouble(i -> elements.asDouble(from + i))
                        .thenComparing(Comparator.reverseOrder()));
        for (int i = 0; i < count; i++) {
            kept.add(i);
            if (kept.size() > wanted) {
                kept.remove();
            }
        }
        List<String> best = new ArrayList<>(wanted);
        while (!kept.isEmpty()) {
            int index = kept.remove();
            String label = index < labels.size() ? ":" + labels.get(index) : "";
            best.add(elements.text(from + index) + ":" + index + label);
        }
        best.reversed().forEach(text -> texts.add(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static ByteBuffer join(List<byte[]> texts) {
        int size = texts.stream().mapToInt(text -> text.length + Integer.BYTES).sum();
        ByteBuffer joined = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        texts.forEach(text -> joined.putInt(text.length).put(text));
        return joined.flip();
    }
}
