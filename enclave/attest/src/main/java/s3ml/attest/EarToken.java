package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;

/// An EAT attestation result (EAR, draft-fv-rats-ear) in a JWT whose ES256 signature was verified. Immutable.
///
/// Only keys that the caller configured count: `jku`, `x5u`, `jwk` and `x5c` are never followed, and no other algorithm
/// than ES256 is known.
public final class EarToken {
    /// Tokens of a few submodules take some 4 KiB.
    static final int LARGEST = 64 << 10;

    /// Clocks of two machines differ by less than this.
    static final Duration SKEW = Duration.ofSeconds(60);

    private static final int MOST_SUBMODS = 16;

    private final JsonObject payload;
    private final Map<String, Appraisal> appraisals;

    private EarToken(JsonObject payload, Map<String, Appraisal> appraisals) {
        this.payload = payload;
        this.appraisals = Map.copyOf(appraisals);
    }

    /// What a verifier said of one part of the attester.
    ///
    /// @param status the worst tier of the vector's claims
    /// @param vector trustworthiness claims by name, for example `hardware`
    /// @param policyId the policy that was applied
    public record Appraisal(EarTier status, Map<String, Long> vector, Optional<String> policyId) {
        public Appraisal {
            vector = Map.copyOf(vector);
        }
    }

    /// Verifies a token.
    ///
    /// @param keys P-256 keys of the verifiers that are trusted
    /// @param at the time, which the token must cover
    /// @throws S3mlException `ATT-601` when it is no EAR, `ATT-602` when no key verifies it, `ATT-603` when it has
    /// expired or is from the future
    public static EarToken verify(String jwt, List<PublicKey> keys, Instant at) {
        try {
            return read(jwt, keys, at);
        } catch (Malformed e) {
            throw fault("ATT-601", e.why(), null);
        } catch (IllegalArgumentException e) {
            throw fault("ATT-601", "a part is not base64url", e);
        }
    }

    private static EarToken read(String jwt, List<PublicKey> keys, Instant at) throws Malformed {
        if (jwt.length() > LARGEST) {
            throw new Malformed("it has " + jwt.length() + " characters; at most " + LARGEST + " are read");
        }
        String[] parts = jwt.split("\\.", -1);
        if (parts.length != 3 || jwt.indexOf('=') >= 0) {
            throw new Malformed("it is not a compact JWT of three parts");
        }
        JsonObject header = Json.parseObject(decoded(parts[0]));
        if (!header.string("alg").equals("ES256") || header.has("crit")) {
            throw new Malformed("the algorithm is not ES256, or a critical extension is unknown");
        }
        ByteView signed = ByteView.of((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        ByteView signature = ByteView.of(decoded(parts[2]));
        Ecdsa ecdsa = new Ecdsa(null);
        if (keys.stream().noneMatch(key -> ecdsa.verifiesRaw(key, signed, signature))) {
            throw fault("ATT-602", "none of the " + keys.size() + " configured keys verifies its signature", null);
        }
        JsonObject payload = Json.parseObject(decoded(parts[1]));
        requireTime(payload, at);
        return new EarToken(payload, appraisals(payload.object("submods")));
    }

    /// One token has one form: base64url whose unused bits are set is another text for the same bytes, and refused.
    private static byte[] decoded(String part) throws Malformed {
        byte[] bytes = Base64.getUrlDecoder().decode(part);
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
            throw new Malformed("a part is not canonical base64url");
        }
        return bytes;
    }

    private static void requireTime(JsonObject payload, Instant at) {
        long now = at.getEpochSecond();
        long skew = SKEW.toSeconds();
        long issued = payload.number("iat");
        Optional<Long> expires = payload.optionalNumber("exp");
        Optional<Long> notBefore = payload.optionalNumber("nbf");
        if (issued > now + skew || notBefore.orElse(issued) > now + skew) {
            throw fault("ATT-603", "it is from the future: " + issued + ", now " + now, null);
        }
        if (expires.isEmpty() || expires.get() <= now - skew) {
            throw fault("ATT-603", "it has expired, or never says when: " + expires + ", now " + now, null);
        }
    }

    private static Map<String, Appraisal> appraisals(JsonObject submods) throws Malformed {
        if (submods.members().isEmpty() || submods.members().size() > MOST_SUBMODS) {
            throw new Malformed(submods.members().size() + " submodules; 1 to " + MOST_SUBMODS + " are read");
        }
        Map<String, Appraisal> appraisals = new TreeMap<>();
        for (String name : submods.members().keySet()) {
            appraisals.put(name, appraisal(submods.object(name)));
        }
        return appraisals;
    }

    private static Appraisal appraisal(JsonObject submod) throws Malformed {
        JsonValue status = submod.value("ear.status").orElse(new JsonString(""));
        Map<String, Long> vector = new TreeMap<>();
        EarTier worst = EarTier.NONE;
        Optional<JsonObject> claims = submod.optionalObject("ear.trustworthiness-vector");
        if (claims.isPresent()) {
            for (Map.Entry<String, JsonValue> claim : claims.get().members().entrySet()) {
                if (!(claim.getValue() instanceof JsonNumber number)) {
                    throw new Malformed(
                            "the trustworthiness claim " + VerifiedChain.shorten(claim.getKey()) + " is no number");
                }
                vector.put(claim.getKey(), number.toLong());
                EarTier tier = EarTier.of(number.toLong());
                worst = tier.compareTo(worst) > 0 ? tier : worst;
            }
        }
        EarTier stated = EarTier.read(status);
        if (worst.compareTo(stated) > 0) {
            throw new Malformed("ear.status is " + stated.text() + ", better than its vector: " + worst.text());
        }
        return new Appraisal(stated, vector, submod.optionalString("ear.appraisal-policy-id"));
    }

    private static S3mlException fault(String code, String why, @Nullable Throwable cause) {
        return new S3mlException(
                code, "could not accept the attestation result", why, "ask the verifier for a new one", cause);
    }

    /// Who issued the token, as it says itself; the key that verified it is what counts.
    public Optional<String> issuer() {
        return payload.optionalString("iss");
    }

    /// The nonce that the token answers.
    public Optional<String> nonce() {
        return payload.optionalString("eat_nonce");
    }

    /// By submodule, for example `cpu0`; at least one.
    public Map<String, Appraisal> appraisals() {
        return appraisals;
    }

    /// Whether every submodule is affirmed.
    public boolean affirms() {
        return appraisals.values().stream().allMatch(each -> each.status() == EarTier.AFFIRMING);
    }

    /// The whole payload, for claims that are not named here.
    public JsonObject payload() {
        return payload;
    }
}
