package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import s3ml.aecs.Aecs;
import s3ml.aecs.keys.ServiceCa;
import s3ml.aecs.keys.ServiceKeys;
import s3ml.wire.aecs.Lease;
import s3ml.wire.aecs.LeaseSecret;
import s3ml.wire.aecs.LeaseSecretVersion;
import s3ml.wire.aecs.ModelKey;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.TlsKey;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.SecretVersion;
import s3ml.wire.aecs.state.ServiceRecord;

/// Puts a lease together: a fresh TLS key with a certificate that ends with the lease, and what the service gives.
final class LeaseBuilder {
    private final Aecs aecs;

    LeaseBuilder(Aecs aecs) {
        this.aecs = aecs;
    }

    Lease.Builder build(ServiceRecord service, LeaseRecord lease, LeaseContent content) {
        long issued = lease.getIssuedAtUnixMillis();
        long expires = lease.getExpiresAtUnixMillis();
        Lease.Builder builder = Lease.newBuilder()
                .setSerial(lease.getSerial())
                .setService(lease.getService())
                .setIssuedAtUnixMillis(issued)
                .setExpiresAtUnixMillis(expires)
                // Half the lease is left for AECS outages.
                .setRenewAtUnixMillis(issued + (expires - issued) / 2)
                .setPolicyEpoch(lease.getPolicyEpoch())
                .setTls(tls(service, lease))
                .addAllTicketKeys(ServiceKeys.ticketKeys(service, issued))
                .addAllHpkeKeys(ServiceKeys.hpkeKeys(service, issued))
                .putAllConfiguration(content.configuration().getEntriesMap())
                .setSimulated(lease.getSimulated())
                .setAccessKey(AccessKeys.of(aecs.root(), lease.getService(), lease.getSerial()));
        content.models().forEach(model -> builder.addModels(model(model)));
        content.secrets().forEach(secret -> builder.addSecrets(secret(secret, issued)));
        return builder;
    }

    private static TlsKey tls(ServiceRecord service, LeaseRecord lease) {
        ServiceCa.Issued ca = new ServiceCa.Issued(service.getCaPrivateKey(), service.getCaCertificate());
        ServiceCa.Issued issued = ServiceCa.issue(
                ca,
                service.getNamesList(),
                new BigInteger(lease.getSerial(), 16),
                new ServiceCa.Validity(
                        Instant.ofEpochMilli(lease.getIssuedAtUnixMillis()),
                        Instant.ofEpochMilli(lease.getExpiresAtUnixMillis()),
                        lease.getSimulated()));
        return TlsKey.newBuilder()
                .setPrivateKey(issued.privateKey())
                .addAllCertificateChain(List.of(issued.certificate(), service.getCaCertificate()))
                .build();
    }

    private static ModelKey model(ModelRecord model) {
        return ModelKey.newBuilder()
                .setName(model.getName())
                .setVersion(model.getVersion())
                .setKey(model.getKey())
                .setManifestDigest(model.getManifestDigest())
                .setModelDigest(model.getModelDigest())
                .build();
    }

    private static LeaseSecret secret(SecretRecord secret, long now) {
        LeaseSecret.Builder builder =
                LeaseSecret.newBuilder().setName(secret.getName()).setKind(SecretKind.forNumber(secret.getKind()));
        for (SecretVersion version : secret.getVersionsList().reversed()) {
            long refusedFrom = version.getRefusedFromUnixMillis();
            if (refusedFrom == 0 || refusedFrom > now) {
                builder.addVersions(LeaseSecretVersion.newBuilder()
                        .setNumber(version.getNumber())
                        .setMaterial(secret.getUseInside() ? ByteString.EMPTY : version.getMaterial())
                        .setPublicPart(version.getPublicPart())
                        .setValidUntilUnixMillis(refusedFrom));
            }
        }
        return builder.build();
    }
}
