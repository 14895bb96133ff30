package s3ml.server.tflite;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import s3ml.attest.S3mlException;

/// The symbols of `libjnitensorflowlite.so` 2.21 (c_api.h, c_api_opaque.h, xnnpack_delegate.h) that this server calls.
///
/// The library is found in `java.library.path` only, by its full path: a bare name would let the host's
/// `LD_LIBRARY_PATH` choose another file than the measured one.
///
/// Faults: `SRV-101` the library is missing or is not the version that the struct layout below was taken from.
final class NativeTfLite {
    private static final String LIBRARY = "libjnitensorflowlite.so";
    private static final String VERSION = "2.21.";

    /// `TfLiteXNNPackDelegateOptions` of 2.21; the layout changes between versions, so the version is checked.
    static final StructLayout XNNPACK_OPTIONS = MemoryLayout.structLayout(
            JAVA_INT.withName("num_threads"),
            JAVA_INT.withName("runtime_flags"),
            JAVA_INT.withName("flags"),
            MemoryLayout.paddingLayout(4),
            ADDRESS.withName("weights_cache"),
            JAVA_BOOLEAN.withName("handle_variable_ops"),
            MemoryLayout.paddingLayout(7),
            ADDRESS.withName("cache_path"),
            JAVA_INT.withName("cache_fd"),
            MemoryLayout.paddingLayout(4),
            ADDRESS.withName("provider"));

    private static final AddressLayout TEXT =
            ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, JAVA_BYTE));
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = library();

    static final MethodHandle MODEL_CREATE =
            function("TfLiteModelCreateWithErrorReporter", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    static final MethodHandle MODEL_DELETE = procedure("TfLiteModelDelete", ADDRESS);
    static final MethodHandle OPTIONS_CREATE = function("TfLiteInterpreterOptionsCreate", ADDRESS);
    static final MethodHandle OPTIONS_DELETE = procedure("TfLiteInterpreterOptionsDelete", ADDRESS);
    static final MethodHandle OPTIONS_THREADS = procedure("TfLiteInterpreterOptionsSetNumThreads", ADDRESS, JAVA_INT);
    static final MethodHandle OPTIONS_DELEGATE = procedure("TfLiteInterpreterOptionsAddDelegate", ADDRESS, ADDRESS);
    static final MethodHandle OPTIONS_REPORTER =
            procedure("TfLiteInterpreterOptionsSetErrorReporter", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle XNNPACK_DEFAULTS = LINKER.downcallHandle(
            symbol("TfLiteXNNPackDelegateOptionsDefault"), FunctionDescriptor.of(XNNPACK_OPTIONS));
    static final MethodHandle XNNPACK_CREATE = function("TfLiteXNNPackDelegateCreate", ADDRESS, ADDRESS);
    static final MethodHandle XNNPACK_DELETE = procedure("TfLiteXNNPackDelegateDelete", ADDRESS);
    static final MethodHandle CREATE = function("TfLiteInterpreterCreate", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle DELETE = procedure("TfLiteInterpreterDelete", ADDRESS);
    static final MethodHandle ALLOCATE = function("TfLiteInterpreterAllocateTensors", JAVA_INT, ADDRESS);
    static final MethodHandle INVOKE = function("TfLiteInterpreterInvoke", JAVA_INT, ADDRESS);
    static final MethodHandle RESIZE =
            function("TfLiteInterpreterResizeInputTensor", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle INPUT_COUNT = function("TfLiteInterpreterGetInputTensorCount", JAVA_INT, ADDRESS);
    static final MethodHandle OUTPUT_COUNT = function("TfLiteInterpreterGetOutputTensorCount", JAVA_INT, ADDRESS);
    static final MethodHandle INPUT = function("TfLiteInterpreterGetInputTensor", ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle OUTPUT = function("TfLiteInterpreterGetOutputTensor", ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle TENSOR_NAME = function("TfLiteTensorName", TEXT, ADDRESS);
    static final MethodHandle TENSOR_TYPE = function("TfLiteTensorType", JAVA_INT, ADDRESS);
    static final MethodHandle TENSOR_RANK = function("TfLiteTensorNumDims", JAVA_INT, ADDRESS);
    static final MethodHandle TENSOR_DIM = function("TfLiteTensorDim", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle TENSOR_BYTES = function("TfLiteTensorByteSize", JAVA_LONG, ADDRESS);
    static final MethodHandle TENSOR_DATA = function("TfLiteTensorData", ADDRESS, ADDRESS);
    static final MethodHandle TENSOR_REALLOC = function("TfLiteTensorRealloc", JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle SIGNATURE_RANK =
            function("TfLiteOpaqueTensorGetNumDimsSignature", JAVA_INT, ADDRESS, ADDRESS);
    static final MethodHandle SIGNATURE_DIM =
            function("TfLiteOpaqueTensorGetDimSignature", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle SIGNATURE_COUNT = function("TfLiteInterpreterGetSignatureCount", JAVA_INT, ADDRESS);
    static final MethodHandle SIGNATURE_KEY = function("TfLiteInterpreterGetSignatureKey", TEXT, ADDRESS, JAVA_INT);
    static final MethodHandle RUNNER = function("TfLiteInterpreterGetSignatureRunner", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle RUNNER_DELETE = procedure("TfLiteSignatureRunnerDelete", ADDRESS);
    static final MethodHandle RUNNER_INPUT_COUNT = function("TfLiteSignatureRunnerGetInputCount", JAVA_LONG, ADDRESS);
    static final MethodHandle RUNNER_INPUT_NAME =
            function("TfLiteSignatureRunnerGetInputName", TEXT, ADDRESS, JAVA_INT);
    static final MethodHandle RUNNER_INPUT = function("TfLiteSignatureRunnerGetInputTensor", ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle RUNNER_OUTPUT_COUNT = function("TfLiteSignatureRunnerGetOutputCount", JAVA_LONG, ADDRESS);
    static final MethodHandle RUNNER_OUTPUT_NAME =
            function("TfLiteSignatureRunnerGetOutputName", TEXT, ADDRESS, JAVA_INT);
    static final MethodHandle RUNNER_OUTPUT =
            function("TfLiteSignatureRunnerGetOutputTensor", ADDRESS, ADDRESS, ADDRESS);

    /// glibc keeps freed arenas; a model that was unloaded must give its pages back. Absent on other C libraries.
    private static final Optional<MethodHandle> TRIM = LINKER.defaultLookup()
            .find("malloc_trim")
            .map(address -> LINKER.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_LONG)));

    private NativeTfLite() {}

    private static SymbolLookup library() {
        // The JVM options are measured with the enclave, so this property is not the host's to choose.
        String path = System.getProperty("java.library.path", "");
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path file = Path.of(folder, LIBRARY).toAbsolutePath();
            if (!folder.isEmpty() && Files.isRegularFile(file)) {
                SymbolLookup lookup = SymbolLookup.libraryLookup(file, Arena.global());
                quiet(lookup);
                checkVersion(lookup, file);
                return lookup;
            }
        }
        throw missing("no folder of java.library.path (" + path + ") holds " + LIBRARY);
    }

    private static void checkVersion(SymbolLookup lookup, Path file) {
        MethodHandle version =
                LINKER.downcallHandle(lookup.find("TfLiteVersion").orElseThrow(), FunctionDescriptor.of(TEXT));
        String found = text(Native.address(version));
        if (!found.startsWith(VERSION)) {
            throw missing(file + " is version " + found + ", this server is built for " + VERSION + "x");
        }
    }

    /// Standard error carries one JSON object a line: TensorFlow Lite's own remarks below warnings are left out.
    private static void quiet(SymbolLookup lookup) {
        int warning = 2;
        lookup.find("_ZN6tflite16logging_internal13MinimalLogger21SetMinimumLogSeverityENS_11LogSeverityE")
                .ifPresent(setter -> Native.integer(
                        LINKER.downcallHandle(setter, FunctionDescriptor.of(JAVA_INT, JAVA_INT)), warning));
    }

    private static S3mlException missing(String why) {
        return new S3mlException(
                "SRV-101",
                "cannot load TensorFlow Lite",
                why,
                "start with -Djava.library.path=target/native of the server's build");
    }

    private static MemorySegment symbol(String name) {
        return SYMBOLS.find(name).orElseThrow(() -> missing(LIBRARY + " has no symbol " + name));
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    private static MethodHandle procedure(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.ofVoid(arguments));
    }

    /// The C string at `address`; empty for NULL.
    static String text(MemorySegment address) {
        return address.address() == 0 ? "" : address.getString(0);
    }

    /// Gives free pages of the native heap back to the system.
    static void trim() {
        TRIM.ifPresent(trim -> Native.integer(trim, 0L));
    }
}
