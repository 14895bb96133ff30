package s3ml.server.tflite;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// What TensorFlow Lite says went wrong, kept for the error that follows instead of being printed.
///
/// TensorFlow Lite reports from the thread that called it, so the text is kept by thread.
final class ErrorText {
    private static final int LONGEST = 512;
    private static final ThreadLocal<StringBuilder> SAID = ThreadLocal.withInitial(StringBuilder::new);
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle FORMAT = LINKER.downcallHandle(
            LINKER.defaultLookup().find("vsnprintf").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

    /// `void (*)(void* user_data, const char* format, va_list args)`; on x86-64 and AArch64 Linux a `va_list` parameter
    /// is passed as a pointer.
    static final MemorySegment REPORTER = reporter();

    private ErrorText() {}

    private static MemorySegment reporter() {
        try {
            MethodHandle target = MethodHandles.lookup()
                    .findStatic(
                            ErrorText.class,
                            "report",
                            MethodType.methodType(
                                    void.class, MemorySegment.class, MemorySegment.class, MemorySegment.class));
            return LINKER.upcallStub(target, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS), Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("the reporter of this class", impossible);
        }
    }

    // Called by TensorFlow Lite: must not throw.
    @SuppressWarnings("unused")
    private static void report(MemorySegment ignored, MemorySegment format, MemorySegment arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LONGEST);
            int written = (int) FORMAT.invokeExact(buffer, (long) LONGEST, format, arguments);
            StringBuilder said = SAID.get();
            if (written > 0 && said.length() < LONGEST) {
                said.append(said.isEmpty() ? "" : " / ")
                        .append(buffer.getString(0).strip());
            }
        } catch (Throwable lost) {
            SAID.get().append("(unreadable message)");
        }
    }

    /// What was said on this thread since the last call, or `otherwise`.
    static String take(String otherwise) {
        StringBuilder said = SAID.get();
        String text = said.isEmpty() ? otherwise : said.toString();
        said.setLength(0);
        return text;
    }
}
