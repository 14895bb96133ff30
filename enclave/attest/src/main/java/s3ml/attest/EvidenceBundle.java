package s3ml.attest;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// Evidence with everything that a verdict on it takes, in one JSON document that verifies without a network.
/// Immutable.
///
/// The time in it is when it was put together. A verdict at that time says what was true then; collateral that has
/// expired since does not become valid by being bundled.
public final class EvidenceBundle {
    private static final Set<String> MEMBERS = Set.of("s3mlBundle", "evidence", "collateral", "policy", "at");

    private final byte[] evidence;
    private final Collateral collateral;
    private final @Nullable Policy policy;
    private final Instant at;

    /// Puts the pieces together.
    ///
    /// @param evidence a DCAP quote, copied
    /// @param collateral what the vendor states about its platform
    /// @param policy what it is judged by; null when the reader brings one
    /// @param at when the pieces were put together
    public EvidenceBundle(byte[] evidence, Collateral collateral, @Nullable Policy policy, Instant at) {
        this.evidence = evidence.clone();
        this.collateral = collateral;
        this.policy = policy;
        this.at = at;
    }

    /// Reads a bundle.
    ///
    /// @throws S3mlException `ATT-201` to `ATT-207`, naming what is wrong with it
    public static EvidenceBundle parse(byte[] json) {
        JsonObject object = Json.parseObject(json).onlyMembers(MEMBERS);
        if (object.number("s3mlBundle") != 1) {
            throw fault("it is of version " + object.number("s3mlBundle") + "; 1 is known", null);
        }
        try {
            return new EvidenceBundle(
                    Base64.getDecoder().decode(object.string("evidence")),
                    Collateral.parse(Json.write(object.object("collateral"))),
                    object.optionalString("policy").map(Policy::parse).orElse(null),
                    Instant.parse(object.string("at")));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw fault(String.valueOf(e.getMessage()), e);
        }
    }

    private static S3mlException fault(String why, @Nullable Throwable cause) {
        return new S3mlException("ATT-207", "could not read the bundle", why, "make it with `s3ml bundle`", cause);
    }

    /// Writes the bundle.
    public String toJson() {
        JsonObject.Builder object = JsonObject.builder()
                .put("s3mlBundle", 1)
                .put("evidence", Base64.getEncoder().encodeToString(evidence))
                .put("collateral", Json.parse(collateral.toJson()));
        if (policy != null) {
            object.put("policy", policy.json());
        }
        return Json.writePretty(object.put("at", at.toString()).build());
    }

    public byte[] evidence() {
        return evidence.clone();
    }

    public Collateral collateral() {
        return collateral;
    }

    public Optional<Policy> policy() {
        return Optional.ofNullable(policy);
    }

    public Instant at() {
        return at;
    }
}
