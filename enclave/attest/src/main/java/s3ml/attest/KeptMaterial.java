package s3ml.attest;

import java.security.PublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Verified material of earlier appraisals, least recently used first to go. Only what passed verification comes in.
/// Thread-safe.
final class KeptMaterial {
    /// One kind of platform and TEE each; some 50 KiB apiece.
    static final int MOST_COLLATERAL = 64;

    /// One machine each; some 10 KiB apiece.
    static final int MOST_CHAINS = 1024;

    /// One quoting enclave's attestation key each; some 2 KiB apiece.
    static final int MOST_PLATFORMS = 1024;

    private final Bounded<Collateral, VerifiedCollateral> collateral = new Bounded<>(MOST_COLLATERAL);
    private final Bounded<ByteView, VerifiedChain> chains = new Bounded<>(MOST_CHAINS);
    private final Bounded<PlatformKey, PublicKey> platforms = new Bounded<>(MOST_PLATFORMS);
    private final Keep keep;

    KeptMaterial(Keep keep) {
        this.keep = keep;
    }

    private interface Verify<V> {
        V run() throws Refusal;
    }

    VerifiedCollateral collateral(Collateral pieces, Ecdsa ecdsa) throws Refusal {
        Verify<VerifiedCollateral> verify = () -> VerifiedCollateral.of(pieces, ecdsa);
        return keep == Keep.NOTHING ? verify.run() : collateral.get(pieces, pieces, verify);
    }

    VerifiedChain chain(ByteView pem, Ecdsa ecdsa) throws Refusal {
        if (keep == Keep.NOTHING) {
            return VerifiedChain.of(pem, ecdsa);
        }
        VerifiedChain known = chains.known(pem);
        if (known != null) {
            return known;
        }
        // The certificates must not hold on to the whole quote.
        ByteView copy = ByteView.of(pem.copy());
        return chains.get(copy, copy, () -> VerifiedChain.of(copy, ecdsa));
    }

    PublicKey attestationKey(Quote quote, VerifiedChain chain, Ecdsa ecdsa) throws Refusal {
        if (keep != Keep.PLATFORMS) {
            return QeCheck.attestationKey(quote, chain.leafKey(), ecdsa);
        }
        PlatformKey key = PlatformKey.of(quote, chain);
        PublicKey known = platforms.known(key);
        if (known != null) {
            return known;
        }
        return platforms.get(key, key.owned(), () -> QeCheck.attestationKey(quote, chain.leafKey(), ecdsa));
    }

    int kept() {
        return collateral.size() + chains.size() + platforms.size();
    }

    private static final class Bounded<K, V> {
        private final Map<K, V> map;

        Bounded(int most) {
            this.map = new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                    return size() > most;
                }
            };
        }

        synchronized @Nullable V known(K key) {
            return map.get(key);
        }

        V get(K key, K owned, Verify<V> verify) throws Refusal {
            V known = known(key);
            if (known != null) {
                return known;
            }
            V made = verify.run();
            synchronized (this) {
                map.put(owned, made);
            }
            return made;
        }

        synchronized int size() {
            return map.size();
        }
    }

    /// All bytes from the attestation key to the authentication data, how they are laid out, and the key that certifies
    /// them.
    record PlatformKey(boolean nested, ByteView certified, ByteView leafPoint) {
        static PlatformKey of(Quote quote, VerifiedChain chain) {
            return new PlatformKey(
                    quote.version() > 3,
                    quote.signature().certified(),
                    chain.leaf().publicPoint());
        }

        PlatformKey owned() {
            return new PlatformKey(nested, ByteView.of(certified.copy()), ByteView.of(leafPoint.copy()));
        }
    }
}
