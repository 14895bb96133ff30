package s3ml.server.tflite;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls of native functions, one method for each signature in use: exact invocation needs no adapters, which would be
/// generated at start-up, and native functions throw nothing.
final class Native {
    private Native() {}

    static MemorySegment address(MethodHandle function) {
        try {
            return (MemorySegment) function.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static MemorySegment address(MethodHandle function, MemorySegment a) {
        try {
            return (MemorySegment) function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static MemorySegment address(MethodHandle function, MemorySegment a, MemorySegment b) {
        try {
            return (MemorySegment) function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static MemorySegment address(MethodHandle function, MemorySegment a, int b) {
        try {
            return (MemorySegment) function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static MemorySegment address(MethodHandle function, MemorySegment a, long b, MemorySegment c, MemorySegment d) {
        try {
            return (MemorySegment) function.invokeExact(a, b, c, d);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, int a) {
        try {
            return (int) function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, long a) {
        try {
            return (int) function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, long a, MemorySegment b) {
        try {
            return (int) function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, MemorySegment a) {
        try {
            return (int) function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, MemorySegment a, int b) {
        try {
            return (int) function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, MemorySegment a, MemorySegment b) {
        try {
            return (int) function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, MemorySegment a, int b, MemorySegment c) {
        try {
            return (int) function.invokeExact(a, b, c);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int integer(MethodHandle function, MemorySegment a, int b, MemorySegment c, int d) {
        try {
            return (int) function.invokeExact(a, b, c, d);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static long size(MethodHandle function, MemorySegment a) {
        try {
            return (long) function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void call(MethodHandle function, MemorySegment a) {
        try {
            function.invokeExact(a);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void call(MethodHandle function, MemorySegment a, int b) {
        try {
            function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void call(MethodHandle function, MemorySegment a, MemorySegment b) {
        try {
            function.invokeExact(a, b);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void call(MethodHandle function, MemorySegment a, MemorySegment b, MemorySegment c) {
        try {
            function.invokeExact(a, b, c);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
