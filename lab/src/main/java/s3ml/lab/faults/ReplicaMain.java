package s3ml.lab.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.aecs.etcd.EtcdRecordStore;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;

/// One replica of a state as a process of its own, to be killed: writes one change after the other, and prints the
/// number of each that was acknowledged. Ends when its standard input does.
///
/// Arguments: the store, the first number. The root secret comes in hexadecimal digits on the first line of the input.
final class ReplicaMain {
    private ReplicaMain() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        byte[] secret = HexFormat.of().parseHex(input.readLine());
        Thread.ofPlatform().daemon().start(() -> endWith(input));
        try (RecordStore store = open(arguments[0]);
                RootSecret root = RootSecret.of(secret, false);
                SealedState state = SealedState.open(store, root, new SecureRandom(), InstantSource.system(), null)) {
            for (long id = Long.parseLong(arguments[1]); ; id++) {
                write(state, id);
            }
        }
    }

    /// A change of unknown outcome is not repeated: its number is given up.
    private static void write(SealedState state, long id) {
        try {
            state.transact(change -> Survivors.write(change, id));
            System.out.println(id);
            System.out.flush();
        } catch (S3mlException e) {
            if (state.broken().isPresent()) {
                throw e;
            }
        }
    }

    private static void endWith(BufferedReader input) {
        try {
            while (input.readLine() != null) {
                // Nothing else is said.
            }
        } catch (IOException e) {
            // The parent is gone.
        }
        Runtime.getRuntime().halt(0);
    }

    static RecordStore open(String store) {
        return store.startsWith("sqlite:")
                ? s3ml.aecs.state.SqliteRecordStore.open(Path.of(store.substring("sqlite:".length())))
                : EtcdRecordStore.open(EtcdConfig.parse(store), new SecureRandom());
    }
}
