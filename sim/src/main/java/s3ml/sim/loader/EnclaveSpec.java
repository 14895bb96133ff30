package s3ml.sim.loader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.sim.platform.EvidenceKind;

/// What the loader is to start: the files an enclave is made of, how its JVM is called, and what its signer states.
///
/// The process sees its files under fixed relative names, whatever their paths here: `classpath/*`, `native/*` and
/// `data/*` below its working folder. So its JVM options hold no path of this machine, and neither does its
/// measurement.
///
/// @param name 1 to 32 of `a-z 0-9 -`: the handle of the running enclave; not measured
/// @param javaHome the JDK or run-time image that runs it; its run-time files are measured
/// @param parts jars, libraries and data
/// @param call how the JVM is called
/// @param signature what the signer states
/// @param evidence the form of its quotes; not measured
public record EnclaveSpec(
        String name, Path javaHome, Parts parts, Call call, SignerStatement signature, EvidenceKind evidence) {
    private static final Set<String> MEMBERS = Set.of(
            "name",
            "javaHome",
            "classPath",
            "nativeLibraries",
            "data",
            "jvmOptions",
            "mainClass",
            "arguments",
            "signer",
            "isvProdId",
            "isvSvn",
            "debug",
            "evidence");

    public EnclaveSpec {
        if (!name.matches("[a-z0-9-]{1,32}")) {
            throw invalid("name \"" + name + "\" must be 1 to 32 of a-z, 0-9 and -");
        }
    }

    /// Files, in the order in which they are searched; two of one list must not share a file name.
    ///
    /// @param data by the name under which the enclave finds it, for example `aecs-policy.json`
    public record Parts(List<Path> classPath, List<Path> nativeLibraries, Map<String, Path> data) {
        public Parts {
            classPath = List.copyOf(classPath);
            nativeLibraries = List.copyOf(nativeLibraries);
            data = new TreeMap<>(data);
            if (classPath.isEmpty()) {
                throw invalid("classPath is empty");
            }
            uniqueNames("classPath", classPath);
            uniqueNames("nativeLibraries", nativeLibraries);
            data.keySet().forEach(EnclaveSpec::plainName);
        }

        private static void uniqueNames(String list, List<Path> paths) {
            Set<String> names = new java.util.HashSet<>();
            for (Path path : paths) {
                plainName(path.getFileName().toString());
                if (!names.add(path.getFileName().toString())) {
                    throw invalid(list + " holds two files called " + path.getFileName());
                }
            }
        }
    }

    /// How the JVM is called.
    ///
    /// @param jvmOptions measured, so without paths of this machine
    /// @param arguments not measured: the enclave must treat them as hostile input
    public record Call(List<String> jvmOptions, String mainClass, List<String> arguments) {
        public Call {
            jvmOptions = List.copyOf(jvmOptions);
            arguments = List.copyOf(arguments);
            if (jvmOptions.stream().anyMatch(option -> option.indexOf('\n') >= 0 || !option.startsWith("-"))) {
                throw invalid("a JVM option must begin with - and be one line");
            }
            if (!mainClass.matches("[A-Za-z0-9_.$]{1,256}")) {
                throw invalid("mainClass \"" + mainClass + "\" is no class name");
            }
        }
    }

    /// What the signer states about the enclave.
    ///
    /// @param key file with the signer's key pair, as [SignerKey] writes it; without one the platform's own is used
    public record SignerStatement(Optional<Path> key, int productId, int securityVersion, boolean debug) {
        private static final int MAX_U16 = 0xffff;

        public SignerStatement {
            if (productId < 0 || productId > MAX_U16 || securityVersion < 0 || securityVersion > MAX_U16) {
                throw invalid("isvProdId and isvSvn must be 0 to 65535");
            }
        }
    }

    /// The same enclave under another name and with other arguments.
    public EnclaveSpec started(String otherName, List<String> arguments) {
        Call other = new Call(call.jvmOptions(), call.mainClass(), arguments);
        return new EnclaveSpec(otherName, javaHome, parts, other, signature, evidence);
    }

    /// The same with one more, or another, measured data file.
    public EnclaveSpec withData(String dataName, Path file) {
        Map<String, Path> data = new TreeMap<>(parts.data());
        data.put(dataName, file);
        Parts other = new Parts(parts.classPath(), parts.nativeLibraries(), data);
        return new EnclaveSpec(name, javaHome, other, call, signature, evidence);
    }

    /// The same with these files.
    public EnclaveSpec withParts(Parts other) {
        return new EnclaveSpec(name, javaHome, other, call, signature, evidence);
    }

    /// The same with another statement of the signer.
    public EnclaveSpec signed(SignerStatement other) {
        return new EnclaveSpec(name, javaHome, parts, call, other, evidence);
    }

    /// Reads what [#toJson] writes.
    ///
    /// @throws S3mlException SIM-103 if a value is out of its range, ATT-201 if the document has another shape
    public static EnclaveSpec of(JsonObject json) {
        json.onlyMembers(MEMBERS);
        Map<String, Path> data = new LinkedHashMap<>();
        JsonObject files = json.object("data");
        for (String name : files.members().keySet()) {
            data.put(name, Path.of(files.string(name)));
        }
        String label = json.string("evidence");
        return new EnclaveSpec(
                json.string("name"),
                Path.of(json.string("javaHome")),
                new Parts(paths(json.array("classPath")), paths(json.array("nativeLibraries")), data),
                new Call(
                        json.array("jvmOptions").strings(),
                        json.string("mainClass"),
                        json.array("arguments").strings()),
                new SignerStatement(
                        json.optionalString("signer").map(Path::of),
                        Math.toIntExact(json.number("isvProdId")),
                        Math.toIntExact(json.number("isvSvn")),
                        json.bool("debug")),
                EvidenceKind.ofLabel(label).orElseThrow(() -> invalid("evidence \"" + label + "\" is unknown")));
    }

    private static List<Path> paths(JsonArray array) {
        return array.strings().stream().map(Path::of).toList();
    }

    /// The document that the platform process takes.
    public JsonObject toJson() {
        JsonObject.Builder data = JsonObject.builder();
        parts.data().forEach((dataName, path) -> data.put(dataName, absolute(path)));
        JsonObject.Builder json = JsonObject.builder()
                .put("name", name)
                .put("javaHome", absolute(javaHome))
                .put("classPath", absolute(parts.classPath()))
                .put("nativeLibraries", absolute(parts.nativeLibraries()))
                .put("data", data.build())
                .put("jvmOptions", JsonArray.ofStrings(call.jvmOptions()))
                .put("mainClass", call.mainClass())
                .put("arguments", JsonArray.ofStrings(call.arguments()));
        signature.key().ifPresent(key -> json.put("signer", absolute(key)));
        return json.put("isvProdId", signature.productId())
                .put("isvSvn", signature.securityVersion())
                .put("debug", signature.debug())
                .put("evidence", evidence.label())
                .build();
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().toString();
    }

    private static JsonArray absolute(List<Path> paths) {
        List<String> texts = new ArrayList<>();
        paths.forEach(path -> texts.add(absolute(path)));
        return JsonArray.ofStrings(texts);
    }

    private static void plainName(String name) {
        if (!name.matches("[A-Za-z0-9._+-]{1,128}") || name.startsWith(".")) {
            throw invalid("\"" + name + "\" is no plain file name");
        }
    }

    static S3mlException invalid(String why) {
        return new S3mlException("SIM-103", "refused the enclave description", why, "correct the description");
    }
}
