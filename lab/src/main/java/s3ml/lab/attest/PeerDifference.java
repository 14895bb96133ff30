package s3ml.lab.attest;

import java.util.Optional;
import s3ml.attest.json.JsonObject;

/// Why we and the peer may differ over one mutant. A difference that none of these explains is a fault of one of the
/// two.
enum PeerDifference {
    ENVELOPES(
            "SGX in versions 4 and 5",
            "accepted",
            "refused",
            "it knows SGX in version 3 only; Intel's library accepts them"),
    ROOT_IN_CHAIN(
            "the root in a chain is altered",
            "refused",
            "accepted",
            "it passes over the root in a chain and takes the one it was given; Intel's library refuses it"),
    LAYOUT(
            "type or length of the outer certification data of version 4 or 5 is wrong",
            "refused",
            "accepted",
            "it reads past them; Intel's library refuses them"),
    WHITE_SPACE(
            "a line feed within PEM became a vertical tab",
            "refused",
            "accepted",
            "RFC 7468 knows no such white space, and OpenSSL under Intel's library refuses it"),
    BASE64_BITS(
            "unused bits of the last base64 digit are set",
            "accepted",
            "refused",
            "the certificate is the same byte by byte"),
    CHAIN_OF_LIST_ISSUER(
            "the chain beside the PCK list is altered",
            "accepted",
            "refused",
            "the list's issuer is in the quote's own chain, by which we verify it, as Intel's library does");

    private static final byte VERTICAL_TAB = 0x0b;

    private final String what;
    private final String we;
    private final String they;
    private final String reason;

    PeerDifference(String what, String we, String they, String reason) {
        this.what = what;
        this.we = we;
        this.they = they;
        this.reason = reason;
    }

    String reason() {
        return what + ": " + reason;
    }

    /// The row of the table in the documents.
    String row() {
        return "| " + what + " | " + we + " | " + they + " | " + reason + " |";
    }

    /// What explains that one accepts what the other refuses; empty when nothing does, or when both say the same.
    static Optional<PeerDifference> of(PeerCase each, JsonObject theirs) {
        String error = theirs.optionalString("error").orElse("");
        boolean weAccept = !each.ours().status().equals(PeerCase.REJECTED);
        if (theirs.bool("ok") == weAccept) {
            return Optional.empty();
        }
        if (!weAccept) {
            return whyWeRefuse(each);
        }
        if (error.contains("must have version 3")) {
            return Optional.of(ENVELOPES);
        }
        if (error.contains("Invalid last symbol")) {
            return Optional.of(BASE64_BITS);
        }
        return each.change().place().equals("pck_crl_issuer_chain")
                ? Optional.of(CHAIN_OF_LIST_ISSUER)
                : Optional.empty();
    }

    private static Optional<PeerDifference> whyWeRefuse(PeerCase each) {
        PeerCase.Change change = each.change();
        if (change.inRoot()) {
            return Optional.of(ROOT_IN_CHAIN);
        }
        if (change.place().equals("quote") && change.quote()[change.at()] == VERTICAL_TAB) {
            return Optional.of(WHITE_SPACE);
        }
        boolean layout =
                each.ours().findings().stream().allMatch(finding -> finding.startsWith("ATT-101 quote.certification"));
        return layout && !each.kind().equals("sgx-v3") ? Optional.of(LAYOUT) : Optional.empty();
    }
}
