package s3ml.client.verify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import s3ml.attest.Collateral;
import s3ml.attest.Finding;
import s3ml.attest.S3mlException;
import s3ml.client.log.HeadMemory;
import s3ml.client.log.KnownLog;
import s3ml.client.log.WitnessClient;
import s3ml.client.verify.ServerDossier.AecsStatement;
import s3ml.client.verify.ServerDossier.Gap;
import s3ml.client.verify.ServerDossier.LogStatement;
import s3ml.client.verify.ServerDossier.WitnessStatement;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Endpoint;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;

/// Asks everybody who has something to say about a server, and writes down the answers. Judges nothing.
///
/// Codes of gaps: `CLI-200` the server says nothing about its keys, `CLI-213` no AECS answers, and those of whoever was
/// asked (`ATT-3xx` collateral, `CLI-18x` witness).
public final class ServerGathering {
    /// While others append to the log, two proofs may end at different heads: they are asked for again.
    private static final int PROOF_ATTEMPTS = 5;

    private final Function<byte[], Optional<Collateral>> collateral;
    private final HeadMemory memory;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final List<Gap> gaps = new ArrayList<>();

    /// Nothing is asked yet.
    ///
    /// @param collateral for a quote; empty if none can be had
    /// @param memory the heads of the last time
    public ServerGathering(Function<byte[], Optional<Collateral>> collateral, HeadMemory memory, InstantSource clock) {
        this.collateral = collateral;
        this.memory = memory;
        this.clock = clock;
    }

    /// A witness, and the key it must sign with.
    ///
    /// @param key SubjectPublicKeyInfo (DER)
    public record Witness(Endpoint address, ByteString key) {}

    /// Asks about one server.
    ///
    /// @param aecs where the AECS is; empty = where the server says
    public ServerDossier about(
            ServerStatement server, List<Endpoint> aecs, Optional<Witness> witness, Expectations expectations) {
        Optional<AecsStatement> statement = Optional.empty();
        Optional<LogStatement> log = Optional.empty();
        Optional<String> service =
                expectations.service().or(() -> server.shown().map(ServerStatement.Shown::service));
        if (server.shown().isEmpty()) {
            gap(Part.LOG, "CLI-200", "receipt", "the receipt of the server's lease", "it shows none");
        }
        if (service.isEmpty()) {
            gap(Part.SERVER, "CLI-200", "service", "--service, or a server that names its service", "neither");
        }
        List<Endpoint> places = service.isEmpty() ? List.of() : places(server, aecs);
        for (Endpoint place : places) {
            try (AecsInterview interview = new AecsInterview(place, random)) {
                statement = Optional.of(ask(interview, place, service.orElseThrow()));
                log = log(interview, statement.get(), server, witness);
                break;
            } catch (StatusRuntimeException e) {
                gap(Part.AECS, "CLI-213", "aecs", "an answer of " + place, String.valueOf(e.getStatus()));
            }
        }
        if (statement.isPresent()) {
            // Replicas that did not answer do not matter once one did.
            gaps.removeIf(gap -> gap.finding().code().equals("CLI-213") && gap.part() == Part.AECS);
        } else if (places.isEmpty()) {
            gap(Part.AECS, "CLI-213", "aecs", "--aecs, or a server that says where it is", "neither");
        }
        return new ServerDossier(clock.instant(), server, statement, log, expectations, gaps);
    }

    private static List<Endpoint> places(ServerStatement server, List<Endpoint> named) {
        return named.isEmpty()
                ? server.shown().map(ServerStatement.Shown::aecs).orElse(List.of()).stream()
                        .map(Endpoint::parse)
                        .toList()
                : named;
    }

    private AecsStatement ask(AecsInterview interview, Endpoint place, String service) {
        var answer = interview.describe(service);
        Optional<Collateral> found = Optional.empty();
        try {
            found = collateral.apply(answer.getAecs().getEvidence().toByteArray());
        } catch (S3mlException e) {
            gap(Part.AECS, e.code(), "collateral", "the vendor's statements", String.valueOf(e.getMessage()));
        }
        return new AecsStatement(place.toString(), interview.tlsKey(), interview.nonce(), answer, found);
    }

    private Optional<LogStatement> log(
            AecsInterview interview, AecsStatement aecs, ServerStatement server, Optional<Witness> witness) {
        try {
            AecsClaims claims = AecsClaims.parseFrom(aecs.answer().getAecs().getClaims());
            if (claims.getInstanceId().size() != AecsMessages.INSTANCE_ID_BYTES) {
                return Optional.empty();
            }
            LogHead now =
                    interview.proveLog(ProveLogRequest.getDefaultInstance()).getHead();
            Optional<KnownLog> remembered = memory.known(claims.getInstanceId());
            long knownSize = remembered.map(log -> log.head().getTreeSize()).orElse(0L);
            if (knownSize > now.getTreeSize()) {
                // Rolled back: there is nothing to prove, and the two heads say it all.
                ProveLogResponse shorter =
                        ProveLogResponse.newBuilder().setHead(now).build();
                return Optional.of(new LogStatement(shorter, remembered, Optional.empty()));
            }
            KnownLog log = new KnownLog(claims.getInstanceId(), claims.getIdentityPublicKey(), now);
            Optional<WitnessStatement> witnessed = witness.map(who -> witness(interview, who, log));
            return Optional.of(proofs(interview, server, remembered, witnessed));
        } catch (InvalidProtocolBufferException e) {
            // Claims that cannot be read are refused where the AECS is judged.
            return Optional.empty();
        } catch (StatusRuntimeException e) {
            gap(Part.LOG, "CLI-213", "log", "proofs of the AECS", String.valueOf(e.getStatus()));
            return Optional.empty();
        }
    }

    private static LogStatement proofs(
            AecsInterview interview,
            ServerStatement server,
            Optional<KnownLog> remembered,
            Optional<WitnessStatement> witness) {
        Optional<Long> witnessed = witness.flatMap(WitnessStatement::signed)
                .map(signed -> signed.getHead().getTreeSize());
        for (int attempt = 1; ; attempt++) {
            LogHead head =
                    interview.proveLog(ProveLogRequest.getDefaultInstance()).getHead();
            ProveLogResponse proof = interview.proveLog(question(server, remembered, head));
            if (witnessed.isEmpty()) {
                return new LogStatement(proof, remembered, witness);
            }
            ProveLogResponse link = interview.proveLog(
                    ProveLogRequest.newBuilder().setKnownSize(witnessed.get()).build());
            boolean sameHead = link.getHead().getTreeSize() == proof.getHead().getTreeSize();
            if (sameHead || attempt == PROOF_ATTEMPTS) {
                return new LogStatement(proof, remembered, witness.map(who -> who.linked(link.getConsistencyList())));
            }
        }
    }

    private static ProveLogRequest question(ServerStatement server, Optional<KnownLog> remembered, LogHead head) {
        ProveLogRequest.Builder question = ProveLogRequest.newBuilder()
                .setKnownSize(remembered.map(log -> log.head().getTreeSize()).orElse(0L));
        server.shown()
                .map(ServerStatement.Shown::receipt)
                .map(LogReceipt::getIndex)
                .ifPresent(index -> {
                    if (index >= 0 && index < head.getTreeSize()) {
                        question.setEntryIndex(index).setProveEntry(true);
                    }
                });
        return question.build();
    }

    private static WitnessStatement witness(AecsInterview interview, Witness who, KnownLog log) {
        String address = who.address().toString();
        try (WitnessClient client = new WitnessClient(who.address(), who.key())) {
            return new WitnessStatement(
                    address,
                    who.key(),
                    Optional.of(client.coSign(log, size -> extension(interview, log, size))),
                    List.of(),
                    Optional.empty());
        } catch (S3mlException e) {
            Finding refusal =
                    new Finding(e.code(), "witness", "the witness's signature", String.valueOf(e.getMessage()));
            return new WitnessStatement(address, who.key(), Optional.empty(), List.of(), Optional.of(refusal));
        }
    }

    private static ProveLogResponse extension(AecsInterview interview, KnownLog log, long size) {
        long now = log.head().getTreeSize();
        if (size > now) {
            throw new S3mlException(
                    "PRO-182",
                    "the log was rolled back",
                    "the witness saw " + size + " entries of it, and there are " + now,
                    "ask who runs the AECS which state was put back");
        }
        return interview.proveLog(
                ProveLogRequest.newBuilder().setKnownSize(size).build());
    }

    private void gap(Part part, String code, String claim, String expected, String actual) {
        gaps.add(new Gap(part, new Finding(code, claim, expected, actual)));
    }
}
