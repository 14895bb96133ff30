package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Names;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.trust.LogBook;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Hpke;
import s3ml.wire.aecs.ChallengeResponse;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.ReleaseClaims;
import s3ml.wire.aecs.ReleaseRequest;
import s3ml.wire.aecs.ReleaseResponse;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// Gives keys against evidence: challenge, appraisal, a durable lease with its entry in the log, and the keys sealed to
/// the enclave that proved itself. Thread-safe.
public final class ReleaseDesk {
    private final Aecs aecs;
    private final LogBook logBook;
    private final Denials denials;
    private final LeaseBuilder builder;

    public ReleaseDesk(Aecs aecs, LogBook logBook, Denials denials) {
        this.aecs = aecs;
        this.logBook = logBook;
        this.denials = denials;
        this.builder = new LeaseBuilder(aecs);
    }

    /// A nonce for one release or command.
    public ChallengeResponse challenge() {
        byte[] nonce = aecs.nonces().issue();
        return ChallengeResponse.newBuilder()
                .setNonce(ByteString.copyFrom(nonce))
                .setExpiresAtUnixMillis(Nonces.expiry(nonce))
                .build();
    }

    /// Releases the service's keys to the enclave that made the evidence.
    ///
    /// @throws S3mlException `AECS-2xx`; towards the peer only its code may leave
    public ReleaseResponse release(ReleaseRequest request) {
        ReleaseClaims claims = claims(request);
        try {
            return release(request, claims);
        } catch (S3mlException e) {
            aecs.audit()
                    .event("warn", "release-refused")
                    .with("service", Names.isLabel(claims.getService()) ? claims.getService() : "")
                    .with("code", e.code())
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
            throw e;
        }
    }

    private ReleaseResponse release(ReleaseRequest request, ReleaseClaims claims) {
        byte[] nonce = claims.getNonce().toByteArray();
        aecs.nonces().check(nonce);
        // Outside the transaction, because others wait for that; again only if a policy changed in between.
        Grant grant = grant(request, claims);
        aecs.nonces().use(nonce);
        while (true) {
            Grant judged = grant;
            SealedState.Committed<Outcome> committed = aecs.state().transact(change -> record(change, judged));
            switch (committed.value()) {
                case Stale stale -> grant = grant(request, claims);
                case Recorded recorded -> {
                    return sealed(judged, recorded, committed);
                }
            }
        }
    }

    private Trusted appraise(ReleaseRequest request, ReleaseClaims claims, ServiceRecord service) {
        Verdict verdict = appraise(request, service.getPolicyJson());
        if (verdict instanceof Trusted trusted) {
            return trusted;
        }
        List<String> findings = Appraisal.findings(verdict);
        ByteString measurement = Appraisal.measurement(request.getEvidence().toByteArray());
        S3mlException refusal = outdated(service, claims)
                ? Refusals.ended(service.getName(), String.join("; ", findings))
                : Refusals.denied(service.getName(), String.join("; ", findings));
        denials.add(service.getName(), aecs.now(), refusal.code(), measurement, findings);
        throw refusal;
    }

    private Verdict appraise(ReleaseRequest request, ByteString policy) {
        return aecs.appraisal()
                .appraise(
                        request.getEvidence().toByteArray(), request.getClaims().toByteArray(), policy);
    }

    /// Whether the lease to be renewed is of an epoch that its admin ended at once.
    private boolean outdated(ServiceRecord service, ReleaseClaims claims) {
        return aecs.state()
                .read(view -> Registry.lease(view, service.getName(), claims.getRenewsLease()))
                .filter(lease -> lease.getPolicyEpoch() < service.getMinimumEpoch())
                .isPresent();
    }

    private ServiceRecord service(String name) {
        if (!Names.isLabel(name)) {
            throw Refusals.denied("?", "the service's name is malformed");
        }
        Optional<Versioned<ServiceRecord>> found = aecs.state().read(view -> Registry.service(view, name));
        if (found.isEmpty()) {
            aecs.state().refresh();
            found = aecs.state().read(view -> Registry.service(view, name));
        }
        return found.map(Versioned::value).orElseThrow(() -> Refusals.denied(name, "there is no such service"));
    }

    private sealed interface Outcome {}

    /// A policy changed while the evidence was appraised.
    private record Stale() implements Outcome {}

    private record Recorded(
            ServiceRecord service, LeaseRecord lease, LeaseContent content, long logIndex, ByteString entry)
            implements Outcome {}

    /// One release that was found worthy, before it is recorded.
    ///
    /// @param judged every policy under which the evidence was appraised, and whether it was accepted
    private record Grant(
            ReleaseClaims claims, ReleaseRequest request, Trusted trusted, Map<ByteString, Boolean> judged) {
        boolean renews() {
            return !claims.getRenewsLease().isEmpty();
        }
    }

    /// The evidence, accepted under the service's policy, and what each secret's own policy says of it.
    ///
    /// @throws S3mlException `AECS-210`, `AECS-211` if it is not accepted
    private Grant grant(ReleaseRequest request, ReleaseClaims claims) {
        ServiceRecord service = service(claims.getService());
        Trusted trusted = appraise(request, claims, service);
        Map<ByteString, Boolean> judged = new HashMap<>();
        judged.put(service.getPolicyJson(), true);
        List<Versioned<SecretRecord>> secrets = aecs.state().read(view -> Registry.secrets(view, claims.getService()));
        for (Versioned<SecretRecord> secret : secrets) {
            ByteString policy = secret.value().getPolicyJson();
            if (!policy.isEmpty() && !judged.containsKey(policy)) {
                judged.put(policy, appraise(request, policy) instanceof Trusted);
            }
        }
        return new Grant(claims, request, trusted, judged);
    }

    private Outcome record(StateChange change, Grant grant) {
        String name = grant.claims().getService();
        ServiceRecord service = Registry.service(change, name)
                .map(Versioned::value)
                .orElseThrow(() -> Refusals.denied(name, "there is no such service"));
        if (!Boolean.TRUE.equals(grant.judged().get(service.getPolicyJson()))) {
            return new Stale();
        }
        ByteString measurement =
                ByteString.copyFrom(grant.trusted().claims().measurement().bytes());
        refuseRevoked(service, measurement);
        renew(change, grant);
        Optional<LeaseContent> content = LeaseContent.of(change, service, grant.judged());
        if (content.isEmpty()) {
            return new Stale();
        }
        long now = aecs.now();
        Leases.sweep(change, name, now);
        Optional<ServiceRecord> rotated = aecs.serviceKeys().rotateWhenDue(service, now);
        rotated.ifPresent(fresh -> Registry.putService(change, fresh));
        LeaseRecord lease = lease(change, grant, service, now);
        Registry.putLease(change, lease);
        ByteString entry = entry(grant, lease, service);
        long index = change.log(entry.toByteArray());
        return new Recorded(rotated.orElse(service), lease, content.get(), index, entry);
    }

    private void refuseRevoked(ServiceRecord service, ByteString measurement) {
        if (service.getRevokedMeasurementsList().contains(measurement)) {
            denials.add(
                    service.getName(), aecs.now(), "AECS-211", measurement, List.of("this measurement was revoked"));
            throw Refusals.ended(service.getName(), "its admin revoked this measurement");
        }
    }

    private static void renew(StateChange change, Grant grant) {
        String service = grant.claims().getService();
        String serial = grant.claims().getRenewsLease();
        // An unknown lease has expired and was swept: the enclave proved itself afresh, so it gets a new one.
        if (Leases.isSerial(serial)) {
            Registry.lease(change, service, serial).ifPresent(old -> {
                if (old.getEnded()) {
                    throw Refusals.ended(service, "its admin ended lease " + serial);
                }
                Registry.deleteLease(change, service, serial);
            });
        }
    }

    private LeaseRecord lease(StateChange change, Grant grant, ServiceRecord service, long now) {
        long expires = now + aecs.config().times().lease().toMillis();
        LeaseRecord.Builder lease = LeaseRecord.newBuilder()
                .setSerial(Leases.serial(expires, aecs.random()))
                .setService(service.getName())
                .setMeasurement(ByteString.copyFrom(
                        grant.trusted().claims().measurement().bytes()))
                .setIssuedAtUnixMillis(now)
                .setExpiresAtUnixMillis(expires)
                .setPolicyEpoch(service.getPolicyEpoch())
                .setSimulated(grant.trusted().simulated());
        if (Leases.room(change, service.getName())) {
            lease.setEvidence(grant.request().getEvidence());
        }
        return lease.build();
    }

    private ByteString entry(Grant grant, LeaseRecord lease, ServiceRecord service) {
        return LogEntry.newBuilder()
                .setKind(grant.renews() ? LogEntryKind.RENEWED : LogEntryKind.RELEASED)
                .setAtUnixMillis(lease.getIssuedAtUnixMillis())
                .setServicePseudonym(logBook.pseudonym(lease.getService()))
                .setLeaseSha256(ByteString.copyFrom(
                        Digest.of(lease.getSerialBytes().toByteArray()).bytes()))
                .setMeasurement(lease.getMeasurement())
                .setPolicyCommitment(logBook.policyCommitment(service.getName(), service.getPolicyDigest()))
                .setPolicyEpoch(lease.getPolicyEpoch())
                .setSimulated(lease.getSimulated())
                .build()
                .toByteString();
    }

    private ReleaseResponse sealed(Grant grant, Recorded recorded, SealedState.Committed<Outcome> committed) {
        LeaseRecord lease = recorded.lease();
        byte[] content = builder.build(recorded.service(), lease, recorded.content())
                .setReceipt(logBook.receipt(recorded.logIndex(), recorded.entry(), committed.head())
                        .setPolicySalt(logBook.policySalt(lease.getService())))
                .build()
                .toByteArray();
        aecs.audit()
                .event("info", grant.renews() ? "renewed" : "released")
                .with("service", lease.getService())
                .with("lease", lease.getSerial())
                .with("measurement", grant.trusted().claims().measurement().hex())
                .with("policyEpoch", lease.getPolicyEpoch())
                .with("evidence", lease.getSimulated() ? "SIMULATED" : "real")
                .with("logIndex", recorded.logIndex())
                .write();
        return AecsMessages.sealLease(
                aecs.root().identity().getPrivate(),
                lease.getService(),
                grant.request().getClaims().toByteArray(),
                grant.claims().getHpkePublicKey(),
                content);
    }

    private static ReleaseClaims claims(ReleaseRequest request) {
        if (request.getEvidence().isEmpty() || request.getEvidence().size() > Limits.EVIDENCE_BYTES) {
            throw Refusals.malformed("its evidence has " + request.getEvidence().size() + " bytes");
        }
        if (request.getClaims().size() > Limits.CLAIMS_BYTES) {
            throw Refusals.malformed("its claims have " + request.getClaims().size() + " bytes");
        }
        try {
            ReleaseClaims claims = ReleaseClaims.parseFrom(request.getClaims());
            if (claims.getHpkePublicKey().size() != Hpke.KEY_BYTES) {
                throw Refusals.malformed(
                        "its HPKE key has " + claims.getHpkePublicKey().size() + " bytes, not 32");
            }
            return claims;
        } catch (InvalidProtocolBufferException e) {
            throw Refusals.malformed("its claims are no ReleaseClaims message");
        }
    }
}
