package s3ml.attest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// One alternative of a policy: all of its requirements must hold.
record PolicyRule(TeeType tee, List<Match> matches, List<Quantity> numbers, boolean anyServiceTd) {
    PolicyRule {
        matches = List.copyOf(matches);
        numbers = List.copyOf(numbers);
    }

    /// The findings against a report; empty when the rule holds.
    List<Finding> judge(QuoteBody body, String name) {
        TeeType actual = body instanceof SgxReport ? TeeType.SGX : TeeType.TDX;
        if (actual != tee) {
            return List.of(new Finding(Check.POLICY_RULE, name + ".tee", tee.name(), actual.name()));
        }
        ByteView view = switch (body) {
            case SgxReport report -> report.view();
            case TdReport report -> report.view();
        };
        List<Finding> findings = new ArrayList<>();
        for (Match match : matches) {
            match.judge(view, name, findings);
        }
        for (Quantity number : numbers) {
            number.judge(view, name, findings);
        }
        if (body instanceof TdReport report && !anyServiceTd && serviceTdIsForeign(report)) {
            findings.add(new Finding(
                    Check.POLICY_SERVICE_TD,
                    name + ".mrServiceTd",
                    "zeros",
                    report.view().view(600, 48).hex()));
        }
        return findings;
    }

    private boolean serviceTdIsForeign(TdReport report) {
        return report.hasCurrentTcb()
                && !report.view().isZero(600, 48)
                && matches.stream().noneMatch(match -> match.field() == Field.MR_SERVICE_TD);
    }

    /// The fields of a report that a rule may name, and where they lie.
    enum Field {
        MR_ENCLAVE("mrEnclave", TeeType.SGX, 64, 32),
        MR_SIGNER("mrSigner", TeeType.SGX, 128, 32),
        CONFIG_ID("configId", TeeType.SGX, 192, 64),
        ISV_EXT_PROD_ID("isvExtProdId", TeeType.SGX, 32, 16),
        ISV_FAMILY_ID("isvFamilyId", TeeType.SGX, 304, 16),
        ATTRIBUTES("attributes", TeeType.SGX, 48, 16),
        MISC_SELECT("miscSelect", TeeType.SGX, 16, 4),
        SGX_REPORT_DATA("reportData", TeeType.SGX, 320, 64),
        MR_TD("mrTd", TeeType.TDX, 136, 48),
        MR_SEAM("mrSeam", TeeType.TDX, 16, 48),
        MR_CONFIG_ID("mrConfigId", TeeType.TDX, 184, 48),
        MR_OWNER("mrOwner", TeeType.TDX, 232, 48),
        MR_OWNER_CONFIG("mrOwnerConfig", TeeType.TDX, 280, 48),
        RTMR0("rtmr0", TeeType.TDX, 328, 48),
        RTMR1("rtmr1", TeeType.TDX, 376, 48),
        RTMR2("rtmr2", TeeType.TDX, 424, 48),
        RTMR3("rtmr3", TeeType.TDX, 472, 48),
        TD_ATTRIBUTES("tdAttributes", TeeType.TDX, 120, 8),
        XFAM("xfam", TeeType.TDX, 128, 8),
        TDX_REPORT_DATA("reportData", TeeType.TDX, 520, 64),
        MR_SERVICE_TD("mrServiceTd", TeeType.TDX, 600, 48);

        private final String member;
        private final TeeType tee;
        private final int offset;
        private final int bytes;

        Field(String member, TeeType tee, int offset, int bytes) {
            this.member = member;
            this.tee = tee;
            this.offset = offset;
            this.bytes = bytes;
        }

        String member() {
            return member;
        }

        TeeType tee() {
            return tee;
        }

        int bytes() {
            return bytes;
        }
    }

    /// A field that must have a value, in the bits of a mask.
    static final class Match {
        private final Field field;
        private final byte[] expected;
        private final byte[] mask;

        Match(Field field, byte[] expected, byte[] mask) {
            this.field = field;
            this.expected = expected;
            this.mask = mask;
        }

        static byte[] allBits(int bytes) {
            byte[] mask = new byte[bytes];
            Arrays.fill(mask, (byte) 0xff);
            return mask;
        }

        Field field() {
            return field;
        }

        void judge(ByteView report, String rule, List<Finding> findings) {
            if (report.length() < field.offset + field.bytes) {
                findings.add(new Finding(
                        Check.POLICY_RULE,
                        rule + "." + field.member,
                        HexFormat.of().formatHex(expected),
                        "a report without this field"));
                return;
            }
            for (int i = 0; i < field.bytes; i++) {
                if (((report.u8(field.offset + i) ^ expected[i]) & mask[i] & 0xff) != 0) {
                    findings.add(new Finding(
                            Check.POLICY_RULE,
                            rule + "." + field.member,
                            HexFormat.of().formatHex(expected) + maskText(),
                            report.view(field.offset, field.bytes).hex()));
                    return;
                }
            }
        }

        private String maskText() {
            return Arrays.equals(mask, allBits(mask.length))
                    ? ""
                    : " in the bits " + HexFormat.of().formatHex(mask);
        }
    }

    /// A number of 16 bits that must be equal to a value, or reach it.
    record Quantity(String member, int offset, boolean atLeast, int value) {
        void judge(ByteView report, String rule, List<Finding> findings) {
            int actual = report.u16(offset);
            if (atLeast ? actual < value : actual != value) {
                findings.add(new Finding(
                        Check.POLICY_RULE,
                        rule + "." + member,
                        String.format(Locale.ROOT, atLeast ? "at least %d" : "%d", value),
                        String.valueOf(actual)));
            }
        }
    }
}
