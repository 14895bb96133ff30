package s3ml.aecs.trust;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.keys.ServiceKeys;
import s3ml.aecs.registry.Names;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateView;
import s3ml.attest.Digest;
import s3ml.attest.Policy;
import s3ml.attest.ReportData;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.log.ProofPlan;
import s3ml.protocol.trace.CallTrace;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.DescribeServiceRequest;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.ModelDescription;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.PublicSecret;
import s3ml.wire.aecs.PublicSecretVersion;
import s3ml.wire.aecs.ReadLogRequest;
import s3ml.wire.aecs.ReadLogResponse;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.ServiceDescription;
import s3ml.wire.aecs.state.Head;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.SecretVersion;
import s3ml.wire.aecs.state.ServiceRecord;

/// Answers anybody: evidence of this AECS, descriptions of services, the log and its proofs. Thread-safe.
public final class TrustDesk {
    private static final int MAX_LOG_ENTRIES = 256;

    private final Aecs aecs;
    private final LogBook logBook;
    private final ByteString tlsKeyDigest;

    /// @param tlsKeyDigest SHA-256 of the SubjectPublicKeyInfo that this process's endpoint presents
    public TrustDesk(Aecs aecs, LogBook logBook, Digest tlsKeyDigest) {
        this.aecs = aecs;
        this.logBook = logBook;
        this.tlsKeyDigest = ByteString.copyFrom(tlsKeyDigest.bytes());
    }

    /// Evidence bound to the caller's nonce.
    public AttestResponse attest(ByteString nonce) {
        if (nonce.size() != AecsMessages.NONCE_BYTES) {
            throw Refusals.malformed("its nonce has " + nonce.size() + " bytes, not " + AecsMessages.NONCE_BYTES);
        }
        byte[] claims;
        try (HpkeKeyPair importKey = aecs.root().importKey()) {
            claims = AecsClaims.newBuilder()
                    .setNonce(nonce)
                    .setIdentityPublicKey(ByteString.copyFrom(
                            aecs.root().identity().getPublic().getEncoded()))
                    .setTlsKeySha256(tlsKeyDigest)
                    .setInstanceId(ByteString.copyFrom(aecs.root().instanceId()))
                    .setAdminSetDigest(adminSetDigest())
                    .setHpkePublicKey(importKey.publicKey())
                    .setSignerTrusted(aecs.root().signerTrusted())
                    .build()
                    .toByteArray();
        }
        byte[] evidence = aecs.issuer().issue(ReportData.ofDigest(Digest.of(claims)));
        return AttestResponse.newBuilder()
                .setEvidence(ByteString.copyFrom(evidence))
                .setClaims(ByteString.copyFrom(claims))
                .build();
    }

    private ByteString adminSetDigest() {
        List<ByteString> admins =
                aecs.state().read(view -> Registry.aecs(view).value().getAdminsList());
        return AdminSet.digest(admins);
    }

    /// What clients of a service need, signed and bound to the caller's nonce.
    public DescribeServiceResponse describe(DescribeServiceRequest request) {
        AttestResponse proof = attest(request.getNonce());
        aecs.state().refresh();
        Head head = aecs.state().head();
        byte[] description = aecs.state()
                .read(view -> description(view, request.getService(), head))
                .orElseThrow(() -> Refusals.denied(
                        Names.isLabel(request.getService()) ? request.getService() : "?", "there is no such service"))
                .toByteArray();
        // Anybody may ask, and the answer holds no secret; who follows a trace finds the call in it.
        if (CallTrace.current().isPresent()) {
            aecs.audit()
                    .event("info", "described")
                    .with("service", request.getService())
                    .write();
        }
        byte[] signature = AecsMessages.signDescription(
                aecs.root().identity().getPrivate(), request.getNonce().toByteArray(), description);
        return DescribeServiceResponse.newBuilder()
                .setAecs(proof)
                .setDescription(ByteString.copyFrom(description))
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    private Optional<ServiceDescription> description(StateView view, String name, Head head) {
        if (!Names.isLabel(name)) {
            return Optional.empty();
        }
        return Registry.service(view, name).map(Versioned::value).map(service -> {
            long now = aecs.now();
            ServiceDescription.Builder description = ServiceDescription.newBuilder()
                    .setService(name)
                    .setCaCertificate(service.getCaCertificate())
                    .setPreviousCaCertificate(service.getPreviousCaCertificate())
                    .setHpkeKeyConfig(ServiceKeys.announced(service, now))
                    .setPolicyJson(service.getPolicyJson())
                    .setPolicyDigest(service.getPolicyDigest())
                    .setPolicyEpoch(service.getPolicyEpoch())
                    .setIssuedAtUnixMillis(now)
                    .setLogHead(logBook.head(head))
                    .setLogPseudonym(logBook.pseudonym(name))
                    .setLogPolicySalt(logBook.policySalt(name))
                    .setSimulated(acceptsSimulated(service))
                    .addAllNames(service.getNamesList());
            Registry.models(view, name).forEach(model -> description.addModels(model(model.value())));
            Registry.secrets(view, name).stream()
                    .filter(secret -> secret.value().getPublicPart())
                    .forEach(secret -> description.addSecrets(secret(secret.value(), now)));
            return description.build();
        });
    }

    private static boolean acceptsSimulated(ServiceRecord service) {
        return !service.getPolicyJson().isEmpty()
                && Policy.parse(service.getPolicyJson().toStringUtf8()).allowsSimulated();
    }

    private static ModelDescription model(ModelRecord model) {
        return ModelDescription.newBuilder()
                .setName(model.getName())
                .setVersion(model.getVersion())
                .setManifestDigest(model.getManifestDigest())
                .setModelDigest(model.getModelDigest())
                .build();
    }

    private static PublicSecret secret(SecretRecord secret, long now) {
        PublicSecret.Builder builder =
                PublicSecret.newBuilder().setName(secret.getName()).setKind(SecretKind.forNumber(secret.getKind()));
        for (SecretVersion version : secret.getVersionsList().reversed()) {
            long refusedFrom = version.getRefusedFromUnixMillis();
            if (refusedFrom == 0 || refusedFrom > now) {
                builder.addVersions(PublicSecretVersion.newBuilder()
                        .setNumber(version.getNumber())
                        .setPublicPart(version.getPublicPart())
                        .setValidUntilUnixMillis(refusedFrom));
            }
        }
        return builder.build();
    }

    /// Proofs over the log as it is now.
    public ProveLogResponse prove(ProveLogRequest request) {
        aecs.state().refresh();
        Head head = aecs.state().head();
        long size = head.getLogSize();
        if (request.getKnownSize() < 0) {
            throw Refusals.malformed("no log has " + request.getKnownSize() + " entries");
        }
        ProveLogResponse.Builder response = ProveLogResponse.newBuilder().setHead(logBook.head(head));
        if (request.getKnownSize() <= size) {
            response.addAllConsistency(
                    LogBook.bytes(aecs.state().proveLog(ProofPlan.consistency(request.getKnownSize(), size))));
        }
        if (request.getProveEntry()) {
            long index = request.getEntryIndex();
            if (index < 0 || index >= size) {
                throw Refusals.malformed("the log has no entry " + index);
            }
            aecs.state().logEntries(index, 1).forEach(response::setEntry);
            response.addAllInclusion(LogBook.bytes(aecs.state().proveLog(ProofPlan.inclusion(index, size))));
        }
        return response.build();
    }

    /// Entries of the log.
    public ReadLogResponse read(ReadLogRequest request) {
        aecs.state().refresh();
        Head head = aecs.state().head();
        long size = head.getLogSize();
        if (request.getFirst() < 0 || request.getCount() < 1 || request.getCount() > MAX_LOG_ENTRIES) {
            throw Refusals.malformed("it asks for " + request.getCount() + " entries, not 1 to " + MAX_LOG_ENTRIES);
        }
        int count = (int) Math.max(0, Math.min(request.getCount(), size - request.getFirst()));
        ReadLogResponse.Builder response = ReadLogResponse.newBuilder().setHead(logBook.head(head));
        if (count > 0) {
            response.addAllEntries(aecs.state().logEntries(request.getFirst(), count));
        }
        return response.build();
    }
}
