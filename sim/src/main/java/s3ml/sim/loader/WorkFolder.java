package s3ml.sim.loader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import s3ml.attest.Digest;

/// A folder of things that take seconds to make, each kept under the digest of what it was made from.
final class WorkFolder {
    private static final int KEY_DIGITS = 16;
    /// File locks do not exclude threads of one process.
    private static final Object IN_THIS_PROCESS = new Object();

    private final Path folder;

    WorkFolder(Path folder) {
        this.folder = folder;
    }

    /// The file or folder of that name made from those inputs; earlier ones of that name are removed when another is
    /// made.
    ///
    /// @param maker makes it at the path it is given, which does not exist
    Path made(String name, String ending, String inputs, Consumer<Path> maker) {
        String key = Digest.of(inputs.getBytes(StandardCharsets.UTF_8)).hex().substring(0, KEY_DIGITS);
        Path wanted = folder.resolve(name + "-" + key + ending);
        if (Files.exists(wanted)) {
            return wanted;
        }
        synchronized (IN_THIS_PROCESS) {
            try {
                Files.createDirectories(folder);
                try (FileChannel channel = FileChannel.open(
                                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        java.nio.channels.FileLock held = channel.lock()) {
                    if (held.isValid() && !Files.exists(wanted)) {
                        removeAll(name + "-");
                        Path begun = folder.resolve(name + "-begun");
                        maker.accept(begun);
                        Files.move(begun, wanted, StandardCopyOption.ATOMIC_MOVE);
                    }
                }
            } catch (IOException e) {
                throw RuntimeImage.failed(folder + ": " + e.getMessage(), e);
            }
        }
        return wanted;
    }

    private void removeAll(String prefix) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(path -> path.getFileName().toString().startsWith(prefix)).forEach(WorkFolder::remove);
        }
    }

    /// Removes a file, or a folder with what is in it.
    static void remove(Path path) {
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
