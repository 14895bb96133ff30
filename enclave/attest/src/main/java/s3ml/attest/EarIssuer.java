package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;

/// Writes verdicts as EAR tokens (JWT, ES256), with a trustworthiness vector after AR4SI. Thread-safe.
///
/// Simulated evidence is never affirmed: its hardware is contraindicated, and `s3ml.simulated` says why.
public final class EarIssuer {
    private static final String PROFILE = "tag:github.com,2023:veraison/ear";
    private static final String SUBMOD = "cpu0";

    private static final long TRUSTWORTHY = 2;
    private static final long SAFE_CONFIGURATION = 3;
    private static final long APPROVED_BOOT = 3;
    private static final long UNSAFE = 32;
    private static final long UNRECOGNISED_CODE = 33;
    private static final long CONTRAINDICATED = 96;
    private static final long CRYPTO_FAILED = 99;
    private static final long UNEXPECTED_EVIDENCE = 1;

    private final PrivateKey key;
    private final String issuer;
    private final String build;
    private final Duration lifetime;

    /// Makes an issuer of tokens.
    ///
    /// @param key on P-256
    /// @param issuer who speaks, as `iss`
    /// @param build the verifier's version
    /// @param lifetime how long a token holds
    public EarIssuer(PrivateKey key, String issuer, String build, Duration lifetime) {
        this.key = key;
        this.issuer = issuer;
        this.build = build;
        this.lifetime = lifetime;
    }

    /// The token that states `verdict`.
    ///
    /// @param nonce the relying party's; or null
    public String issue(Verdict verdict, Policy policy, @Nullable String nonce, Instant at) {
        JsonObject.Builder payload = JsonObject.builder()
                .put("eat_profile", PROFILE)
                .put("iat", at.getEpochSecond())
                .put("exp", at.plus(lifetime).getEpochSecond())
                .put("iss", issuer)
                .put(
                        "ear.verifier-id",
                        JsonObject.builder()
                                .put("developer", "S3ML")
                                .put("build", build)
                                .build());
        if (nonce != null) {
            payload.put("eat_nonce", nonce);
        }
        payload.put(
                "submods",
                JsonObject.builder().put(SUBMOD, submod(verdict, policy)).build());
        return signed(payload.build());
    }

    private static JsonObject submod(Verdict verdict, Policy policy) {
        Map<String, Long> vector = vector(verdict);
        EarTier status = EarTier.NONE;
        JsonObject.Builder claims = JsonObject.builder();
        for (Map.Entry<String, Long> claim : vector.entrySet()) {
            claims.put(claim.getKey(), claim.getValue());
            EarTier tier = EarTier.of(claim.getValue());
            status = tier.compareTo(status) > 0 ? tier : status;
        }
        JsonObject.Builder submod = JsonObject.builder()
                .put("ear.status", status.text())
                .put("ear.trustworthiness-vector", claims.build())
                .put("ear.appraisal-policy-id", "sha256:" + policy.digest().hex());
        return switch (verdict) {
            case Trusted trusted ->
                submod.put("ear.veraison.annotated-evidence", trusted.claims().toJson())
                        .put("s3ml.simulated", trusted.simulated())
                        .build();
            case Rejected rejected ->
                submod.put(
                                "s3ml.findings",
                                JsonArray.ofStrings(rejected.findings().stream()
                                        .map(Finding::code)
                                        .toList()))
                        .build();
        };
    }

    private static Map<String, Long> vector(Verdict verdict) {
        Map<String, Long> vector = new LinkedHashMap<>();
        switch (verdict) {
            case Trusted trusted -> trusted(trusted, vector);
            case Rejected rejected -> rejected.findings().forEach(finding -> rejected(finding, vector));
        }
        return vector;
    }

    private static void trusted(Trusted trusted, Map<String, Long> vector) {
        vector.put("instance-identity", TRUSTWORTHY);
        vector.put("executables", APPROVED_BOOT);
        TcbStatus status = trusted.claims().tcbStatus();
        long hardware = switch (status) {
            case UP_TO_DATE, SW_HARDENING_NEEDED, CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED ->
                TRUSTWORTHY;
            case OUT_OF_DATE,
                    OUT_OF_DATE_CONFIGURATION_NEEDED,
                    TD_RELAUNCH_ADVISED,
                    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED -> UNSAFE;
            case REVOKED -> CONTRAINDICATED;
        };
        long configuration = switch (status) {
            case UP_TO_DATE, OUT_OF_DATE, TD_RELAUNCH_ADVISED -> TRUSTWORTHY;
            case SW_HARDENING_NEEDED -> SAFE_CONFIGURATION;
            case CONFIGURATION_NEEDED,
                    CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    OUT_OF_DATE_CONFIGURATION_NEEDED,
                    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
                    REVOKED -> UNSAFE;
        };
        vector.put("hardware", trusted.simulated() ? CONTRAINDICATED : hardware);
        vector.put("configuration", trusted.claims().debug() ? CONTRAINDICATED : configuration);
    }

    private static void rejected(Finding finding, Map<String, Long> vector) {
        switch (Check.of(finding.code())) {
            case QUOTE_LAYOUT, QUOTE_VERSION, QUOTE_KEY_TYPE, QUOTE_TEE_TYPE, QUOTE_VENDOR, QUOTE_CERTIFICATION ->
                worst(vector, "hardware", UNEXPECTED_EVIDENCE);
            case CHAIN_SIGNATURE,
                    CRL_SIGNATURE,
                    TCB_INFO_SIGNATURE,
                    QE_IDENTITY_SIGNATURE,
                    QE_REPORT_SIGNATURE,
                    QUOTE_SIGNATURE,
                    QE_REPORT_DATA -> worst(vector, "hardware", CRYPTO_FAILED);
            case POLICY_STATUS, POLICY_ADVISORY, POLICY_EVALUATION_NUMBER -> worst(vector, "hardware", UNSAFE);
            case POLICY_RULE, POLICY_EMPTY -> worst(vector, "executables", UNRECOGNISED_CODE);
            case POLICY_PLATFORM -> worst(vector, "configuration", UNSAFE);
            case POLICY_DEBUG, POLICY_SERVICE_TD -> worst(vector, "configuration", CONTRAINDICATED);
            case RA_TLS_BINDING, RA_TLS_KEY, RA_TLS_NONCE -> worst(vector, "instance-identity", CONTRAINDICATED);
            default -> worst(vector, "hardware", CONTRAINDICATED);
        }
    }

    private static void worst(Map<String, Long> vector, String claim, long value) {
        vector.merge(claim, value, Math::max);
    }

    private String signed(JsonObject payload) {
        JsonObject header = JsonObject.builder()
                .put("alg", new JsonString("ES256"))
                .put("typ", new JsonString("JWT"))
                .build();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String signing = base64.encodeToString(Json.write(header).getBytes(StandardCharsets.UTF_8))
                + "."
                + base64.encodeToString(Json.write(payload).getBytes(StandardCharsets.UTF_8));
        try {
            Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
            signer.initSign(key);
            signer.update(signing.getBytes(StandardCharsets.US_ASCII));
            return signing + "." + base64.encodeToString(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new S3mlException(
                    "ATT-604", "could not sign the attestation result", String.valueOf(e), "use a key on P-256", e);
        }
    }
}
