package s3ml.aecs.state;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import s3ml.attest.S3mlException;

/// Puts a backup back into an empty store. A backup is a file of sealed entries:
///
/// | bytes | content |
/// | --- | --- |
/// | 8 | the ASCII text `S3MLAEC1` |
/// | 4, n | length of a key, and the key; length 0 ends the file |
/// | 4, n | length of its value, and the value |
///
/// Nothing here is verified but the form: the AECS verifies all of it when it opens the store.
///
/// Codes: `AECS-310` a file that is no backup, `AECS-311` a store that is not empty.
public final class BackupFile {
    /// The first bytes of a backup.
    public static final byte[] MAGIC = "S3MLAEC1".getBytes(StandardCharsets.US_ASCII);

    private static final int MAX_KEY = 1_024;
    private static final int BATCH = RecordStore.MAX_WRITES - 1;
    /// Keeps one commit below the limit of a store's request.
    private static final int BATCH_BYTES = RecordStore.MAX_VALUE_BYTES;

    private BackupFile() {}

    /// Restores the backup. The head is written last, so that a restore that was cut short is no state at all.
    ///
    /// @return how many entries were written
    public static long restore(Path file, RecordStore store) {
        if (!SealedState.isEmpty(store)) {
            throw new S3mlException(
                    "AECS-311",
                    "did not restore " + file,
                    "the " + store.kind() + " storage is not empty",
                    "give an empty one; nothing is ever overwritten");
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw malformed(file, "it does not begin as one");
            }
            return restore(file, in, store);
        } catch (EOFException e) {
            throw malformed(file, "it ends too early");
        } catch (IOException e) {
            throw Faults.storage("backup file", "reading " + file, e);
        }
    }

    private static long restore(Path file, DataInputStream in, RecordStore store) throws IOException {
        byte[] head = null;
        long entries = 0;
        List<RecordStore.Write> batch = new ArrayList<>();
        int bytes = 0;
        for (String key = key(file, in); !key.isEmpty(); key = key(file, in)) {
            byte[] value = value(file, in);
            entries++;
            if (key.equals(Keys.HEAD)) {
                head = value;
                continue;
            }
            if (batch.size() == BATCH || bytes + value.length > BATCH_BYTES) {
                write(file, store, batch);
                batch.clear();
                bytes = 0;
            }
            batch.add(new RecordStore.Write(key, value));
            bytes += value.length;
        }
        if (head == null) {
            throw malformed(file, "it holds no head");
        }
        write(file, store, batch);
        write(file, store, List.of(new RecordStore.Write(Keys.HEAD, head)));
        return entries;
    }

    private static void write(Path file, RecordStore store, List<RecordStore.Write> batch) {
        if (!store.commit(Keys.HEAD, null, batch)) {
            throw malformed(file, "another process began an AECS in the storage meanwhile");
        }
    }

    private static String key(Path file, DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_KEY) {
            throw malformed(file, "a key has " + length + " bytes");
        }
        return new String(exactly(in, length), StandardCharsets.UTF_8);
    }

    private static byte[] value(Path file, DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > RecordStore.MAX_VALUE_BYTES) {
            throw malformed(file, "a value has " + length + " bytes");
        }
        return exactly(in, length);
    }

    private static byte[] exactly(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    private static S3mlException malformed(Path file, String why) {
        return new S3mlException("AECS-310", "cannot restore " + file, why, "give a file of `s3ml aecs backup`");
    }
}
