package s3ml.lab.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import s3ml.lab.serve.ComponentCache;

/// `--etcd`: the server that commands with an etcd of their own start.
public final class EtcdOption {
    @Option(
            names = "--etcd",
            paramLabel = "FILE",
            description =
                    "the etcd server (default: the one which `./s3ml test` builds); without one its cases are left out")
    private Path file = ComponentCache.folder("etcd").resolve("bin/etcd");

    /// The program, if it is there.
    public Optional<Path> server() {
        return Optional.of(file).filter(Files::isExecutable);
    }

    /// Where it should be, for people.
    public Path file() {
        return file;
    }
}
