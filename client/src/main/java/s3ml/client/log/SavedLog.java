package s3ml.client.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.log.GrowingTree;
import s3ml.protocol.log.LogVerdict;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogHead;

/// A whole transparency log in one file, which verifies without any network: a line of JSON with the signed head, then
/// one line of base64 for each entry, in order.
///
/// Codes: `CLI-175` the file cannot be read or written, or is none of this kind.
public final class SavedLog {
    private static final String FORMAT = "s3ml log 1";

    /// An entry is some hundred bytes; longer lines are refused before they are decoded.
    private static final int MAX_LINE = 64 * 1024;

    private SavedLog() {}

    /// What a file was found to hold.
    ///
    /// @param log whose log it claims to be, and the head
    /// @param verdict whether its entries are exactly those under the head, and the head is signed by that identity
    public record Checked(KnownLog log, LogVerdict verdict) {}

    /// Begins a file.
    static Writer write(Path file, KnownLog log) {
        try {
            Writer writer = new Writer(Files.newBufferedWriter(file, StandardCharsets.UTF_8), file, log);
            writer.line(Json.write(JsonObject.builder()
                    .put("format", FORMAT)
                    .put("log", log.toJson())
                    .build()));
            return writer;
        } catch (IOException e) {
            throw failure(file, String.valueOf(e.getMessage()), e);
        }
    }

    /// Reads and verifies a file by itself, in constant memory: whether its entries are those under its head. Whether
    /// its identity is one to believe is another question.
    ///
    /// @param entries is given each entry with its index, before the verdict is known
    /// @throws S3mlException `CLI-175` if the file has another form
    public static Checked verify(Path file, BiConsumer<Long, LogEntry> entries) {
        return read(file, Optional::of, entries);
    }

    /// As the other one, and also against what was seen before: the AECS must be remembered with that identity, and the
    /// log begin with the remembered one (`PRO-183`), or be older than it.
    ///
    /// `CLI-173` in the verdict says that the identity is another one, `CLI-176` that the AECS is not remembered.
    public static Checked verify(Path file, HeadMemory memory, BiConsumer<Long, LogEntry> entries) {
        return read(file, log -> memory.known(log.instanceId()), entries);
    }

    private static Checked read(
            Path file, Function<KnownLog, Optional<KnownLog>> remembered, BiConsumer<Long, LogEntry> entries) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            KnownLog log = header(file, reader.readLine());
            Optional<KnownLog> known = remembered.apply(log);
            GrowingTree tree = new GrowingTree();
            Optional<LogVerdict> contradiction = contradiction(log, known, tree);
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                byte[] entry = entry(file, line);
                entries.accept(tree.size(), LogEntry.parseFrom(entry));
                tree.append(entry);
                contradiction = contradiction.or(() -> contradiction(log, known, tree));
            }
            LogVerdict whole = log.verifier().whole(tree, log.head());
            return new Checked(log, whole.isProven() ? contradiction.orElse(whole) : whole);
        } catch (InvalidProtocolBufferException e) {
            throw failure(file, "it holds something that is no entry", e);
        } catch (IOException e) {
            throw failure(file, String.valueOf(e.getMessage()), e);
        }
    }

    /// What the remembered log says against the file, as far as it has been read.
    private static Optional<LogVerdict> contradiction(KnownLog log, Optional<KnownLog> known, GrowingTree tree) {
        if (known.isEmpty()) {
            return Optional.of(
                    new LogVerdict.NotProven("CLI-176", "the AECS " + log.instanceHex() + " is not remembered"));
        }
        if (!known.get().identityKey().equals(log.identityKey())) {
            return Optional.of(new LogVerdict.NotProven("CLI-173", "the AECS is remembered with another identity"));
        }
        LogHead head = known.get().head();
        boolean differs = tree.size() == head.getTreeSize()
                && !ByteString.copyFrom(tree.root().bytes()).equals(head.getRootHash());
        return differs
                ? Optional.of(new LogVerdict.NotProven(
                        "PRO-183", "its first " + tree.size() + " entries are not those seen before: it was forked"))
                : Optional.empty();
    }

    private static KnownLog header(Path file, @Nullable String first) {
        if (first == null || first.length() > MAX_LINE) {
            throw failure(file, "it does not begin with a head", null);
        }
        JsonObject header = Json.parseObject(first);
        header.onlyMembers(Set.of("format", "log"));
        if (!header.string("format").equals(FORMAT)) {
            throw failure(file, "its format is \"" + header.string("format") + "\"", null);
        }
        return KnownLog.fromJson(header.object("log"));
    }

    private static byte[] entry(Path file, String line) {
        try {
            if (line.length() <= MAX_LINE) {
                return Base64.getDecoder().decode(line);
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the same refusal.
        }
        throw failure(file, "it holds a line that is no entry", null);
    }

    private static S3mlException failure(Path file, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-175", "cannot use the saved log " + file, why, "use a file that s3ml log save wrote", cause);
    }

    /// A file that is being written. Not for use by several threads.
    public static final class Writer {
        private final BufferedWriter out;
        private final Path file;
        private final KnownLog log;
        private final GrowingTree tree = new GrowingTree();

        private Writer(BufferedWriter out, Path file, KnownLog log) {
            this.out = out;
            this.file = file;
            this.log = log;
        }

        /// How many entries were written.
        public long size() {
            return tree.size();
        }

        /// Whose log it is, and its head.
        public KnownLog log() {
            return log;
        }

        void add(ByteString entry) {
            byte[] bytes = entry.toByteArray();
            tree.append(bytes);
            try {
                line(Base64.getEncoder().encodeToString(bytes));
            } catch (IOException e) {
                throw failure(file, String.valueOf(e.getMessage()), e);
            }
        }

        LogVerdict finish() {
            try {
                out.close();
            } catch (IOException e) {
                throw failure(file, String.valueOf(e.getMessage()), e);
            }
            return log.verifier().whole(tree, log.head());
        }

        private void line(String text) throws IOException {
            out.write(text);
            out.write('\n');
        }
    }
}
