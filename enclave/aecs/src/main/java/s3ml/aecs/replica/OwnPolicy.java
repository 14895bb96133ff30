package s3ml.aecs.replica;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Policy;
import s3ml.attest.Quote;
import s3ml.attest.ReportData;
import s3ml.attest.SgxReport;
import s3ml.attest.TdReport;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// The policy under which a joiner accepts a giver: what it is itself.
///
/// On hardware the only trusted root is the vendor's. A simulated platform has none, so there the root is the one of
/// the joiner's own quote.
final class OwnPolicy {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", Pattern.DOTALL);

    private OwnPolicy() {}

    /// @param signer whether any enclave of the same signer and product is accepted, instead of the measurement alone
    static Policy of(EvidenceIssuer issuer, boolean signer, SecureRandom random) {
        byte[] unique = new byte[Digest.BYTES];
        random.nextBytes(unique);
        Quote own = Quote.parse(issuer.issue(ReportData.ofDigest(Digest.ofBytes(unique))));
        JsonObject.Builder rule = JsonObject.builder();
        switch (own.body()) {
            case SgxReport sgx -> {
                if (signer) {
                    rule.put("mrSigner", sgx.mrSigner().hex()).put("isvProdId", (long) sgx.isvProdId());
                } else {
                    rule.put("mrEnclave", sgx.mrEnclave().hex());
                }
            }
            case TdReport td -> rule.put("mrTd", td.mrTd().hex());
        }
        JsonObject.Builder policy = JsonObject.builder()
                .put("version", 1)
                .put("roots", JsonArray.ofStrings(List.of(issuer.simulated() ? "sha256:" + root(own) : "intel")))
                .put("rules", new JsonArray(List.of(rule.build())))
                .put("tcbStatuses", JsonArray.ofStrings(List.of("UpToDate", "SWHardeningNeeded")));
        if (issuer.simulated()) {
            policy.put("allowSimulated", true);
        }
        return Policy.parse(Json.write(policy.build()));
    }

    private static String root(Quote quote) {
        Matcher matcher = CERTIFICATE.matcher(new String(quote.certificationData(), StandardCharsets.US_ASCII));
        String last = "";
        while (matcher.find()) {
            last = matcher.group(1);
        }
        return Digest.of(Base64.getMimeDecoder().decode(last)).hex();
    }
}
