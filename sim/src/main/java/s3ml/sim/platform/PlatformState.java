package s3ml.sim.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import s3ml.attest.S3mlException;

/// What makes one simulated machine that machine: its fuses (a secret), its keys and its certificates, kept in a folder
/// that only its owner can read.
@SuppressWarnings("ArrayRecordComponent") // never compared
record PlatformState(
        byte[] secret, KeyPair root, KeyPair authority, KeyPair pck, Leaves leaves, Certificates certificates) {
    private static final String FILE = "platform.txt";
    private static final int SECRET_SIZE = 32;
    private static final String ROOT_CRL = "http://simulated-platform.invalid/root.crl";
    private static final String PCK_CRL = "http://simulated-platform.invalid/pck.crl";

    /// Keys that certify no others.
    record Leaves(KeyPair tcbSigning, KeyPair attestation) {}

    /// DER.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Certificates(byte[] root, byte[] authority, byte[] pck, byte[] tcbSigning) {}

    Issuer rootIssuer() {
        return new Issuer(Issuer.nameOf("Intel SGX Root CA"), root);
    }

    Issuer pckIssuer() {
        return new Issuer(Issuer.nameOf("Intel SGX PCK Platform CA"), authority);
    }

    BigInteger pckSerial() {
        return Issuer.serialOf(pck.getPublic());
    }

    static PlatformState openOrCreate(Path folder, Instant at) {
        Path file = folder.resolve(FILE);
        try {
            if (Files.exists(file)) {
                return read(file);
            }
            PlatformState state = create(at);
            write(state, folder, file);
            return state;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PlatformState create(Instant at) {
        byte[] secret = new byte[SECRET_SIZE];
        new SecureRandom().nextBytes(secret);
        KeyPair root = Keys.generate();
        KeyPair authority = Keys.generate();
        KeyPair pck = Keys.generate();
        Leaves leaves = new Leaves(Keys.generate(), Keys.generate());
        Certificates none = new Certificates(new byte[0], new byte[0], new byte[0], new byte[0]);
        PlatformState keys = new PlatformState(secret, root, authority, pck, leaves, none);
        Issuer rootIssuer = keys.rootIssuer();
        Issuer pckIssuer = keys.pckIssuer();
        Issuer.Kind sgx = new Issuer.Kind.Leaf(new PlatformIdentity(secret).sgxExtension());
        Certificates certificates = new Certificates(
                rootIssuer.certify(rootIssuer.name(), root.getPublic(), new Issuer.Kind.Authority(1), ROOT_CRL, at),
                rootIssuer.certify(pckIssuer.name(), authority.getPublic(), new Issuer.Kind.Authority(0), ROOT_CRL, at),
                pckIssuer.certify(Issuer.nameOf("Intel SGX PCK Certificate"), pck.getPublic(), sgx, PCK_CRL, at),
                rootIssuer.certify(
                        Issuer.nameOf("Intel SGX TCB Signing"),
                        leaves.tcbSigning().getPublic(),
                        new Issuer.Kind.Leaf(new byte[0]),
                        ROOT_CRL,
                        at));
        return new PlatformState(secret, root, authority, pck, leaves, certificates);
    }

    private static void write(PlatformState state, Path folder, Path file) throws IOException {
        Files.createDirectories(folder);
        StringBuilder text = new StringBuilder();
        Base64.Encoder encoder = Base64.getEncoder();
        text.append(encoder.encodeToString(state.secret)).append('\n');
        for (KeyPair pair : state.pairs()) {
            text.append(Keys.toText(pair));
        }
        Certificates all = state.certificates;
        for (byte[] certificate : List.of(all.root(), all.authority(), all.pck(), all.tcbSigning())) {
            text.append(encoder.encodeToString(certificate)).append('\n');
        }
        Path fresh = Files.createTempFile(
                folder,
                "platform",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text, StandardCharsets.US_ASCII);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<KeyPair> pairs() {
        return List.of(root, authority, pck, leaves.tcbSigning(), leaves.attestation());
    }

    private static PlatformState read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
        try {
            Base64.Decoder decoder = Base64.getDecoder();
            List<KeyPair> pairs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                pairs.add(Keys.fromText(lines.get(1 + 2 * i) + "\n" + lines.get(2 + 2 * i)));
            }
            List<byte[]> certificates =
                    lines.subList(11, 15).stream().map(decoder::decode).toList();
            return new PlatformState(
                    decoder.decode(lines.get(0)),
                    pairs.get(0),
                    pairs.get(1),
                    pairs.get(2),
                    new Leaves(pairs.get(3), pairs.get(4)),
                    new Certificates(
                            certificates.get(0), certificates.get(1), certificates.get(2), certificates.get(3)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new S3mlException(
                    "SIM-101",
                    "cannot open the simulated platform in " + file.getParent(),
                    file.getFileName() + " is not what this version writes",
                    "remove the folder, and a new platform (with a new root) is made",
                    e);
        }
    }
}
