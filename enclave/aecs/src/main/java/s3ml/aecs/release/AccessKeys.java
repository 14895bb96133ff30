package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import s3ml.aecs.state.RootSecret;
import s3ml.attest.SecretBytes;

/// The key under which the holder of a lease uses secrets inside the AECS. It derives from the lease's serial, so every
/// replica knows it and none stores it.
final class AccessKeys {
    private static final int BYTES = 32;

    private AccessKeys() {}

    static ByteString of(RootSecret root, String service, String serial) {
        try (SecretBytes key = root.derive("s3ml aecs lease access v1 " + service + " " + serial, BYTES)) {
            return key.expose(bytes -> ByteString.copyFrom(bytes));
        }
    }
}
