package s3ml.attest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Policy.Grace;
import s3ml.attest.Policy.PlatformTerms;
import s3ml.attest.Policy.PolicyTerms;
import s3ml.attest.Policy.TcbTerms;
import s3ml.attest.PolicyRule.Field;
import s3ml.attest.PolicyRule.Match;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;

/// Reads policies: unknown members are refused, and all faults are reported at once.
final class PolicyReader {
    private static final Set<String> MEMBERS = Set.of(
            "version",
            "comment",
            "roots",
            "allowSimulated",
            "debug",
            "rules",
            "tcbStatuses",
            "acceptedAdvisories",
            "refusedAdvisories",
            "gracePeriodSeconds",
            "collateralGracePeriodSeconds",
            "minTcbEvaluationDataNumber",
            "allowDynamicPlatform",
            "allowCachedKeys",
            "allowSmt");
    private static final Set<String> MASKABLE =
            Set.of("attributes", "miscSelect", "reportData", "tdAttributes", "xfam");
    private static final int MOST_RULES = 1024;

    private final JsonObject object;
    private final List<String> faults = new ArrayList<>();

    private PolicyReader(JsonObject object) {
        this.object = object;
    }

    static PolicyTerms read(String json) {
        PolicyReader reader = new PolicyReader(Json.parseObject(json));
        PolicyTerms terms = reader.terms();
        if (!reader.faults.isEmpty()) {
            throw new S3mlException(
                    "ATT-202",
                    "could not read the policy",
                    String.join("; ", reader.faults),
                    "correct it after the sample in the README of s3ml-attest");
        }
        return terms;
    }

    private PolicyTerms terms() {
        unknown(object, MEMBERS, "policy");
        if (value(() -> object.number("version"), 0L) != 1) {
            faults.add("version must be 1");
        }
        return new PolicyTerms(
                roots(), flag("allowSimulated", false), flag("debug", false), rules(), tcb(), platform());
    }

    private Set<Digest> roots() {
        Set<Digest> roots = new HashSet<>();
        for (String root : value(
                () -> object.optionalArray("roots").map(JsonArray::strings).orElse(List.of()), List.<String>of())) {
            if (root.equals("intel")) {
                roots.add(IntelRoot.FINGERPRINT);
            } else if (root.startsWith("sha256:")) {
                value(() -> roots.add(Digest.parse(root.substring("sha256:".length()))), false);
            } else {
                faults.add("roots: \"" + root + "\" is neither \"intel\" nor \"sha256:\" and 64 hexadecimal digits");
            }
        }
        return roots;
    }

    private List<PolicyRule> rules() {
        List<JsonObject> objects = value(
                () -> object.optionalArray("rules").map(JsonArray::objects).orElse(List.of()), List.<JsonObject>of());
        if (objects.size() > MOST_RULES) {
            faults.add("rules: at most " + MOST_RULES + " are read, not " + objects.size());
            return List.of();
        }
        List<PolicyRule> rules = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            PolicyRule rule = rule(objects.get(i), "rules[" + i + "]");
            if (rule != null) {
                rules.add(rule);
            }
        }
        return rules;
    }

    private @Nullable PolicyRule rule(JsonObject rule, String name) {
        boolean sgx = rule.has("mrEnclave") || (rule.has("mrSigner") && rule.has("isvProdId"));
        if (sgx == rule.has("mrTd")) {
            faults.add(name + " must name either mrEnclave, or mrSigner and isvProdId, or mrTd");
            return null;
        }
        TeeType tee = sgx ? TeeType.SGX : TeeType.TDX;
        Set<String> known = new TreeSet<>(Set.of("comment"));
        List<Match> matches = new ArrayList<>();
        boolean anyServiceTd = false;
        for (Field field : Field.values()) {
            if (field.tee() != tee) {
                continue;
            }
            known.add(field.member());
            if (field == Field.MR_SERVICE_TD && isAny(rule)) {
                anyServiceTd = true;
                continue;
            }
            match(rule, field, name, known).ifPresent(matches::add);
        }
        List<PolicyRule.Quantity> numbers = sgx ? numbers(rule, name, known) : List.of();
        unknown(rule, known, name);
        return new PolicyRule(tee, matches, numbers, anyServiceTd);
    }

    private static boolean isAny(JsonObject rule) {
        return rule.value("mrServiceTd")
                .filter(value -> value.equals(new JsonString("any")))
                .isPresent();
    }

    private Optional<Match> match(JsonObject rule, Field field, String name, Set<String> known) {
        String maskMember = field.member() + "Mask";
        if (MASKABLE.contains(field.member())) {
            known.add(maskMember);
        }
        if (!rule.has(field.member())) {
            if (known.contains(maskMember) && rule.has(maskMember)) {
                faults.add(name + "." + maskMember + " needs " + field.member());
            }
            return Optional.empty();
        }
        byte[] expected = hex(rule, field.member(), field.bytes(), name);
        byte[] mask = rule.has(maskMember) && known.contains(maskMember)
                ? hex(rule, maskMember, field.bytes(), name)
                : Match.allBits(field.bytes());
        return Optional.of(new Match(field, expected, mask));
    }

    private List<PolicyRule.Quantity> numbers(JsonObject rule, String name, Set<String> known) {
        List<PolicyRule.Quantity> numbers = new ArrayList<>();
        number(rule, "isvProdId", 256, false, name, numbers);
        number(rule, "minIsvSvn", 258, true, name, numbers);
        number(rule, "minConfigSvn", 260, true, name, numbers);
        known.addAll(Set.of("isvProdId", "minIsvSvn", "minConfigSvn"));
        return numbers;
    }

    private void number(
            JsonObject rule, String member, int offset, boolean atLeast, String name, List<PolicyRule.Quantity> to) {
        Optional<Long> value = value(() -> rule.optionalNumber(member), Optional.<Long>empty());
        if (value.isEmpty()) {
            return;
        }
        if (value.get() < 0 || value.get() > 0xffff) {
            faults.add(name + "." + member + " must be 0 to 65535, not " + value.get());
            return;
        }
        to.add(new PolicyRule.Quantity(member, offset, atLeast, value.get().intValue()));
    }

    private TcbTerms tcb() {
        Set<TcbStatus> statuses = EnumSet.noneOf(TcbStatus.class);
        if (object.has("tcbStatuses")) {
            for (String text : value(() -> object.array("tcbStatuses").strings(), List.<String>of())) {
                Optional<TcbStatus> status = TcbStatus.parse(text);
                if (status.isEmpty() || status.get() == TcbStatus.REVOKED) {
                    faults.add("tcbStatuses: \"" + text + "\" is not a status that can be accepted");
                } else {
                    statuses.add(status.get());
                }
            }
        } else {
            statuses.add(TcbStatus.UP_TO_DATE);
        }
        Grace grace = new Grace(
                Duration.ofSeconds(natural("gracePeriodSeconds")),
                Duration.ofSeconds(natural("collateralGracePeriodSeconds")));
        return new TcbTerms(
                statuses,
                object.has("acceptedAdvisories") ? Optional.of(texts("acceptedAdvisories")) : Optional.empty(),
                texts("refusedAdvisories"),
                grace,
                natural("minTcbEvaluationDataNumber"));
    }

    private PlatformTerms platform() {
        return new PlatformTerms(
                flag("allowDynamicPlatform", true), flag("allowCachedKeys", true), flag("allowSmt", true));
    }

    private Set<String> texts(String member) {
        return value(
                () -> object.optionalArray(member)
                        .map(JsonArray::strings)
                        .<Set<String>>map(Set::copyOf)
                        .orElse(Set.of()),
                Set.<String>of());
    }

    private boolean flag(String member, boolean absent) {
        return value(() -> object.optionalBool(member).orElse(absent), absent);
    }

    private long natural(String member) {
        long number = value(() -> object.optionalNumber(member).orElse(0L), 0L);
        if (number < 0 || number > Integer.MAX_VALUE) {
            faults.add(member + " must be 0 to " + Integer.MAX_VALUE + ", not " + number);
            return 0;
        }
        return number;
    }

    private byte[] hex(JsonObject from, String member, int bytes, String name) {
        String text = value(() -> from.string(member), "");
        try {
            byte[] parsed = HexFormat.of().parseHex(text);
            if (parsed.length == bytes) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            // Reported below, with every other fault.
        }
        faults.add(name + "." + member + " must be " + 2 * bytes + " hexadecimal digits");
        return new byte[bytes];
    }

    private void unknown(JsonObject from, Set<String> known, String name) {
        for (String member : from.members().keySet()) {
            if (!known.contains(member)) {
                faults.add(name + ": unknown member \"" + member + "\"");
            }
        }
    }

    private <T> T value(Supplier<T> read, T otherwise) {
        try {
            return read.get();
        } catch (S3mlException | IllegalArgumentException e) {
            faults.add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }
}
