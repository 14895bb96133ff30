package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.keys.SecretMaker;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Names;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateChange;
import s3ml.attest.S3mlException;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateSecret;
import s3ml.wire.aecs.RemoveSecret;
import s3ml.wire.aecs.RotateSecret;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.SecretVersion;

/// Commands about secrets.
final class SecretActions {
    private static final int AES_BYTES = 32;
    private static final int DEFAULT_VALID_DAYS = 365;
    private static final int MAX_VALID_DAYS = 3_650;
    private static final int MAX_COMMON_NAME = 64;
    /// Nobody waits longer for the last user of an old key.
    private static final Duration MAX_GRACE = Duration.ofDays(365);

    private final Aecs aecs;
    private final SecretMaker maker;

    SecretActions(Aecs aecs) {
        this.aecs = aecs;
        this.maker = new SecretMaker(aecs.random());
    }

    Function<StateChange, CommandResult.Builder> create(Command command, CreateSecret wish) {
        check(wish);
        SecretMaker.Made made = make(wish);
        SecretRecord record = SecretRecord.newBuilder()
                .setService(wish.getService())
                .setName(wish.getName())
                .setKind(wish.getKindValue())
                .setReadOnly(wish.getReadOnly())
                .setPublicPart(wish.getPublicPart())
                .setUseInside(wish.getUseInside())
                .setPolicyJson(wish.getPolicyJson())
                .addVersions(version(1, made))
                .setCreatedAtUnixMillis(aecs.now())
                .build();
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            long version = Registry.secret(change, wish.getService(), wish.getName())
                    .map(Versioned::version)
                    .orElse(0L);
            // A secret is never overwritten by creating it again: that takes a rotation.
            Roles.unchanged("secret \"" + wish.getName() + "\"", version, command);
            if (version != 0) {
                throw Refusals.unacceptable("the secret", "\"" + wish.getName() + "\" exists; rotate it");
            }
            if (Registry.secrets(change, wish.getService()).size() >= Limits.SECRETS_OF_SERVICE) {
                throw Refusals.limit("secrets of a service", Limits.SECRETS_OF_SERVICE);
            }
            return CommandResult.newBuilder().setVersion(Registry.putSecret(change, record));
        };
    }

    private static void check(CreateSecret wish) {
        SecretKind kind = wish.getKind();
        if (!Names.isWord(wish.getName())) {
            throw Refusals.unacceptable(
                    "the secret", "its name must be 1 to 128 of A-Z, a-z, 0-9, ., _ and -, a letter or digit first");
        }
        if (kind == SecretKind.SECRET_KIND_UNSPECIFIED || kind == SecretKind.UNRECOGNIZED) {
            throw Refusals.unacceptable("the secret", "its kind is not known");
        }
        if (wish.getUseInside() && (kind == SecretKind.DATA || kind == SecretKind.CERTIFICATE)) {
            throw Refusals.unacceptable("the secret", kind + " has no use inside the AECS");
        }
        if (wish.getPublicPart() && (kind == SecretKind.DATA || kind == SecretKind.AES_256)) {
            throw Refusals.unacceptable("the secret", kind + " has no public part");
        }
        boolean imported = !wish.getCiphertext().isEmpty();
        if (imported != (kind == SecretKind.DATA) && !(imported && kind == SecretKind.AES_256)) {
            throw Refusals.unacceptable(
                    "the secret", imported ? kind + " cannot be imported" : "DATA must bring its bytes");
        }
        if (!wish.getPolicyJson().isEmpty()) {
            PolicyActions.parsed(wish.getPolicyJson());
        }
    }

    private SecretMaker.Made make(CreateSecret wish) {
        if (!wish.getCiphertext().isEmpty()) {
            return imported(
                    wish.getKind(), wish.getService(), wish.getName(), wish.getEncapsulatedKey(), wish.getCiphertext());
        }
        if (wish.getKind() == SecretKind.CERTIFICATE) {
            return maker.certificate(subject(wish), aecs.clock().instant());
        }
        return maker.generate(wish.getKind()).orElseThrow();
    }

    private SecretMaker.Subject subject(CreateSecret wish) {
        int days = wish.getValidDays() == 0 ? DEFAULT_VALID_DAYS : wish.getValidDays();
        if (days < 1 || days > MAX_VALID_DAYS) {
            throw Refusals.unacceptable("the certificate", "it may be valid for 1 to " + MAX_VALID_DAYS + " days");
        }
        String name = wish.getCommonName();
        if (name.isBlank() || name.length() > MAX_COMMON_NAME) {
            throw Refusals.unacceptable("the certificate", "its common name must have 1 to 64 characters");
        }
        List<String> names = wish.getDnsNamesList();
        if (names.size() > Limits.NAMES_OF_SERVICE || !names.stream().allMatch(Names::isHost)) {
            throw Refusals.unacceptable("the certificate", "its names must be DNS names or addresses, at most 32");
        }
        return new SecretMaker.Subject(
                name, names, Duration.ofDays(days), aecs.issuer().simulated());
    }

    private SecretMaker.Made imported(
            SecretKind kind, String service, String name, ByteString encapsulated, ByteString ciphertext) {
        byte[] info = ("s3ml secret v1\0" + service + "\0" + name).getBytes(StandardCharsets.UTF_8);
        byte[] bytes;
        try (HpkeKeyPair own = aecs.root().importKey()) {
            bytes = Hpke.open(own.privateKey(), info, new byte[0], new Hpke.Sealed(encapsulated, ciphertext));
        } catch (S3mlException e) {
            throw Refusals.unacceptable(
                    "the secret", "it does not open: it was sealed for another AECS, service or name");
        }
        if (kind == SecretKind.AES_256 && bytes.length != AES_BYTES) {
            throw Refusals.unacceptable("the secret", "an AES-256 key has 32 bytes, not " + bytes.length);
        }
        if (bytes.length == 0 || bytes.length > Limits.DATA_BYTES) {
            throw Refusals.unacceptable(
                    "the secret", "it has " + bytes.length + " bytes, not 1 to " + Limits.DATA_BYTES);
        }
        return new SecretMaker.Made(ByteString.copyFrom(bytes), ByteString.EMPTY);
    }

    private SecretVersion version(int number, SecretMaker.Made made) {
        return SecretVersion.newBuilder()
                .setNumber(number)
                .setMaterial(made.material())
                .setPublicPart(made.publicPart())
                .setCreatedAtUnixMillis(aecs.now())
                .build();
    }

    Function<StateChange, CommandResult.Builder> rotate(Command command, RotateSecret wish) {
        if (wish.getGraceSeconds() < 0 || wish.getGraceSeconds() > MAX_GRACE.toSeconds()) {
            throw Refusals.unacceptable(
                    "the rotation", "its grace period is longer than " + MAX_GRACE.toDays() + " days");
        }
        SecretRecord seen = aecs.state()
                .read(view -> {
                    Roles.serviceAdmin(view, command, wish.getService());
                    return find(Registry.secret(view, wish.getService(), wish.getName()), wish.getName());
                })
                .value();
        SecretMaker.Made made = remake(seen, wish);
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            Versioned<SecretRecord> secret =
                    find(Registry.secret(change, wish.getService(), wish.getName()), wish.getName());
            changeable(secret, wish.getName(), command);
            return CommandResult.newBuilder()
                    .setVersion(Registry.putSecret(change, rotated(secret.value(), made, wish.getGraceSeconds())));
        };
    }

    private SecretMaker.Made remake(SecretRecord secret, RotateSecret wish) {
        SecretKind kind = SecretKind.forNumber(secret.getKind());
        if (!wish.getCiphertext().isEmpty() && (kind == SecretKind.DATA || kind == SecretKind.AES_256)) {
            return imported(kind, wish.getService(), wish.getName(), wish.getEncapsulatedKey(), wish.getCiphertext());
        }
        if (kind == SecretKind.DATA || kind == null) {
            throw Refusals.unacceptable("the rotation", "DATA must bring its new bytes");
        }
        if (kind == SecretKind.CERTIFICATE) {
            return maker.again(
                    secret.getVersionsList().getLast().getPublicPart().toByteArray(),
                    aecs.clock().instant(),
                    aecs.issuer().simulated());
        }
        return maker.generate(kind).orElseThrow();
    }

    private SecretRecord rotated(SecretRecord secret, SecretMaker.Made made, long graceSeconds) {
        long now = aecs.now();
        SecretRecord.Builder builder = secret.toBuilder().clearVersions();
        for (SecretVersion version : secret.getVersionsList()) {
            long refusedFrom = version.getRefusedFromUnixMillis();
            if (refusedFrom == 0) {
                builder.addVersions(version.toBuilder()
                        .setRefusedFromUnixMillis(
                                now + Duration.ofSeconds(graceSeconds).toMillis()));
            } else if (refusedFrom > now) {
                builder.addVersions(version);
            }
        }
        while (builder.getVersionsCount() >= Limits.VERSIONS_OF_SECRET) {
            builder.removeVersions(0);
        }
        int number = secret.getVersionsList().getLast().getNumber() + 1;
        return builder.addVersions(version(number, made)).build();
    }

    Function<StateChange, CommandResult.Builder> remove(Command command, RemoveSecret wish) {
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            Versioned<SecretRecord> secret =
                    find(Registry.secret(change, wish.getService(), wish.getName()), wish.getName());
            changeable(secret, wish.getName(), command);
            Registry.deleteSecret(change, wish.getService(), wish.getName());
            return CommandResult.newBuilder();
        };
    }

    private static Versioned<SecretRecord> find(java.util.Optional<Versioned<SecretRecord>> found, String name) {
        return found.orElseThrow(() -> Refusals.notFound("secret \"" + name + "\""));
    }

    private static void changeable(Versioned<SecretRecord> secret, String name, Command command) {
        if (secret.value().getReadOnly()) {
            throw Refusals.readOnly("secret \"" + name + "\"");
        }
        Roles.unchanged("secret \"" + name + "\"", secret.version(), command);
    }
}
