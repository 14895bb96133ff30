package s3ml.attest;

import java.util.Optional;

/// Every check of an appraisal, with the stable code that a [Finding] carries.
///
/// Some checks go beyond Intel's own verification library, which lets the case pass: those state their reason, and this
/// table is what the documents and the conformance report print.
public enum Check {
    QUOTE_LAYOUT("ATT-101", "the quote's lengths and structure are those of the DCAP format"),
    QUOTE_VERSION("ATT-102", "the quote's version is 3, 4 or 5"),
    QUOTE_KEY_TYPE("ATT-103", "the attestation key is ECDSA on P-256"),
    QUOTE_TEE_TYPE("ATT-104", "the quote's TEE type is SGX or TDX and fits its version and body"),
    QUOTE_VENDOR("ATT-105", "the quoting enclave is Intel's"),
    QUOTE_CERTIFICATION("ATT-106", "the certification data holds the PCK certificate chain, or the collateral does"),

    COLLATERAL_FORM("ATT-110", "the collateral's texts, certificates and lists can be read"),
    CHAIN_FORM("ATT-111", "a certificate chain has exactly the certificates it should, by name"),
    CHAIN_ROOT("ATT-112", "a certificate chain ends in a root that the policy trusts"),
    CHAIN_SIGNATURE("ATT-113", "each certificate is signed by the one above it"),
    CHAIN_EXPIRED("ATT-114", "no certificate has expired"),
    CHAIN_NOT_YET_VALID(
            "ATT-115",
            "no certificate is from the future",
            "Intel's library looks only at the end of a certificate's validity; a certificate from the future means a"
                    + " wrong clock, under which no expiry can be judged"),
    CHAIN_CONSTRAINTS(
            "ATT-116",
            "only certificates marked as authorities sign certificates and lists",
            "Intel's library follows an intermediate certificate that says it is no authority; RFC 5280, section"
                    + " 4.2.1.9 forbids it, and any leaf key could then make platforms"),
    CRL_FORM("ATT-117", "a revocation list can be read and is the one of the right issuer"),
    CRL_SIGNATURE("ATT-118", "a revocation list is signed by its issuer"),
    CRL_EXPIRED("ATT-119", "a revocation list's window covers the time of the appraisal"),
    CERTIFICATE_REVOKED("ATT-120", "no certificate is revoked"),
    ROOT_REVOKED(
            "ATT-121",
            "the root does not appear in its own revocation list",
            "Intel's library does not look for the root in the list that the root signed; whoever publishes such a list"
                    + " says that the root key is lost"),
    CHAIN_ORDER(
            "ATT-122",
            "in a certificate chain the leaf stands first, each certificate before its issuer, the root last",
            "Intel's library finds certificates by name, in whatever order they stand; quotes and the vendor's service"
                    + " hold them in one order, and two readings of one chain are one too many"),

    TCB_INFO_FORM("ATT-125", "the TCB information can be read and is of a known version"),
    TCB_INFO_SIGNATURE("ATT-126", "the TCB information is signed by the vendor, over its exact bytes"),
    TCB_INFO_EXPIRED("ATT-127", "the TCB information has not expired"),
    QE_IDENTITY_FORM("ATT-128", "the quoting enclave's identity can be read and is of a known version"),
    QE_IDENTITY_SIGNATURE("ATT-129", "the quoting enclave's identity is signed by the vendor, over its exact bytes"),
    QE_IDENTITY_EXPIRED("ATT-130", "the quoting enclave's identity has not expired"),
    ISSUED_IN_FUTURE(
            "ATT-131",
            "no collateral was issued after the time of the appraisal",
            "Intel's library does not look at the date of issue; collateral from the future means a wrong clock, under"
                    + " which no expiry can be judged"),
    DUPLICATE_MEMBER(
            "ATT-132",
            "no signed document names a member twice",
            "Intel's library takes the first of two members of one name, others the last: one signature, two readings"),
    NOT_COMPACT(
            "ATT-133",
            "signed documents are written without white space and escapes, as the vendor signs them",
            "Intel's library verifies the signature over the document written anew, so that a text which was never"
                    + " signed passes; here the exact bytes must be the signed ones"),

    TCB_INFO_MISMATCH("ATT-135", "the TCB information is about the platform and TEE of the quote"),
    QE_REPORT_SIGNATURE("ATT-136", "the quoting enclave's report is signed by the platform's PCK key"),
    QE_REPORT_DATA("ATT-137", "the quoting enclave's report binds the attestation key"),
    QE_REPORT_DATA_UPPER(
            "ATT-138",
            "the upper half of the quoting enclave's report data is zero",
            "Intel's library compares only the lower half; the quoting enclave writes zeros, so anything else was not"
                    + " written by it"),
    QE_IDENTITY_MISMATCH("ATT-139", "the quoting enclave is the one the vendor names"),
    QUOTE_SIGNATURE("ATT-140", "the quote is signed by the attestation key"),
    TDX_MODULE("ATT-141", "the TDX module is one the vendor names"),
    TCB_UNSUPPORTED("ATT-142", "the platform reaches at least one of the vendor's TCB levels"),
    TCB_REVOKED("ATT-143", "the vendor has not revoked the platform's TCB level"),
    CURRENT_TCB(
            "ATT-144",
            "the TDX module that runs now is not worse than what the TD was launched on allows",
            "Intel's library ignores a revoked or outdated current module as long as the module at launch looks better;"
                    + " the TD is at the mercy of the one that runs"),

    RA_TLS_BINDING(
            "ATT-145", "a certificate carries evidence, in its validity, whose report data binds its claims or key"),
    RA_TLS_KEY("ATT-146", "the claims in a certificate name the certificate's own key"),
    RA_TLS_NONCE("ATT-147", "the claims in a certificate hold the nonce that was demanded"),

    POLICY_EMPTY("ATT-150", "the policy has at least one rule and trusts at least one root"),
    POLICY_RULE("ATT-151", "the evidence satisfies at least one rule"),
    POLICY_STATUS("ATT-152", "the TCB status is one the policy accepts"),
    POLICY_ADVISORY("ATT-153", "the open advisories are ones the policy accepts"),
    POLICY_EVALUATION_NUMBER("ATT-154", "the collateral is at least as new as the policy demands"),
    POLICY_DEBUG("ATT-155", "the enclave or trust domain cannot be read by a debugger"),
    POLICY_SIMULATED("ATT-156", "the evidence is not simulated, unless the policy allows that"),
    POLICY_PLATFORM("ATT-157", "the platform's configuration is one the policy accepts"),
    POLICY_SERVICE_TD("ATT-158", "no service TD is bound to the trust domain, unless the policy names it");

    private final String code;
    private final String meaning;
    private final String stricter;

    Check(String code, String meaning) {
        this(code, meaning, "");
    }

    Check(String code, String meaning, String stricter) {
        this.code = code;
        this.meaning = meaning;
        this.stricter = stricter;
    }

    /// The check of a finding's code; an unknown code is an `IllegalArgumentException`.
    public static Check of(String code) {
        for (Check check : values()) {
            if (check.code.equals(code)) {
                return check;
            }
        }
        throw new IllegalArgumentException("no check has the code " + code);
    }

    /// The stable code, for example `ATT-134`.
    public String code() {
        return code;
    }

    /// What holds when the check passes.
    public String meaning() {
        return meaning;
    }

    /// Why we refuse what Intel's library lets pass; empty for the checks that both make.
    public Optional<String> stricterThanIntel() {
        return stricter.isEmpty() ? Optional.empty() : Optional.of(stricter);
    }
}
