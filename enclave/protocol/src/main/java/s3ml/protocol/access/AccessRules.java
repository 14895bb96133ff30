package s3ml.protocol.access;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// Who may call a service, and for what.
///
/// ```json
/// {
///   "anonymous": {"infer": ["public-model"]},
///   "clientAuthorities": ["-----BEGIN CERTIFICATE-----\n…"],
///   "callers": [
///     {"name": "shop", "tokenSha256": "HEX", "infer": ["detector"]},
///     {"name": "ops", "subject": "CN=ops,O=Example", "infer": ["*"], "control": ["*"]},
///     {"name": "staff", "anyCertificate": true, "infer": ["detector"]}
///   ]
/// }
/// ```
///
/// `infer` and `control` are lists of model names, or `["*"]`; what is not listed is not allowed. A caller is known by
/// exactly one of: `tokenSha256`, the SHA-256 of a bearer token of 32 random bytes or more (its text is hashed, so a
/// guessable one would be guessed); `keySha256`, that of a client certificate's SubjectPublicKeyInfo; `subject`, a
/// client certificate's subject as RFC 2253 writes it; `anyCertificate`. Certificates must end under one of
/// `clientAuthorities`.
///
/// Without rules ([#DEFAULT]) anybody may infer and nobody may load or unload. Code: `PRO-161` rules of wrong form.
public final class AccessRules {
    /// Anybody who reaches the server and trusts it may infer; nobody may load or unload.
    public static final AccessRules DEFAULT =
            new AccessRules(new Caller("anonymous", false, Set.of(Caller.EVERY_MODEL), Set.of()), List.of(), List.of());

    /// Nobody may do anything: what rules that cannot be read mean.
    public static final AccessRules NOBODY =
            new AccessRules(new Caller("anonymous", false, Set.of(), Set.of()), List.of(), List.of());

    /// The key under which a lease's configuration carries rules.
    public static final String CONFIGURATION_KEY = "access";

    /// Each costs a lookup; a service with more of them wants a gateway of its own.
    private static final int MOST_CALLERS = 1000;

    private static final int MOST_AUTHORITIES = 16;
    private static final Set<String> KEYS = Set.of("anonymous", "clientAuthorities", "callers");
    private static final Set<String> ANONYMOUS_KEYS = Set.of("infer", "control");
    private static final Set<String> CALLER_KEYS =
            Set.of("name", "tokenSha256", "keySha256", "subject", "anyCertificate", "infer", "control");

    private final Caller anonymous;
    private final List<X509Certificate> authorities;
    private final Map<Digest, Caller> tokens = new HashMap<>();
    private final Map<Digest, Caller> keys = new HashMap<>();
    private final Map<X500Principal, Caller> subjects = new HashMap<>();
    private @Nullable Caller anyCertificate;

    private AccessRules(Caller anonymous, List<X509Certificate> authorities, List<JsonObject> callers) {
        this.anonymous = anonymous;
        this.authorities = List.copyOf(authorities);
        callers.forEach(this::add);
    }

    /// Reads rules.
    ///
    /// @throws S3mlException `PRO-161`
    public static AccessRules parse(String json) {
        try {
            return of(Json.parseObject(json));
        } catch (S3mlException malformed) {
            throw malformed.code().equals("PRO-161") ? malformed : malformed(malformed.getMessage(), malformed);
        }
    }

    /// As [#parse(String)], of a document that was read.
    public static AccessRules of(JsonObject rules) {
        try {
            rules.onlyMembers(KEYS);
            JsonObject none = JsonObject.builder().build();
            JsonObject open = rules.optionalObject("anonymous").orElse(none).onlyMembers(ANONYMOUS_KEYS);
            List<JsonObject> callers =
                    rules.optionalArray("callers").map(JsonArray::objects).orElse(List.of());
            List<String> texts = rules.optionalArray("clientAuthorities")
                    .map(JsonArray::strings)
                    .orElse(List.of());
            if (callers.size() > MOST_CALLERS || texts.size() > MOST_AUTHORITIES) {
                throw malformed("more than " + MOST_CALLERS + " callers or " + MOST_AUTHORITIES + " authorities", null);
            }
            List<X509Certificate> authorities = new ArrayList<>();
            for (String text : texts) {
                authorities.add(certificate(text));
            }
            return new AccessRules(caller("anonymous", false, open), authorities, callers);
        } catch (S3mlException | CertificateException | IllegalArgumentException e) {
            throw e instanceof S3mlException known && known.code().equals("PRO-161")
                    ? known
                    : malformed(e.getMessage(), e);
        }
    }

    private static S3mlException malformed(@Nullable String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-161",
                "refused access rules",
                String.valueOf(why),
                "write them as the documentation of access rules says",
                cause);
    }

    private static X509Certificate certificate(String pem) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Caller caller(String name, boolean proven, JsonObject rights) {
        return new Caller(name, proven, models(rights, "infer"), models(rights, "control"));
    }

    private static Set<String> models(JsonObject rights, String name) {
        return Set.copyOf(rights.optionalArray(name).map(JsonArray::strings).orElse(List.of()));
    }

    private void add(JsonObject entry) {
        entry.onlyMembers(CALLER_KEYS);
        Caller caller = caller(entry.string("name"), true, entry);
        Optional<Digest> token = entry.optionalString("tokenSha256").map(Digest::parse);
        Optional<Digest> key = entry.optionalString("keySha256").map(Digest::parse);
        Optional<X500Principal> subject = entry.optionalString("subject").map(X500Principal::new);
        boolean any = entry.optionalBool("anyCertificate").orElse(false);
        int ways = (token.isPresent() ? 1 : 0) + (key.isPresent() ? 1 : 0) + (subject.isPresent() ? 1 : 0);
        if (ways + (any ? 1 : 0) != 1) {
            throw malformed(
                    "caller \"" + caller.name() + "\" needs one of tokenSha256, keySha256, subject, anyCertificate",
                    null);
        }
        if (token.isEmpty() && authorities.isEmpty()) {
            throw malformed(
                    "caller \"" + caller.name() + "\" shows a certificate, but clientAuthorities is empty", null);
        }
        boolean twice = token.map(digest -> tokens.put(digest, caller)).isPresent()
                || key.map(digest -> keys.put(digest, caller)).isPresent()
                || subject.map(named -> subjects.put(named, caller)).isPresent()
                || (any && anyCertificate != null);
        if (twice) {
            throw malformed("caller \"" + caller.name() + "\" is known by what another one is known by", null);
        }
        anyCertificate = any ? caller : anyCertificate;
    }

    /// Certificates under which callers may prove themselves; empty when none may.
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /// Whoever proves nothing.
    public Caller anonymous() {
        return anonymous;
    }

    /// Whoever shows a bearer token; empty for an unknown one.
    public Optional<Caller> byToken(String token) {
        return Optional.ofNullable(tokens.get(Digest.of(token.getBytes(StandardCharsets.UTF_8))));
    }

    /// Whoever proved to hold a certificate's key in a handshake that checked it against [#authorities()].
    ///
    /// @param at a connection may outlive the certificate that began it
    /// @return empty for one that no rule names, or that is not valid now
    public Optional<Caller> byCertificate(X509Certificate certificate, Instant at) {
        if (at.isBefore(certificate.getNotBefore().toInstant())
                || at.isAfter(certificate.getNotAfter().toInstant())) {
            return Optional.empty();
        }
        Caller byKey = keys.get(Digest.of(certificate.getPublicKey().getEncoded()));
        Caller bySubject = byKey == null ? subjects.get(certificate.getSubjectX500Principal()) : byKey;
        return Optional.ofNullable(bySubject == null ? anyCertificate : bySubject);
    }
}
