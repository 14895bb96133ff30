package s3ml.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// What the vendor states about a platform, as a PCCS serves it, before anything of it is verified. Immutable.
///
/// Its JSON form is the one that dcap-qvl calls `QuoteCollateralV3`; in a folder each part is a file of its own.
public final class Collateral {
    /// Far above any real piece (a revocation list of all platforms takes some 300 KiB).
    static final int LARGEST_PIECE = 4 << 20;

    private static final Set<String> MEMBERS = Set.of(
            "pck_crl_issuer_chain",
            "root_ca_crl",
            "pck_crl",
            "tcb_info_issuer_chain",
            "tcb_info",
            "tcb_info_signature",
            "qe_identity_issuer_chain",
            "qe_identity",
            "qe_identity_signature",
            "pck_certificate_chain");

    private final Crls crls;
    private final SignedText tcbInfo;
    private final SignedText qeIdentity;
    private final @Nullable String pckChain;
    private final int hash;

    /// Puts the pieces together.
    ///
    /// @param crls the revocation lists
    /// @param tcbInfo TCB information
    /// @param qeIdentity the identity of the quoting enclave
    /// @param pckChain the PCK certificate chain, PEM, for quotes that do not hold it; or null
    public Collateral(Crls crls, SignedText tcbInfo, SignedText qeIdentity, @Nullable String pckChain) {
        this.crls = crls;
        this.tcbInfo = tcbInfo;
        this.qeIdentity = qeIdentity;
        this.pckChain = pckChain;
        // Computed once: an appraiser that keeps collateral looks it up on every call.
        this.hash = Objects.hash(crls, tcbInfo, qeIdentity, pckChain);
    }

    /// Reads the JSON form.
    ///
    /// @throws S3mlException `ATT-201` when it is not JSON of that form
    public static Collateral parse(String json) {
        JsonObject object = Json.parseObject(json).onlyMembers(MEMBERS);
        return new Collateral(
                new Crls(
                        object.string("pck_crl_issuer_chain"),
                        crl(object.string("root_ca_crl"), "root_ca_crl"),
                        crl(object.string("pck_crl"), "pck_crl")),
                SignedText.of(
                        object.string("tcb_info_issuer_chain"),
                        object.string("tcb_info"),
                        object.string("tcb_info_signature")),
                SignedText.of(
                        object.string("qe_identity_issuer_chain"),
                        object.string("qe_identity"),
                        object.string("qe_identity_signature")),
                object.optionalString("pck_certificate_chain").orElse(null));
    }

    /// Reads a folder: `pck_crl.der`, `pck_crl_issuer_chain.pem`, `root_ca_crl.der`, `tcb_info.json`,
    /// `tcb_info_issuer_chain.pem`, `qe_identity.json`, `qe_identity_issuer_chain.pem`, and `pck_certificate_chain.pem`
    /// if there is one; or only `collateral.json`. Lists may be DER, PEM or, as a PCCS serves the root's, hexadecimal.
    ///
    /// @throws S3mlException `ATT-301` when a file is missing or cannot be read
    public static Collateral fromFolder(Path folder) {
        Path single = folder.resolve("collateral.json");
        if (!Files.exists(folder.resolve("tcb_info.json")) && Files.exists(single)) {
            return parse(text(single));
        }
        Path chain = folder.resolve("pck_certificate_chain.pem");
        return new Collateral(
                new Crls(
                        text(folder.resolve("pck_crl_issuer_chain.pem")),
                        Crls.decoded(read(folder.resolve("root_ca_crl.der"))),
                        Crls.decoded(read(folder.resolve("pck_crl.der")))),
                SignedText.ofAnswer(
                        text(folder.resolve("tcb_info_issuer_chain.pem")),
                        read(folder.resolve("tcb_info.json")),
                        "tcbInfo"),
                SignedText.ofAnswer(
                        text(folder.resolve("qe_identity_issuer_chain.pem")),
                        read(folder.resolve("qe_identity.json")),
                        "enclaveIdentity"),
                Files.exists(chain) ? text(chain) : null);
    }

    /// Writes the JSON form.
    public String toJson() {
        HexFormat hex = HexFormat.of();
        JsonObject.Builder object = JsonObject.builder()
                .put("pck_crl_issuer_chain", crls.issuerChain())
                .put("root_ca_crl", hex.formatHex(crls.rootCrl()))
                .put("pck_crl", hex.formatHex(crls.pckCrl()))
                .put("tcb_info_issuer_chain", tcbInfo.issuerChain())
                .put("tcb_info", tcbInfo.text())
                .put("tcb_info_signature", tcbInfo.signature())
                .put("qe_identity_issuer_chain", qeIdentity.issuerChain())
                .put("qe_identity", qeIdentity.text())
                .put("qe_identity_signature", qeIdentity.signature());
        if (pckChain != null) {
            object.put("pck_certificate_chain", pckChain);
        }
        return Json.write(object.build());
    }

    public Crls crls() {
        return crls;
    }

    public SignedText tcbInfo() {
        return tcbInfo;
    }

    public SignedText qeIdentity() {
        return qeIdentity;
    }

    /// The PCK certificate chain, for quotes that hold only the platform's identifier.
    public Optional<String> pckChain() {
        return Optional.ofNullable(pckChain);
    }

    /// Whether every byte of every piece is the same.
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Collateral that
                        && hash == that.hash
                        && crls.equals(that.crls)
                        && tcbInfo.equals(that.tcbInfo)
                        && qeIdentity.equals(that.qeIdentity)
                        && Objects.equals(pckChain, that.pckChain));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    private static byte[] crl(String text, String member) {
        if (text.startsWith("-----BEGIN")) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw new S3mlException(
                    "ATT-203",
                    "could not read the collateral",
                    "member \"" + member + "\" holds neither hexadecimal digits nor PEM",
                    "fetch it again",
                    e);
        }
    }

    private static String text(Path file) {
        return new String(read(file), StandardCharsets.UTF_8);
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > LARGEST_PIECE) {
                throw new S3mlException(
                        "ATT-301",
                        "could not read the collateral",
                        file + " is larger than " + LARGEST_PIECE + " bytes",
                        "name the right folder");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new S3mlException(
                    "ATT-301",
                    "could not read the collateral",
                    file + " is missing",
                    "name a folder with the files as a PCCS serves them",
                    e);
        } catch (IOException e) {
            throw new S3mlException(
                    "ATT-301", "could not read the collateral", file + ": " + e, "check the file and its rights", e);
        }
    }
}
