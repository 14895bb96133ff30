package s3ml.sim.loader;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.protocol.Release;
import s3ml.sim.platform.EvidenceKind;

/// A built tree, and the enclaves that are made from it: which files and JVM options the AECS and the model server are
/// started with on the simulated platform.
///
/// The class path of an enclave is its module's jar, the jars that Maven resolved for that module (`target/classpath`,
/// so that a stale jar in `target/lib` does not count), and the jar of `sim` with the simulated main. It runs on a
/// [RuntimeImage], with an archive of the classes that `classes.list` of its module names.
public final class Distribution {
    /// The measured data file with the enclave's classes as the JVM keeps them in memory.
    private static final String ARCHIVE = "classes.jsa";
    /// An archive that does not fit ends the process, and it is mapped where it was made for, so that pages which are
    /// not needed are not touched. What the JVM says goes to the log, since standard output carries the ready line.
    static final List<String> ARCHIVED = List.of(
            "-Xshare:on",
            "-XX:SharedArchiveFile=data/" + ARCHIVE,
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            "-XX:+DisplayVMOutputToStderr");
    /// Few threads, the first compiler and the serial collector: memory in an enclave is scarce, and inference is
    /// native. What each option buys is in enclave/README.md.
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:TrimNativeHeapInterval=5000",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.library.path=native",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final Path home;
    private final Path javaHome;
    private final Optional<Path> recordings;

    private Distribution(Path home, Path javaHome, Optional<Path> recordings) {
        this.home = home;
        this.javaHome = javaHome;
        this.recordings = recordings;
    }

    /// The tree at that folder, run by the JDK that runs this process.
    public static Distribution at(Path home) {
        return new Distribution(
                home.toAbsolutePath().normalize(),
                Path.of(System.getProperty("java.home")).toAbsolutePath(),
                Optional.empty());
    }

    /// The same tree, whose enclaves use no archive but write the classes that they load to `KIND.list` in that folder
    /// when they end.
    public Distribution recordingClasses(Path folder) {
        return new Distribution(home, javaHome, Optional.of(folder.toAbsolutePath()));
    }

    /// The enclaves of S3ML.
    public enum Kind {
        /// Its records may grow to some 100 MB; what it does not need it gives back.
        AECS(
                "enclave/aecs",
                "s3ml.sim.enclave.SimulatedAecs",
                1,
                "-Xmx128m -Xmn6m -XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10 -Xss512k"),
        /// What each option buys is in enclave/README.md.
        SERVER(
                "enclave/server",
                "s3ml.sim.enclave.SimulatedServer",
                2,
                "-Xms4m -Xmx96m -Xmn2m -XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10 -Xss256k"
                        + " -XX:StringTableSize=16384"
                        + " -XX:ReservedCodeCacheSize=16m -Dorg.conscrypt.native.workdir=/dev/null"
                        + " -Dio.netty.allocator.type=pooled -Dio.netty.allocator.maxOrder=3"
                        + " -Dio.netty.allocator.numDirectArenas=1 -Dio.netty.allocator.numHeapArenas=1");

        private final String module;
        private final String mainClass;
        private final int productId;
        private final String memory;

        Kind(String module, String mainClass, int productId, String memory) {
            this.module = module;
            this.mainClass = mainClass;
            this.productId = productId;
            this.memory = memory;
        }
    }

    /// The enclave as this build makes it, without data files and arguments.
    ///
    /// @throws S3mlException SIM-114 if the tree is not built
    public EnclaveSpec spec(Kind kind) {
        Path module = home.resolve(kind.module);
        List<Path> classPath = new ArrayList<>(classPath(module));
        Path sim = jar(home.resolve("sim"));
        classPath.removeIf(sim::equals);
        RuntimeImage runtime = RuntimeImage.of(home, javaHome);
        String name = kind.name().toLowerCase(Locale.ROOT);
        List<String> options = new ArrayList<>(ARCHIVED);
        options.addAll(OPTIONS);
        options.addAll(List.of(kind.memory.split(" ", -1)));
        Map<String, Path> data = new TreeMap<>();
        if (recordings.isPresent()) {
            options.removeIf(option -> option.startsWith("-Xshare") || option.startsWith("-XX:SharedArchiveFile"));
            options.add("-XX:DumpLoadedClassList=" + recordings.get().resolve(name + ".list"));
        } else {
            data.put(ARCHIVE, runtime.archive(name, classPath, classList(kind)));
        }
        classPath.add(sim);
        return new EnclaveSpec(
                name,
                runtime.image(),
                new EnclaveSpec.Parts(classPath, libraries(module.resolve("target/native")), data),
                new EnclaveSpec.Call(options, kind.mainClass, List.of()),
                new EnclaveSpec.SignerStatement(Optional.empty(), kind.productId, 1, false),
                EvidenceKind.SGX_V3);
    }

    /// The run-time image of this build's enclaves, a JDK home; made if it is not there yet.
    public Path runtime() {
        return RuntimeImage.of(home, javaHome).image();
    }

    /// The archive of the classes of the operator's agent, which runs on the same image; made if it is not there yet.
    ///
    /// @param classPath in the order in which the agent gets it
    public Path agentArchive(List<Path> classPath) {
        return RuntimeImage.of(home, javaHome).archive("agent", classPath, agentClassList());
    }

    /// The names of the classes that go into the agent's archive.
    public Path agentClassList() {
        return home.resolve("fleet/agent/src/main/archive/classes.list");
    }

    /// The names of the classes that go into an enclave's archive.
    public Path classList(Kind kind) {
        return home.resolve(kind.module).resolve("src/main/archive/classes.list");
    }

    /// The command that starts the simulated platform of this build as a process.
    public List<String> platformCommand(Path state) {
        String classPath = String.join(
                ":", classPath(home.resolve("sim")).stream().map(Path::toString).toList());
        return List.of(
                javaHome.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                "s3ml.sim.cli.S3mlSim",
                "sim",
                "platform",
                "--until-stdin-closes",
                "--state",
                state.toAbsolutePath().toString());
    }

    /// A file that the build of `sim` puts beside its jar, for example a model.
    public Path simFile(String name) {
        return home.resolve("sim/target").resolve(name);
    }

    private static List<Path> classPath(Path module) {
        List<Path> paths = new ArrayList<>();
        paths.add(jar(module));
        try {
            String text = Files.readString(module.resolve("target/classpath"), StandardCharsets.UTF_8)
                    .strip();
            for (String name : text.split(":", -1)) {
                if (!name.isEmpty()) {
                    paths.add(module.resolve("target").resolve(name));
                }
            }
        } catch (IOException e) {
            throw notBuilt(module, e);
        }
        return paths;
    }

    private static Path jar(Path module) {
        Path jar = module.resolve("target/s3ml-" + module.getFileName() + "-" + Release.VERSION + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw notBuilt(module, new NoSuchFileException(jar.toString()));
        }
        return jar;
    }

    private static List<Path> libraries(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".so"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw notBuilt(folder, e);
        }
    }

    private static S3mlException notBuilt(Path module, IOException cause) {
        return new S3mlException(
                "SIM-114",
                "the tree is not built",
                module + ": " + cause.getMessage(),
                "start commands with ./s3ml, which builds what is missing, or run mvn package",
                cause);
    }
}
