package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.List;

/// What each fuzz target does with hostile bytes: it may refuse them, and must do nothing else.
///
/// `enclave/attest/fuzz` runs these under Jazzer; [ParserFuzz] runs the corpus and seeded mutants of it on every build.
final class FuzzTargets {
    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final KeyPair KEYS = TestPki.keys();
    private static final byte[] SPKI = KEYS.getPublic().getEncoded();

    private FuzzTargets() {}

    static void quote(byte[] data) {
        try {
            Quote quote = Quote.parse(data);
            quote.reportData();
            quote.certificationData();
        } catch (S3mlException e) {
            requireCode(e, "ATT-1");
        }
    }

    static void certificate(byte[] data) {
        try {
            PckExtension.of(PkiCertificate.parse(data));
        } catch (Malformed e) {
            requireReason(e);
        }
    }

    static void revocationList(byte[] data) {
        try {
            RevocationList.parse(data);
        } catch (Malformed e) {
            requireReason(e);
        }
    }

    static void tcbInfo(byte[] data) {
        try {
            TcbInfo.read(s3ml.attest.json.Json.parseSigned(data));
        } catch (Malformed e) {
            requireReason(e);
        } catch (S3mlException e) {
            requireCode(e, "ATT-20");
        }
    }

    static void extension(byte[] data) {
        try {
            RaTlsEvidence.tagged(ByteView.of(data), SPKI).bindingFaults();
        } catch (Malformed e) {
            requireReason(e);
        }
    }

    static void cbor(byte[] data) {
        try {
            Cbor cbor = Cbor.of(data);
            cbor.skip();
            cbor.requireEnd();
        } catch (Malformed e) {
            requireReason(e);
        }
    }

    static void ear(byte[] data) {
        try {
            EarToken.verify(new String(data, StandardCharsets.ISO_8859_1), List.of(KEYS.getPublic()), TestPlatform.AT);
        } catch (S3mlException e) {
            requireCode(e, "ATT-");
        }
    }

    static void bundle(byte[] data) {
        try {
            EvidenceBundle bundle = EvidenceBundle.parse(data);
            new Appraiser(null).examine(bundle.evidence(), bundle.collateral(), PLATFORM.roots(), bundle.at());
        } catch (S3mlException e) {
            requireCode(e, "ATT-2");
        }
    }

    static void policy(byte[] data) {
        try {
            Policy.parse(new String(data, StandardCharsets.UTF_8));
        } catch (S3mlException e) {
            requireCode(e, "ATT-20");
        }
    }

    private static void requireCode(S3mlException e, String prefix) {
        if (!e.code().startsWith(prefix)) {
            throw new AssertionError("refused with " + e.code(), e);
        }
    }

    private static void requireReason(Malformed e) {
        if (e.why().isBlank()) {
            throw new AssertionError("refused without a reason", e);
        }
    }
}
