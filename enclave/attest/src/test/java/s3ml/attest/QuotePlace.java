package s3ml.attest;

import static s3ml.attest.Check.CHAIN_CONSTRAINTS;
import static s3ml.attest.Check.CHAIN_EXPIRED;
import static s3ml.attest.Check.CHAIN_FORM;
import static s3ml.attest.Check.CHAIN_NOT_YET_VALID;
import static s3ml.attest.Check.CHAIN_ORDER;
import static s3ml.attest.Check.CHAIN_ROOT;
import static s3ml.attest.Check.CHAIN_SIGNATURE;
import static s3ml.attest.Check.QE_REPORT_DATA;
import static s3ml.attest.Check.QE_REPORT_SIGNATURE;
import static s3ml.attest.Check.QUOTE_CERTIFICATION;
import static s3ml.attest.Check.QUOTE_KEY_TYPE;
import static s3ml.attest.Check.QUOTE_LAYOUT;
import static s3ml.attest.Check.QUOTE_SIGNATURE;
import static s3ml.attest.Check.QUOTE_TEE_TYPE;
import static s3ml.attest.Check.QUOTE_VENDOR;
import static s3ml.attest.Check.QUOTE_VERSION;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A part of a quote, in the order in which they lie, with the checks one of which refuses a change in it.
enum QuotePlace {
    HEADER(QUOTE_SIGNATURE, QUOTE_VERSION, QUOTE_KEY_TYPE, QUOTE_TEE_TYPE, QUOTE_VENDOR, QUOTE_LAYOUT),
    BODY_DESCRIPTOR(QUOTE_LAYOUT, QUOTE_TEE_TYPE),
    BODY(QUOTE_SIGNATURE),
    SIGNATURE_LENGTH(QUOTE_LAYOUT),
    SIGNATURE(QUOTE_SIGNATURE),
    ATTESTATION_KEY(QE_REPORT_DATA),
    ENVELOPE(QUOTE_LAYOUT),
    QE_REPORT(QE_REPORT_SIGNATURE),
    QE_REPORT_SIGNATURE_BYTES(QE_REPORT_SIGNATURE),
    AUTH_LENGTH(QUOTE_LAYOUT, QE_REPORT_DATA, CHAIN_FORM, QUOTE_CERTIFICATION),
    AUTH_DATA(QE_REPORT_DATA),
    CERTIFICATION_HEAD(QUOTE_LAYOUT, CHAIN_FORM, QUOTE_CERTIFICATION),
    CHAIN(
            CHAIN_FORM,
            CHAIN_SIGNATURE,
            CHAIN_ROOT,
            CHAIN_EXPIRED,
            CHAIN_NOT_YET_VALID,
            CHAIN_CONSTRAINTS,
            CHAIN_ORDER,
            QUOTE_CERTIFICATION);

    /// Where a part lies.
    record Range(int from, int to) {}

    @SuppressWarnings("ImmutableEnumChecker") // List.copyOf
    private final List<Check> checks;

    QuotePlace(Check first, Check... more) {
        this.checks = List.copyOf(EnumSet.of(first, more));
    }

    /// What refuses a change that leaves every other part where it is.
    Set<Check> checks() {
        return EnumSet.copyOf(checks);
    }

    /// Where the parts of a quote lie; parts that it lacks or that are empty are left out.
    static Map<QuotePlace, Range> of(byte[] bytes) throws Refusal {
        Quote quote = QuoteParser.parse(bytes);
        Quote.QuoteSignature signature = quote.signature();
        Quote.QeCertification certification = signature.certification();
        int body = quote.version() == 5 ? 54 : 48;
        int bodyEnd = quote.signed().length();
        int key = signature.attestationKey().from();
        int report = certification.report().view().from();
        int auth = certification.authData().from();
        int authEnd = auth + certification.authData().length();
        Map<QuotePlace, Range> ranges = new EnumMap<>(QuotePlace.class);
        ranges.put(HEADER, new Range(0, 48));
        ranges.put(BODY_DESCRIPTOR, new Range(48, body));
        ranges.put(BODY, new Range(body, bodyEnd));
        ranges.put(SIGNATURE_LENGTH, new Range(bodyEnd, bodyEnd + 4));
        ranges.put(SIGNATURE, new Range(bodyEnd + 4, key));
        ranges.put(ATTESTATION_KEY, new Range(key, key + 64));
        ranges.put(ENVELOPE, new Range(key + 64, report));
        ranges.put(QE_REPORT, new Range(report, report + SgxReport.BYTES));
        ranges.put(QE_REPORT_SIGNATURE_BYTES, new Range(report + SgxReport.BYTES, auth - 2));
        ranges.put(AUTH_LENGTH, new Range(auth - 2, auth));
        ranges.put(AUTH_DATA, new Range(auth, authEnd));
        ranges.put(CERTIFICATION_HEAD, new Range(authEnd, authEnd + 6));
        ranges.put(
                CHAIN, new Range(authEnd + 6, authEnd + 6 + signature.certData().length()));
        ranges.values().removeIf(range -> range.from == range.to);
        return ranges;
    }
}
