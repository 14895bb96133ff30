package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.util.List;
import s3ml.aecs.Aecs;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.release.Denials;
import s3ml.aecs.state.StateView;
import s3ml.aecs.trust.LogBook;
import s3ml.attest.Digest;
import s3ml.wire.aecs.AecsSummary;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.LeaseSummary;
import s3ml.wire.aecs.ListDenials;
import s3ml.wire.aecs.ListSecrets;
import s3ml.wire.aecs.ModelDescription;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.SecretSummary;
import s3ml.wire.aecs.ServiceSummary;
import s3ml.wire.aecs.ShowService;
import s3ml.wire.aecs.state.AecsRecord;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// Commands that only look.
final class Listings {
    /// A result stays far below a message's limit.
    private static final int MAX_LEASES = 1_000;

    private final Aecs aecs;
    private final LogBook logBook;
    private final Denials denials;

    Listings(Aecs aecs, LogBook logBook, Denials denials) {
        this.aecs = aecs;
        this.logBook = logBook;
        this.denials = denials;
    }

    CommandResult.Builder service(Command command, ShowService wish) {
        return aecs.state().read(view -> {
            Versioned<ServiceRecord> service = Roles.eitherAdmin(view, command, wish.getService());
            return CommandResult.newBuilder().setVersion(service.version()).addServices(summary(view, service, true));
        });
    }

    /// An AECS admin sees all services, a service admin his own.
    CommandResult.Builder services(Command command) {
        return aecs.state().read(view -> {
            boolean all = Roles.isAecsAdmin(view, command);
            CommandResult.Builder result = CommandResult.newBuilder();
            for (Versioned<ServiceRecord> service : Registry.services(view)) {
                if (all || command.signers().contains(service.value().getAdminKey())) {
                    result.addServices(summary(view, service, false));
                }
            }
            return result;
        });
    }

    private ServiceSummary summary(StateView view, Versioned<ServiceRecord> found, boolean whole) {
        ServiceRecord service = found.value();
        ServiceSummary.Builder summary = ServiceSummary.newBuilder()
                .setService(service.getName())
                .setTenant(service.getTenant())
                .addAllNames(service.getNamesList())
                .setPolicyEpoch(service.getPolicyEpoch())
                .setVersion(found.version())
                .setAdminSha256(digest(service.getAdminKey()));
        for (Versioned<ModelRecord> model : Registry.models(view, service.getName())) {
            summary.addModels(description(model.value())).addModelVersions(model.version());
        }
        if (whole) {
            long now = aecs.now();
            Registry.leases(view, service.getName()).stream()
                    .filter(lease -> lease.getExpiresAtUnixMillis() >= now && !lease.getEnded())
                    .limit(MAX_LEASES)
                    .forEach(lease -> summary.addLeases(summary(lease)));
            var configuration = Registry.configuration(view, service.getName());
            summary.setPolicyJson(service.getPolicyJson())
                    .addAllRevokedMeasurements(service.getRevokedMeasurementsList())
                    .setConfigurationVersion(configuration.version())
                    .putAllConfiguration(configuration.value().getEntriesMap());
        }
        return summary.build();
    }

    static LeaseSummary summary(LeaseRecord lease) {
        return LeaseSummary.newBuilder()
                .setSerial(lease.getSerial())
                .setMeasurement(lease.getMeasurement())
                .setExpiresAtUnixMillis(lease.getExpiresAtUnixMillis())
                .setPolicyEpoch(lease.getPolicyEpoch())
                .setSimulated(lease.getSimulated())
                .build();
    }

    private static ModelDescription description(ModelRecord model) {
        return ModelDescription.newBuilder()
                .setName(model.getName())
                .setVersion(model.getVersion())
                .setManifestDigest(model.getManifestDigest())
                .setModelDigest(model.getModelDigest())
                .build();
    }

    CommandResult.Builder secrets(Command command, ListSecrets wish) {
        return aecs.state().read(view -> {
            Roles.serviceAdmin(view, command, wish.getService());
            CommandResult.Builder result = CommandResult.newBuilder();
            List<Versioned<SecretRecord>> secrets = Registry.secrets(view, wish.getService());
            secrets.forEach(secret -> result.addSecrets(summary(secret)));
            return result;
        });
    }

    private static SecretSummary summary(Versioned<SecretRecord> found) {
        SecretRecord secret = found.value();
        SecretSummary.Builder summary = SecretSummary.newBuilder()
                .setName(secret.getName())
                .setKind(SecretKind.forNumber(secret.getKind()))
                .setReadOnly(secret.getReadOnly())
                .setPublicPart(secret.getPublicPart())
                .setUseInside(secret.getUseInside())
                .setCurrentNumber(secret.getVersionsList().getLast().getNumber())
                .setVersions(secret.getVersionsCount())
                .setVersion(found.version());
        if (!secret.getPolicyJson().isEmpty()) {
            summary.setPolicyDigest(digest(secret.getPolicyJson()));
        }
        return summary.build();
    }

    CommandResult.Builder denials(Command command, ListDenials wish) {
        return aecs.state().read(view -> {
            Roles.serviceAdmin(view, command, wish.getService());
            return CommandResult.newBuilder().addAllDenials(denials.of(wish.getService()));
        });
    }

    CommandResult.Builder aecs(Command command) {
        return aecs.state().read(view -> {
            Roles.aecsAdmin(view, command);
            Versioned<AecsRecord> record = Registry.aecs(view);
            var head = aecs.state().head();
            AecsSummary.Builder summary = AecsSummary.newBuilder()
                    .setInstanceId(ByteString.copyFrom(aecs.root().instanceId()))
                    .setVersion(record.version())
                    .setThreshold(record.value().getThreshold())
                    .setReplicaPolicyJson(record.value().getReplicaPolicyJson())
                    .setSealToSigner(record.value().getSealToSigner())
                    .setHeadSequence(head.getSequence())
                    .setHeadChainHash(head.getChainHash())
                    .setShareCount(record.value().getShareCount())
                    .setShareGeneration(record.value().getShareGeneration())
                    .setServices(view.count("service/"))
                    .setLogHead(logBook.head(head));
            record.value().getAdminsList().forEach(admin -> summary.addAdminSha256(digest(admin)));
            return CommandResult.newBuilder().setVersion(record.version()).setAecs(summary);
        });
    }

    private static ByteString digest(ByteString content) {
        return ByteString.copyFrom(Digest.of(content.toByteArray()).bytes());
    }
}
