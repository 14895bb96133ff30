package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import s3ml.attest.SecretBytes;
import s3ml.wire.aecs.LeaseSecret;
import s3ml.wire.aecs.LeaseSecretVersion;
import s3ml.wire.aecs.SecretKind;

/// A secret of a service as a lease gives it; closing it zeroes the material.
///
/// @param versions newest first, at least one; older ones stay until their grace period ends
public record LeasedSecret(String name, SecretKind kind, List<Version> versions) implements AutoCloseable {
    public LeasedSecret {
        versions = List.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("secret " + name + " has no version");
        }
    }

    static LeasedSecret of(LeaseSecret message) {
        return new LeasedSecret(
                message.getName(),
                message.getKind(),
                message.getVersionsList().stream().map(Version::of).toList());
    }

    /// The newest version.
    public Version current() {
        return versions.getFirst();
    }

    /// One version.
    ///
    /// @param material PKCS #8 of keys, raw bytes of the other kinds; empty where the secret never leaves the AECS
    /// @param publicPart SubjectPublicKeyInfo, certificate or raw X25519 key; empty where the kind has none
    /// @param validUntil when this version is refused; empty for the current one
    public record Version(int number, SecretBytes material, ByteString publicPart, Optional<Instant> validUntil) {
        static Version of(LeaseSecretVersion message) {
            long until = message.getValidUntilUnixMillis();
            return new Version(
                    message.getNumber(),
                    SecretBytes.takeOver(message.getMaterial().toByteArray()),
                    message.getPublicPart(),
                    until == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(until)));
        }
    }

    @Override
    public void close() {
        versions.forEach(version -> version.material().close());
    }
}
