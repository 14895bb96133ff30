package s3ml.client.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Signatures;
import s3ml.protocol.log.CoSignatures;
import s3ml.protocol.log.LogVerdict;
import s3ml.protocol.log.LogVerifier;
import s3ml.wire.aecs.CoSignRequest;
import s3ml.wire.aecs.CoSignResponse;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.NewestResponse;

/// Decides what a witness signs: a head that its AECS signed and that extends the newest one signed before. What it
/// signs is on the disk before the signature leaves. Thread-safe; one process for a folder.
///
/// | code | meaning |
/// | --- | --- |
/// | `CLI-181` | an AECS that this witness does not know |
/// | `CLI-182` | a known AECS with another identity |
/// | `CLI-183` | the proof does not begin at the newest head of this witness |
/// | `CLI-184` | the witness's own folder cannot be used |
///
/// and those of [LogVerifier] for a log that was rolled back or forked.
public final class WitnessDesk {
    /// More AECSs than a witness looks after; strangers must not fill its disk.
    private static final int MAX_LOGS = 1024;

    private final Path folder;
    private final KeyPair key;
    private final Admission admission;
    private final InstantSource clock;

    /// Which AECSs a witness looks after.
    @FunctionalInterface
    public interface Admission {
        /// Whether to begin with the log of an AECS that was never seen.
        boolean admits(ByteString instanceId, ByteString identityKey);
    }

    /// @param folder holds the newest co-signed head of each AECS
    /// @param key the witness's own
    public WitnessDesk(Path folder, KeyPair key, Admission admission, InstantSource clock) {
        this.folder = folder;
        this.key = key;
        this.admission = admission;
        this.clock = clock;
    }

    /// SubjectPublicKeyInfo (DER) of the witness.
    public ByteString publicKey() {
        return ByteString.copyFrom(key.getPublic().getEncoded());
    }

    /// The newest head signed for an AECS, as an answer to who asked; signed over the request's nonce.
    public NewestResponse newest(NewestRequest request) {
        return CoSignatures.answer(key.getPrivate(), request, newest(request.getInstanceId()));
    }

    /// The newest head signed for an AECS.
    public synchronized Optional<CoSignedHead> newest(ByteString instanceId) {
        if (instanceId.size() != AecsMessages.INSTANCE_ID_BYTES) {
            return Optional.empty();
        }
        Path file = file(instanceId);
        try {
            return Files.exists(file)
                    ? Optional.of(CoSignedHead.parseFrom(Files.readAllBytes(file)))
                    : Optional.empty();
        } catch (InvalidProtocolBufferException e) {
            throw unusable(file + " holds no co-signed head", e);
        } catch (IOException e) {
            throw unusable(String.valueOf(e.getMessage()), e);
        }
    }

    /// Signs, or says why not.
    public synchronized CoSignResponse coSign(CoSignRequest request) {
        Optional<CoSignedHead> before = newest(request.getInstanceId());
        long size = before.map(known -> known.getHead().getTreeSize()).orElse(0L);
        Optional<CoSignResponse> refusal =
                before.map(known -> refusal(request, known)).orElseGet(() -> refusalOfStranger(request));
        if (refusal.isPresent()) {
            return refusal.get().toBuilder().setWitnessSize(size).build();
        }
        CoSignedHead signed = CoSignatures.sign(
                key.getPrivate(),
                key.getPublic().getEncoded(),
                CoSignedHead.newBuilder()
                        .setInstanceId(request.getInstanceId())
                        .setIdentityPublicKey(request.getIdentityPublicKey())
                        .setHead(request.getHead())
                        .setWitnessedAtUnixMillis(clock.millis())
                        .build());
        try {
            DurableFile.write(file(request.getInstanceId()), signed.toByteArray());
        } catch (IOException e) {
            throw unusable(String.valueOf(e.getMessage()), e);
        }
        return CoSignResponse.newBuilder()
                .setSigned(signed)
                .setWitnessSize(signed.getHead().getTreeSize())
                .build();
    }

    private Optional<CoSignResponse> refusal(CoSignRequest request, CoSignedHead known) {
        if (!known.getIdentityPublicKey().equals(request.getIdentityPublicKey())) {
            return refused("CLI-182", "this witness knows the AECS under another identity");
        }
        LogHead before = known.getHead();
        if (request.getKnownSize() != before.getTreeSize() && request.getHead().getTreeSize() > before.getTreeSize()) {
            return refused("CLI-183", "the proof must begin at size " + before.getTreeSize());
        }
        return refusal(verifier(request)
                .flatMap(verifier ->
                        verdict(verifier.extension(before, request.getHead(), request.getConsistencyList()))));
    }

    private Optional<CoSignResponse> refusalOfStranger(CoSignRequest request) {
        if (request.getInstanceId().size() != AecsMessages.INSTANCE_ID_BYTES
                || !admission.admits(request.getInstanceId(), request.getIdentityPublicKey())
                || full()) {
            return refused("CLI-181", "this witness does not look after this AECS");
        }
        return refusal(verifier(request).flatMap(verifier -> verdict(verifier.head(request.getHead()))));
    }

    /// Empty for an identity that cannot be read: its signature then cannot be either.
    private static Optional<LogVerifier> verifier(CoSignRequest request) {
        try {
            return Optional.of(new LogVerifier(
                    Signatures.publicKey(request.getIdentityPublicKey().toByteArray())));
        } catch (S3mlException e) {
            return Optional.empty();
        }
    }

    private static Optional<LogVerdict> verdict(LogVerdict verdict) {
        return Optional.of(verdict);
    }

    private static Optional<CoSignResponse> refusal(Optional<LogVerdict> verdict) {
        LogVerdict found = verdict.orElse(new LogVerdict.NotProven("PRO-180", "the identity key cannot be read"));
        return switch (found) {
            case LogVerdict.Proven proven -> Optional.empty();
            case LogVerdict.NotProven not -> refused(not.code(), not.why());
        };
    }

    private static Optional<CoSignResponse> refused(String code, String why) {
        return Optional.of(CoSignResponse.newBuilder()
                .setErrorCode(code)
                .setErrorMessage(why)
                .build());
    }

    private boolean full() {
        try (Stream<Path> files = Files.list(Files.createDirectories(folder))) {
            return files.count() >= MAX_LOGS;
        } catch (IOException e) {
            throw unusable(String.valueOf(e.getMessage()), e);
        }
    }

    private Path file(ByteString instanceId) {
        return folder.resolve(HexFormat.of().formatHex(instanceId.toByteArray()) + ".head");
    }

    private static S3mlException unusable(String why, Throwable cause) {
        return new S3mlException(
                "CLI-184", "the witness cannot use its folder", why, "check the folder and its permissions", cause);
    }
}
