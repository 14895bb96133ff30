package s3ml.client.verify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Finding;
import s3ml.client.log.KnownLog;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.ProveLogResponse;

/// Everything that was said when a server was verified, as it was said, and what it is held against. Nothing in it is
/// judged yet. Immutable.
///
/// @param at when it was gathered
/// @param aecs absent if no AECS could be asked
/// @param log absent if its log could not be asked for
/// @param gaps why something is absent
public record ServerDossier(
        Instant at,
        ServerStatement server,
        Optional<AecsStatement> aecs,
        Optional<LogStatement> log,
        Expectations expectations,
        List<Gap> gaps) {
    public ServerDossier {
        gaps = List.copyOf(gaps);
    }

    /// The same, held against something else.
    public ServerDossier against(Expectations others) {
        return new ServerDossier(at, server, aecs, log, others, gaps);
    }

    /// The newest head of the log, to be remembered once it was found to be in order.
    public Optional<KnownLog> newestHead() {
        return log.flatMap(found -> aecs.map(statement -> {
            try {
                AecsClaims claims =
                        AecsClaims.parseFrom(statement.answer().getAecs().getClaims());
                return new KnownLog(
                        claims.getInstanceId(),
                        claims.getIdentityPublicKey(),
                        found.proof().getHead());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("only a dossier that was judged has a head to remember", e);
            }
        }));
    }

    /// What could not be had.
    ///
    /// @param part of the report that lacks it
    public record Gap(Part part, Finding finding) {}

    /// What an AECS answered.
    ///
    /// @param tlsKey SHA-256 of the key that the AECS proved to hold in the handshake
    /// @param nonce 32 bytes, chosen afresh for this question
    /// @param collateral for its evidence; absent if none was to be had
    public record AecsStatement(
            String address,
            Digest tlsKey,
            ByteString nonce,
            DescribeServiceResponse answer,
            Optional<Collateral> collateral) {}

    /// What the log's keeper and its witness answered.
    ///
    /// @param proof the newest head; that it extends the remembered one; the server's entry with its path
    /// @param remembered the head of the last time
    public record LogStatement(
            ProveLogResponse proof, Optional<KnownLog> remembered, Optional<WitnessStatement> witness) {}

    /// What a witness answered.
    ///
    /// @param key SubjectPublicKeyInfo (DER) which the caller expects
    /// @param signed the head it co-signed; absent if it refused
    /// @param link the proof that the newest head extends the co-signed one
    /// @param refusal why it did not sign
    public record WitnessStatement(
            String address,
            ByteString key,
            Optional<CoSignedHead> signed,
            List<ByteString> link,
            Optional<Finding> refusal) {
        public WitnessStatement {
            link = List.copyOf(link);
            if (signed.isPresent() == refusal.isPresent()) {
                throw new IllegalArgumentException("a witness signs or says why not");
            }
        }

        WitnessStatement linked(List<ByteString> proof) {
            return new WitnessStatement(address, key, signed, proof, refusal);
        }
    }
}
