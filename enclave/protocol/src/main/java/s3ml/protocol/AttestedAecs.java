package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.security.PublicKey;
import s3ml.attest.Digest;
import s3ml.attest.Trusted;
import s3ml.wire.aecs.AecsClaims;

/// An AECS whose evidence was appraised as trusted, for a nonce of ours, with the keys that the evidence covers.
///
/// Only [AecsVerifier] makes one: who holds it knows that the checks were made.
public final class AttestedAecs implements AecsAppraisal {
    private final Trusted verdict;
    private final AecsClaims claims;
    private final PublicKey identityKey;

    AttestedAecs(Trusted verdict, AecsClaims claims, PublicKey identityKey) {
        this.verdict = verdict;
        this.claims = claims;
        this.identityKey = identityKey;
    }

    /// What was found out about the enclave.
    public Trusted verdict() {
        return verdict;
    }

    /// The key that signs leases and descriptions.
    public PublicKey identityKey() {
        return identityKey;
    }

    /// SHA-256 of the identity's SubjectPublicKeyInfo: how an AECS is named to people.
    public Digest identityDigest() {
        return Digest.of(claims.getIdentityPublicKey().toByteArray());
    }

    /// SHA-256 of the SubjectPublicKeyInfo that the AECS presents in TLS.
    public Digest tlsKeyDigest() {
        return Digest.ofBytes(claims.getTlsKeySha256().toByteArray());
    }

    /// Names this AECS across restarts and replicas; 16 bytes.
    public ByteString instanceId() {
        return claims.getInstanceId();
    }

    /// SHA-256 over the sorted key digests of the AECS admins.
    public Digest adminSetDigest() {
        return Digest.ofBytes(claims.getAdminSetDigest().toByteArray());
    }

    /// X25519 public key to which model keys are sealed; 32 bytes.
    public ByteString hpkePublicKey() {
        return claims.getHpkePublicKey();
    }

    /// True when the evidence comes from the simulated platform: nothing is protected then.
    public boolean simulated() {
        return verdict.simulated();
    }

    /// Whether it waits for its admins' shares or for a peer: it is the right code, but has no identity and no keys
    /// yet.
    public boolean recovering() {
        return claims.getInstanceId().equals(ByteString.copyFrom(new byte[AecsMessages.INSTANCE_ID_BYTES]));
    }

    /// Whether the other one is the same AECS, perhaps another replica of it.
    boolean sameService(AttestedAecs other) {
        return claims.getInstanceId().equals(other.claims.getInstanceId())
                && claims.getIdentityPublicKey().equals(other.claims.getIdentityPublicKey());
    }
}
