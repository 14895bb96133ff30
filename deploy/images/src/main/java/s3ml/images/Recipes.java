package s3ml.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.protocol.Release;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;

/// What each image holds, from a built tree.
///
/// Codes: `IMG-104` the tree is not built, `IMG-106` a program is missing.
final class Recipes {
    private static final List<String> SMALL_JVM = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xss512k",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /// Where the jars of a process lie that is no enclave.
    private static final String APP = "/app/";

    private static final List<String> AGENT_JVM = List.of(
            "-XX:SharedArchiveFile=" + APP + "classes.jsa",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-Xms4m",
            "-Xmx12m",
            "-Xmn2m",
            "-XX:MinHeapFreeRatio=5",
            "-XX:MaxHeapFreeRatio=10",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:TrimNativeHeapInterval=5000",
            "-Dio.netty.allocator.maxOrder=3",
            "-Dio.netty.allocator.numDirectArenas=1",
            "-Dio.netty.allocator.numHeapArenas=1");

    private final Path home;
    private final Map<String, Path> runtime;

    /// @param home the built tree, whose enclaves' run-time image all images get
    Recipes(Path home) {
        this.home = home;
        this.runtime = files(Distribution.at(home).runtime());
    }

    /// What is in a folder, by its paths in an image.
    private static Map<String, Path> files(Path folder) {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(Contents.JAVA_HOME + "/" + folder.relativize(file), file));
        } catch (IOException e) {
            throw notBuilt(folder.toString(), e);
        }
        return files;
    }

    /// An image of a process on the operator's side: a module's jar and the libraries beside it.
    Contents process(String name, String module, String mainClass, String heap) {
        List<Path> jars = jars(home.resolve(module));
        return plain(name, jars, jvm(jars, APP, mainClass, List.of(heap)), List.of(), Map.of());
    }

    /// The agent's image: it runs on every node beside what pays for itself, so it gets an archive of its classes, as
    /// enclaves do, and a heap near what is live. Read from jars and the run-time image they would take 20 MB more.
    Contents agent() {
        List<Path> jars = jars(home.resolve("fleet/agent"));
        Map<String, Path> archive =
                Map.of(APP + "classes.jsa", Distribution.at(home).agentArchive(jars));
        return plain("agent", jars, jvm(jars, APP, "s3ml.agent.AgentMain", AGENT_JVM), List.of(), archive);
    }

    /// An image of a program that is no Java: it and the libraries that it needs.
    static Contents program(String name, Path file) {
        String place = Contents.PROGRAMS + name;
        if (!Files.isRegularFile(file)) {
            throw new S3mlException(
                    "IMG-106", "no program for the image " + name, file + " is no file", "give its path");
        }
        Contents.Jvm none = new Contents.Jvm(List.of(), List.of(), "");
        return withLibraries(new Contents(name, Map.of(place, file), List.of(place), none));
    }

    /// The simulated platform's PCCS.
    Contents simulatedPlatform() {
        List<Path> jars = simulationJars();
        return plain("platform-simulated", jars, simulation(jars, APP), List.of("sim", "pccs"), Map.of());
    }

    /// A production enclave, with the files where the library OS and a TDX guest find them: class path, libraries and
    /// data below the root, which is the working folder.
    Contents enclave(Distribution.Kind kind, String mainClass, Map<String, Path> data) {
        EnclaveSpec spec = Distribution.at(home).spec(kind);
        List<Path> jars = spec.parts().classPath().stream()
                .filter(jar -> !jar.getFileName().toString().startsWith("s3ml-sim-"))
                .toList();
        Map<String, Path> files = new TreeMap<>(runtime);
        jars.forEach(jar -> files.put("/classpath/" + jar.getFileName(), jar));
        spec.parts().nativeLibraries().forEach(library -> files.put("/native/" + library.getFileName(), library));
        spec.parts().data().forEach((name, file) -> files.put("/data/" + name, file));
        data.forEach((name, file) -> files.put("/data/" + name, file));
        Contents.Jvm jvm = new Contents.Jvm(
                production(spec.call().jvmOptions()),
                jars.stream().map(jar -> "/classpath/" + jar.getFileName()).toList(),
                mainClass);
        return withLibraries(new Contents(spec.name(), files, jvm.command(), jvm));
    }

    /// Library OSs have ideas of their own about a file's time, which the archive's header holds: there, an archive
    /// that does not fit costs memory and is told in the log, but does not end the process.
    private static List<String> production(List<String> options) {
        return options.stream()
                .map(option -> option.equals("-Xshare:on") ? "-Xshare:auto" : option)
                .toList();
    }

    /// An enclave for the simulated platform: the loader starts it from the files below `/enclave` and measures them.
    ///
    /// @param data measured data files by name
    Contents simulatedEnclave(Distribution.Kind kind, Map<String, Path> data, Path scratch) {
        EnclaveSpec spec = measured(kind, data);
        Map<String, Path> files = new TreeMap<>(runtime);
        List<Path> loader = simulationJars();
        loader.forEach(jar -> files.put("/loader/" + jar.getFileName(), jar));
        spec.parts().classPath().forEach(jar -> files.put("/enclave/classpath/" + jar.getFileName(), jar));
        spec.parts()
                .nativeLibraries()
                .forEach(library -> files.put("/enclave/native/" + library.getFileName(), library));
        spec.parts().data().forEach((name, file) -> files.put("/enclave/data/" + name, file));
        files.put("/enclave/enclave.json", describe(spec, scratch.resolve(spec.name() + ".json")));
        List<String> command = new ArrayList<>(simulation(loader, "/loader/").command());
        command.addAll(List.of(
                "sim",
                "enclave",
                "--platform",
                "/simulated-platform",
                "--work",
                "/tmp/platform",
                "--spec",
                "/enclave/enclave.json",
                "--"));
        Contents.Jvm enclave = new Contents.Jvm(
                spec.call().jvmOptions(),
                spec.parts().classPath().stream()
                        .map(jar -> "/enclave/classpath/" + jar.getFileName())
                        .toList(),
                spec.call().mainClass());
        return withLibraries(new Contents(spec.name() + "-simulated", files, command, enclave));
    }

    /// The enclave's description as it is here, for measuring: the same names and contents as in the image.
    EnclaveSpec measured(Distribution.Kind kind, Map<String, Path> data) {
        EnclaveSpec spec = Distribution.at(home).spec(kind);
        for (Map.Entry<String, Path> file : new LinkedHashMap<>(data).entrySet()) {
            spec = spec.withData(file.getKey(), file.getValue());
        }
        return spec;
    }

    private static Path describe(EnclaveSpec spec, Path file) {
        Map<String, Path> data = new TreeMap<>();
        spec.parts().data().keySet().forEach(name -> data.put(name, Path.of("/enclave/data", name)));
        EnclaveSpec.Parts parts = new EnclaveSpec.Parts(
                spec.parts().classPath().stream()
                        .map(jar ->
                                Path.of("/enclave/classpath", jar.getFileName().toString()))
                        .toList(),
                spec.parts().nativeLibraries().stream()
                        .map(library ->
                                Path.of("/enclave/native", library.getFileName().toString()))
                        .toList(),
                data);
        EnclaveSpec there = new EnclaveSpec(
                spec.name(), Path.of(Contents.JAVA_HOME), parts, spec.call(), spec.signature(), spec.evidence());
        try {
            return Files.writeString(file, Json.write(there.toJson()) + "\n");
        } catch (IOException e) {
            throw notBuilt(file.toString(), e);
        }
    }

    /// The run-time image, jars below [#APP], and what else the process reads.
    private Contents plain(String name, List<Path> jars, Contents.Jvm jvm, List<String> words, Map<String, Path> more) {
        Map<String, Path> files = new TreeMap<>(runtime);
        jars.forEach(jar -> files.put(APP + jar.getFileName(), jar));
        files.putAll(more);
        List<String> command = new ArrayList<>(jvm.command());
        command.addAll(words);
        return withLibraries(new Contents(name, files, command, jvm));
    }

    private static Contents.Jvm simulation(List<Path> jars, String folder) {
        return jvm(jars, folder, "s3ml.sim.cli.S3mlSim", List.of("-Xmx64m"));
    }

    private static Contents.Jvm jvm(List<Path> jars, String folder, String mainClass, List<String> memory) {
        List<String> options = new ArrayList<>(SMALL_JVM);
        options.addAll(memory);
        options.add("-Ds3ml.version=" + Release.VERSION);
        return new Contents.Jvm(
                options, jars.stream().map(jar -> folder + jar.getFileName()).toList(), mainClass);
    }

    private static Contents withLibraries(Contents contents) {
        List<Path> natives = contents.files().values().stream()
                .filter(SharedLibraries::isNative)
                .toList();
        Map<String, Path> files = new TreeMap<>(contents.files());
        files.putAll(SharedLibraries.of(natives, natives));
        return new Contents(contents.name(), files, contents.command(), contents.jvm());
    }

    private List<Path> simulationJars() {
        return jars(home.resolve("sim"));
    }

    /// The module's own jar first, then the libraries by name.
    private static List<Path> jars(Path module) {
        try (Stream<Path> own = Files.list(module.resolve("target"));
                Stream<Path> libraries = Files.list(module.resolve("target/lib"))) {
            List<Path> jars = own.filter(file -> file.getFileName().toString().matches("s3ml-.*\\.jar"))
                    .collect(Collectors.toCollection(ArrayList::new));
            libraries.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
            return jars;
        } catch (IOException e) {
            throw notBuilt(module.toString(), e);
        }
    }

    private static S3mlException notBuilt(String what, IOException cause) {
        return new S3mlException(
                "IMG-104", "the tree is not built", what + ": " + cause.getMessage(), "run mvn package first", cause);
    }
}
