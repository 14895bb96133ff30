package s3ml.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.BackupEntry;
import s3ml.wire.aecs.BackupPart;
import s3ml.wire.aecs.state.Head;
import s3ml.wire.aecs.state.SignedHead;

/// `s3ml aecs backup`: everything that an AECS's store holds, sealed, in one file.
@Command(
        name = "backup",
        description = "Write a backup. It is sealed: to use it takes the same enclave on the same machine, or recovery"
                + " shares.")
final class AecsBackupCommand extends ReportingCommand {
    /// As `s3ml.aecs.state.BackupFile` reads it.
    private static final byte[] MAGIC = "S3MLAEC1".getBytes(StandardCharsets.US_ASCII);

    private static final String HEAD = "head";

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "the backup; replaced when it exists")
    private Path out = Path.of("");

    @Mixin
    private AdminOptions options = new AdminOptions();

    private AecsBackupCommand() {}

    @Override
    Report run() {
        Path fresh = out.resolveSibling(out.getFileName() + ".new");
        Written written = new Written();
        try (AdminSession session = options.open()) {
            try (DataOutputStream file = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh)))) {
                file.write(MAGIC);
                session.backup(part -> written.add(file, part));
                file.writeInt(0);
            }
            if (written.total != written.entries) {
                throw new S3mlException(
                        "CLI-159",
                        "the backup is not whole",
                        written.entries + " of " + written.total + " entries came",
                        "make it again; another replica may have committed meanwhile");
            }
            Files.move(fresh, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | UncheckedIOException e) {
            throw new S3mlException(
                    "CLI-160", "cannot write " + out, String.valueOf(e.getMessage()), "choose another place", e);
        }
        return Report.done(
                JsonObject.builder()
                        .put("file", out.toString())
                        .put("entries", written.entries)
                        .put("head", written.head)
                        .build(),
                List.of(
                        "backup      " + out + ", " + written.entries + " entries",
                        "head        " + written.head + " (note it: recovery asks for the newest head)"));
    }

    /// What was written so far.
    private static final class Written {
        private long entries;
        private long total = -1;
        private String head = "";

        void add(DataOutputStream file, BackupPart part) {
            try {
                for (BackupEntry entry : part.getEntriesList()) {
                    byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
                    file.writeInt(key.length);
                    file.write(key);
                    file.writeInt(entry.getValue().size());
                    entry.getValue().writeTo(file);
                    entries++;
                    if (entry.getKey().equals(HEAD)) {
                        Head parsed = Head.parseFrom(
                                SignedHead.parseFrom(entry.getValue()).getHead());
                        head = AecsCommand.head(parsed.getSequence(), parsed.getChainHash());
                    }
                }
                if (part.getTotal() > 0) {
                    total = part.getTotal();
                }
            } catch (InvalidProtocolBufferException e) {
                throw new S3mlException(
                        "CLI-159", "the backup is not whole", "its head is malformed", "make it again", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
