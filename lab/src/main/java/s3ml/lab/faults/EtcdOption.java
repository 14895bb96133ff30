package s3ml.lab.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--etcd`: the server that commands with an etcd of their own start.
public final class EtcdOption {
    @Option(
            names = "--etcd",
            paramLabel = "FILE",
            description =
                    "the etcd server (default: the one which `./s3ml test` builds); without one its cases are left out")
    private Path file = cached();

    private static Path cached() {
        String cache = System.getenv("S3ML_CACHE");
        Path folder = cache == null ? Path.of(System.getProperty("user.home"), ".cache", "s3ml") : Path.of(cache);
        return folder.resolve("components/etcd/bin/etcd");
    }

    /// The program, if it is there.
    public Optional<Path> server() {
        return Optional.of(file).filter(Files::isExecutable);
    }

    /// Where it should be, for people.
    public Path file() {
        return file;
    }
}
