package s3ml.aecs.admin;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.keys.ServiceCa;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Names;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.state.StateView;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateService;
import s3ml.wire.aecs.PutConfiguration;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.RemoveModelKey;
import s3ml.wire.aecs.RemoveService;
import s3ml.wire.aecs.RotateServiceKeys;
import s3ml.wire.aecs.SetServiceAdmin;
import s3ml.wire.aecs.SetServiceNames;
import s3ml.wire.aecs.state.ConfigurationRecord;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// Commands about services, their models, names and configuration.
final class ServiceActions {
    private static final String DEFAULT_TENANT = "default";
    private static final int MODEL_KEY_BYTES = 32;
    private static final int SERIAL_BITS = 120;

    private final Aecs aecs;

    ServiceActions(Aecs aecs) {
        this.aecs = aecs;
    }

    Function<StateChange, CommandResult.Builder> create(Command command, CreateService wish) {
        String tenant = wish.getTenant().isEmpty() ? DEFAULT_TENANT : wish.getTenant();
        if (!Names.isLabel(wish.getService()) || !Names.isLabel(tenant)) {
            throw Refusals.unacceptable(
                    "the service", "its name and tenant must be 1 to 63 of a-z, 0-9 and -, no - at either end");
        }
        checkNames(wish.getNamesList());
        checkKey(wish.getServiceAdminKey().toByteArray());
        ServiceRecord record = withNewCa(ServiceRecord.newBuilder()
                .setName(wish.getService())
                .setTenant(tenant)
                .setAdminKey(wish.getServiceAdminKey())
                .addAllNames(wish.getNamesList())
                .setCreatedAtUnixMillis(aecs.now())
                .build());
        ServiceRecord ready = aecs.serviceKeys().begin(record, aecs.now());
        return change -> {
            Roles.aecsAdmin(change, command);
            Roles.unchanged(
                    "service \"" + wish.getService() + "\"",
                    Registry.service(change, wish.getService())
                            .map(Versioned::version)
                            .orElse(0L),
                    command);
            checkRoom(change, tenant);
            return CommandResult.newBuilder().setVersion(Registry.putService(change, ready));
        };
    }

    private static void checkRoom(StateView view, String tenant) {
        List<Versioned<ServiceRecord>> services = Registry.services(view);
        if (services.size() >= Limits.SERVICES) {
            throw Refusals.limit("services", Limits.SERVICES);
        }
        long ofTenant = services.stream()
                .filter(service -> service.value().getTenant().equals(tenant))
                .count();
        if (ofTenant >= Limits.SERVICES_OF_TENANT) {
            throw Refusals.limit("services of tenant \"" + tenant + "\"", Limits.SERVICES_OF_TENANT);
        }
    }

    private ServiceRecord withNewCa(ServiceRecord service) {
        ServiceCa.Issued ca = ServiceCa.createCa(
                service.getName(),
                new BigInteger(SERIAL_BITS, aecs.random()).add(BigInteger.ONE),
                aecs.clock().instant(),
                aecs.issuer().simulated());
        return service.toBuilder()
                .setPreviousCaCertificate(service.getCaCertificate())
                .setCaPrivateKey(ca.privateKey())
                .setCaCertificate(ca.certificate())
                .build();
    }

    private static void checkNames(List<String> names) {
        if (names.isEmpty() || names.size() > Limits.NAMES_OF_SERVICE) {
            throw Refusals.unacceptable(
                    "the service's names", "there are " + names.size() + ", not 1 to " + Limits.NAMES_OF_SERVICE);
        }
        for (String name : names) {
            if (!Names.isHost(name)) {
                throw Refusals.unacceptable("the service's names", "one is neither a DNS name nor an IP address");
            }
        }
        if (Set.copyOf(names).size() != names.size()) {
            throw Refusals.unacceptable("the service's names", "one stands there twice");
        }
    }

    private static void checkKey(byte[] spki) {
        try {
            Signatures.publicKey(spki);
        } catch (S3mlException e) {
            throw Refusals.unacceptable("the admin's key", "it is no P-256 SubjectPublicKeyInfo");
        }
    }

    Function<StateChange, CommandResult.Builder> remove(Command command, RemoveService wish) {
        return change -> {
            Versioned<ServiceRecord> service = Roles.eitherAdmin(change, command, wish.getService());
            Roles.unchanged("service \"" + wish.getService() + "\"", service.version(), command);
            Registry.deleteService(change, wish.getService());
            return CommandResult.newBuilder();
        };
    }

    Function<StateChange, CommandResult.Builder> putModel(Command command, PutModelKey wish) {
        if (!Names.isWord(wish.getName()) || !Names.isWord(wish.getVersion())) {
            throw Refusals.unacceptable(
                    "the model",
                    "name and version must be 1 to 128 of A-Z, a-z, 0-9, ., _ and -, a letter or digit first");
        }
        if (wish.getManifestDigest().size() != Digest.BYTES
                || wish.getModelDigest().size() != Digest.BYTES) {
            throw Refusals.unacceptable("the model", "its digests must have 32 bytes");
        }
        ModelRecord record = ModelRecord.newBuilder()
                .setService(wish.getService())
                .setName(wish.getName())
                .setVersion(wish.getVersion())
                .setKey(Roles.bytes(openedKey(wish)))
                .setManifestDigest(wish.getManifestDigest())
                .setModelDigest(wish.getModelDigest())
                .setCreatedAtUnixMillis(aecs.now())
                .build();
        String what = "model \"" + wish.getName() + "\" version \"" + wish.getVersion() + "\"";
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            long version = Registry.model(change, wish.getService(), wish.getName(), wish.getVersion())
                    .map(Versioned::version)
                    .orElse(0L);
            Roles.unchanged(what, version, command);
            if (version == 0 && Registry.models(change, wish.getService()).size() >= Limits.MODELS_OF_SERVICE) {
                throw Refusals.limit("models of a service", Limits.MODELS_OF_SERVICE);
            }
            return CommandResult.newBuilder().setVersion(Registry.putModel(change, record));
        };
    }

    private byte[] openedKey(PutModelKey wish) {
        try (HpkeKeyPair own = aecs.root().importKey();
                SecretBytes key = AecsMessages.openModelKey(own.privateKey(), wish)) {
            if (key.length() != MODEL_KEY_BYTES) {
                throw Refusals.unacceptable("the model key", "it has " + key.length() + " bytes, not 32");
            }
            return key.expose(byte[]::clone);
        } catch (S3mlException e) {
            if (e.code().startsWith("PRO-")) {
                throw Refusals.unacceptable(
                        "the model key", "it does not open: it was sealed for another AECS, service or model");
            }
            throw e;
        }
    }

    Function<StateChange, CommandResult.Builder> removeModel(Command command, RemoveModelKey wish) {
        String what = "model \"" + wish.getName() + "\" version \"" + wish.getVersion() + "\"";
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            Versioned<ModelRecord> model = Registry.model(change, wish.getService(), wish.getName(), wish.getVersion())
                    .orElseThrow(() -> Refusals.notFound(what));
            Roles.unchanged(what, model.version(), command);
            Registry.deleteModel(change, wish.getService(), wish.getName(), wish.getVersion());
            return CommandResult.newBuilder();
        };
    }

    Function<StateChange, CommandResult.Builder> putConfiguration(Command command, PutConfiguration wish) {
        if (wish.getEntriesCount() > Limits.CONFIGURATION_ENTRIES) {
            throw Refusals.limit("entries in a configuration", Limits.CONFIGURATION_ENTRIES);
        }
        long size = 0;
        for (var entry : wish.getEntriesMap().entrySet()) {
            if (!Names.isWord(entry.getKey())) {
                throw Refusals.unacceptable("the configuration", "keys must be 1 to 128 of A-Z, a-z, 0-9, ., _ and -");
            }
            size += entry.getKey().length() + entry.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        if (size > Limits.CONFIGURATION_BYTES) {
            throw Refusals.limit("bytes in a configuration", Limits.CONFIGURATION_BYTES);
        }
        ConfigurationRecord record = ConfigurationRecord.newBuilder()
                .putAllEntries(wish.getEntriesMap())
                .build();
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            long version = Registry.configuration(change, wish.getService()).version();
            Roles.unchanged("the configuration", version, command);
            return CommandResult.newBuilder().setVersion(Registry.putConfiguration(change, wish.getService(), record));
        };
    }

    Function<StateChange, CommandResult.Builder> rotateKeys(Command command, RotateServiceKeys wish) {
        return change -> {
            Versioned<ServiceRecord> service = Roles.serviceAdmin(change, command, wish.getService());
            Roles.unchanged("service \"" + wish.getService() + "\"", service.version(), command);
            ServiceRecord rotated = aecs.serviceKeys().rotate(service.value(), aecs.now(), true, true);
            if (wish.getCa()) {
                rotated = withNewCa(rotated);
            }
            return CommandResult.newBuilder().setVersion(Registry.putService(change, rotated));
        };
    }

    Function<StateChange, CommandResult.Builder> setNames(Command command, SetServiceNames wish) {
        checkNames(wish.getNamesList());
        return change -> {
            Versioned<ServiceRecord> service = Roles.serviceAdmin(change, command, wish.getService());
            Roles.unchanged("service \"" + wish.getService() + "\"", service.version(), command);
            ServiceRecord named = service.value().toBuilder()
                    .clearNames()
                    .addAllNames(wish.getNamesList())
                    .build();
            return CommandResult.newBuilder().setVersion(Registry.putService(change, named));
        };
    }

    Function<StateChange, CommandResult.Builder> setAdmin(Command command, SetServiceAdmin wish) {
        checkKey(wish.getServiceAdminKey().toByteArray());
        return change -> {
            Versioned<ServiceRecord> service = Roles.eitherAdmin(change, command, wish.getService());
            Roles.unchanged("service \"" + wish.getService() + "\"", service.version(), command);
            ServiceRecord handed = service.value().toBuilder()
                    .setAdminKey(wish.getServiceAdminKey())
                    .build();
            return CommandResult.newBuilder().setVersion(Registry.putService(change, handed));
        };
    }
}
