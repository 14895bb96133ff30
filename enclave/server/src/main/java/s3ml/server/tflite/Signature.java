package s3ml.server.tflite;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// Names that the model's author gave to inputs and outputs, by the address of the tensor they stand for.
///
/// Tensor names inside a model are the converter's ("StatefulPartitionedCall:1"); a signature has the names that
/// callers know. The first signature counts; a model without one keeps its tensor names.
record Signature(String key, Map<Long, String> inputs, Map<Long, String> outputs) {
    Signature {
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }

    static Signature of(MemorySegment interpreter) {
        Map<Long, String> inputs = new HashMap<>();
        Map<Long, String> outputs = new HashMap<>();
        if (Native.integer(NativeTfLite.SIGNATURE_COUNT, interpreter) == 0) {
            return new Signature("", inputs, outputs);
        }
        try (Arena arena = Arena.ofConfined()) {
            String key = NativeTfLite.text(Native.address(NativeTfLite.SIGNATURE_KEY, interpreter, 0));
            MemorySegment runner = Native.address(NativeTfLite.RUNNER, interpreter, arena.allocateFrom(key));
            if (runner.address() == 0) {
                return new Signature("", inputs, outputs);
            }
            long inputCount = Native.size(NativeTfLite.RUNNER_INPUT_COUNT, runner);
            for (int i = 0; i < inputCount; i++) {
                String name = NativeTfLite.text(Native.address(NativeTfLite.RUNNER_INPUT_NAME, runner, i));
                inputs.put(tensor(arena, runner, name, true), name);
            }
            long outputCount = Native.size(NativeTfLite.RUNNER_OUTPUT_COUNT, runner);
            for (int i = 0; i < outputCount; i++) {
                String name = NativeTfLite.text(Native.address(NativeTfLite.RUNNER_OUTPUT_NAME, runner, i));
                outputs.put(tensor(arena, runner, name, false), name);
            }
            Native.call(NativeTfLite.RUNNER_DELETE, runner);
            return new Signature(key, inputs, outputs);
        }
    }

    private static long tensor(Arena arena, MemorySegment runner, String name, boolean input) {
        MemorySegment text = arena.allocateFrom(name);
        return Native.address(input ? NativeTfLite.RUNNER_INPUT : NativeTfLite.RUNNER_OUTPUT, runner, text)
                .address();
    }
}
