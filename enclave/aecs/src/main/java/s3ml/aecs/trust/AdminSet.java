package s3ml.aecs.trust;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import s3ml.attest.Digest;

/// The digest by which an owner recognises who may command an AECS.
public final class AdminSet {
    private AdminSet() {}

    /// SHA-256 over the sorted SHA-256 digests of the admins' SubjectPublicKeyInfo.
    public static ByteString digest(List<ByteString> admins) {
        ByteString all = admins.stream()
                .map(admin -> Digest.of(admin.toByteArray()).bytes())
                .sorted(Arrays::compareUnsigned)
                .map(ByteString::copyFrom)
                .reduce(ByteString.EMPTY, ByteString::concat);
        return ByteString.copyFrom(Digest.of(all.toByteArray()).bytes());
    }
}
