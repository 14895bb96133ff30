package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.Finding;
import s3ml.attest.Policy;
import s3ml.attest.Quote;
import s3ml.attest.Rejected;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.DescribeServiceResponse;

/// Decides whether an AECS is the one that the caller's policy trusts, and reads what it signed.
///
/// Findings beyond those of the [Appraiser]: `PRO-131` the quote does not cover the claims, `PRO-132` another
/// nonce, `PRO-133` claims of a wrong form. Failures: `PRO-134` an answer too large to read, `PRO-135` a description
/// that the AECS did not sign, `PRO-136` one of another service or of a wrong form.
///
/// Safe for use by several threads if its collateral source is.
public final class AecsVerifier {
    /// A quote with its certificate chain takes about 5 KB.
    private static final int MAX_EVIDENCE_BYTES = 64 * 1024;

    private static final int MAX_CLAIMS_BYTES = 4 * 1024;

    /// Room for 256 models and a policy of a hundred rules.
    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;

    private final Appraiser appraiser;
    private final Policy policy;
    private final CollateralSource collateral;
    private final InstantSource clock;

    /// @param policy which AECS the caller trusts
    public AecsVerifier(Appraiser appraiser, Policy policy, CollateralSource collateral, InstantSource clock) {
        this.appraiser = appraiser;
        this.policy = policy;
        this.collateral = collateral;
        this.clock = clock;
    }

    /// Appraises the evidence of an AECS.
    ///
    /// @param nonce 32 bytes which the caller chose for this call
    public AecsAppraisal appraise(AttestResponse response, byte[] nonce) {
        checkSize("evidence", response.getEvidence(), MAX_EVIDENCE_BYTES);
        checkSize("claims", response.getClaims(), MAX_CLAIMS_BYTES);
        byte[] evidence = response.getEvidence().toByteArray();
        Verdict verdict =
                appraiser.appraise(evidence, collateral.collateralFor(Quote.parse(evidence)), policy, clock.instant());
        return switch (verdict) {
            case Rejected rejected -> new AecsAppraisal.Refused(rejected.findings());
            case Trusted trusted -> appraiseClaims(trusted, response.getClaims(), nonce);
        };
    }

    private static AecsAppraisal appraiseClaims(Trusted trusted, ByteString claimBytes, byte[] nonce) {
        List<Finding> findings = new ArrayList<>();
        ReportData expected = ReportData.ofDigest(Digest.of(claimBytes.toByteArray()));
        ReportData actual = trusted.claims().reportData();
        if (!expected.equals(actual)) {
            findings.add(finding("PRO-131", "reportData", expected.hex(), actual.hex()));
            return new AecsAppraisal.Refused(findings);
        }
        try {
            AecsClaims claims = AecsClaims.parseFrom(claimBytes);
            if (!Arrays.equals(claims.getNonce().toByteArray(), nonce)) {
                findings.add(finding(
                        "PRO-132", "nonce", hex(nonce), hex(claims.getNonce().toByteArray())));
            }
            checkLength(findings, "tls_key_sha256", claims.getTlsKeySha256(), Digest.BYTES);
            checkLength(findings, "admin_set_digest", claims.getAdminSetDigest(), Digest.BYTES);
            checkLength(findings, "instance_id", claims.getInstanceId(), AecsMessages.INSTANCE_ID_BYTES);
            checkLength(findings, "hpke_public_key", claims.getHpkePublicKey(), Hpke.KEY_BYTES);
            if (!findings.isEmpty()) {
                return new AecsAppraisal.Refused(findings);
            }
            PublicKey identity =
                    Signatures.publicKey(claims.getIdentityPublicKey().toByteArray());
            return new AttestedAecs(trusted, claims, identity);
        } catch (InvalidProtocolBufferException e) {
            findings.add(finding("PRO-133", "claims", "a serialized AecsClaims", String.valueOf(e.getMessage())));
        } catch (S3mlException e) {
            findings.add(finding("PRO-133", "identity_public_key", "a P-256 key", e.code()));
        }
        return new AecsAppraisal.Refused(findings);
    }

    /// Attests the AECS by the evidence in `response`, then reads the signed description.
    ///
    /// @param nonce 32 bytes which the caller chose for this call
    /// @param service as asked for
    /// @throws S3mlException `PRO-130` if the AECS is not trusted, `PRO-135` or `PRO-136` if the description is not
    public ServiceTrust describe(DescribeServiceResponse response, byte[] nonce, String service) {
        AttestedAecs aecs = appraise(response.getAecs(), nonce).orThrow();
        checkSize("description", response.getDescription(), MAX_DESCRIPTION_BYTES);
        byte[] description = response.getDescription().toByteArray();
        byte[] signature = response.getSignature().toByteArray();
        if (!AecsMessages.verifyDescription(aecs.identityKey(), nonce, description, signature)) {
            throw new S3mlException(
                    "PRO-135",
                    "refused the description of service \"" + service + "\"",
                    "the attested AECS did not sign it for this request",
                    "look for a proxy between this client and the AECS");
        }
        return ServiceTrust.read(aecs, description, service);
    }

    private static void checkLength(List<Finding> findings, String name, ByteString value, int expected) {
        if (value.size() != expected) {
            findings.add(finding("PRO-133", name, expected + " bytes", value.size() + " bytes"));
        }
    }

    private static void checkSize(String what, ByteString value, int limit) {
        if (value.size() > limit) {
            throw new S3mlException(
                    "PRO-134",
                    "refused the answer of the AECS",
                    "its " + what + " has " + value.size() + " bytes, more than " + limit,
                    "check that the address is an AECS");
        }
    }

    private static Finding finding(String code, String claim, String expected, String actual) {
        return new Finding(code, claim, expected, actual);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
