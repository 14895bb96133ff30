package s3ml.aecs.keys;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.threshold.ShamirSecretSplitter;
import org.bouncycastle.crypto.threshold.ShamirSplitSecret;
import org.bouncycastle.crypto.threshold.ShamirSplitSecretShare;
import s3ml.aecs.state.RootSecret;

/// Shamir's secret sharing of the root: any `threshold` shares give it back, fewer say nothing about it.
///
/// Shares carry no checksum of their own: whoever combines them must first compare each with its digest.
public final class Shares {
    private Shares() {}

    /// Splits; share `i` of the result has index `i + 1`.
    public static List<byte[]> split(byte[] root, int threshold, int count, SecureRandom random) {
        ShamirSecretSplitter splitter =
                ShamirSecretSplitter.getInstance(ShamirSecretSplitter.Algorithm.AES, RootSecret.BYTES, random);
        List<byte[]> shares = new ArrayList<>();
        try {
            for (ShamirSplitSecretShare share :
                    splitter.resplit(root, threshold, count).getSecretShares()) {
                shares.add(share.getEncoded());
            }
        } catch (IOException e) {
            throw new IllegalStateException("a share in memory cannot be encoded", e);
        }
        return shares;
    }

    /// Combines shares by their 1-based index; exactly as many as the threshold.
    public static byte[] combine(Map<Integer, byte[]> shares) {
        ShamirSplitSecretShare[] parts = shares.entrySet().stream()
                .map(share -> new ShamirSplitSecretShare(share.getValue(), share.getKey()))
                .toArray(ShamirSplitSecretShare[]::new);
        try {
            return ShamirSplitSecret.getInstance(ShamirSecretSplitter.Algorithm.AES, parts)
                    .getSecret();
        } catch (IOException e) {
            throw new IllegalStateException("shares in memory cannot be combined", e);
        }
    }
}
