package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import s3ml.aecs.Aecs;
import s3ml.aecs.release.Appraisal;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.wire.aecs.LeaseEffect;
import s3ml.wire.aecs.PolicyEffect;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// What a policy would change: the difference of the texts, and for each enclave that holds a lease now, its own
/// evidence appraised under both.
final class PolicyCheck {
    private static final String RULES = "rules";

    private final Aecs aecs;

    PolicyCheck(Aecs aecs) {
        this.aecs = aecs;
    }

    PolicyEffect effect(ServiceRecord service, List<LeaseRecord> leases, ByteString policy) {
        PolicyEffect.Builder effect = PolicyEffect.newBuilder();
        JsonObject before = service.getPolicyJson().isEmpty()
                ? JsonObject.builder().build()
                : Json.parseObject(service.getPolicyJson().toStringUtf8());
        JsonObject after = Json.parseObject(policy.toStringUtf8());
        difference(before, after, effect);
        int unknown = 0;
        long now = aecs.now();
        for (LeaseRecord lease : leases) {
            if (lease.getExpiresAtUnixMillis() < now || lease.getEnded()) {
                continue;
            }
            if (lease.getEvidence().isEmpty()) {
                unknown++;
            } else {
                effect.addLeases(lease(service, lease, policy));
            }
        }
        if (unknown > 0) {
            effect.addWarnings(unknown + " further leases were not checked: their evidence was not kept");
        }
        if (after.optionalArray(RULES).map(rules -> rules.items().isEmpty()).orElse(true)) {
            effect.addWarnings("the policy has no rule, so it trusts nobody");
        }
        return effect.build();
    }

    private LeaseEffect lease(ServiceRecord service, LeaseRecord lease, ByteString policy) {
        byte[] evidence = lease.getEvidence().toByteArray();
        boolean now = !service.getPolicyJson().isEmpty()
                && aecs.appraisal().appraise(evidence, service.getPolicyJson()) instanceof Trusted;
        Verdict then = aecs.appraisal().appraise(evidence, policy);
        return LeaseEffect.newBuilder()
                .setLease(Listings.summary(lease))
                .setAcceptedNow(now)
                .setAcceptedThen(then instanceof Trusted)
                .addAllFindings(Appraisal.findings(then))
                .build();
    }

    private static void difference(JsonObject before, JsonObject after, PolicyEffect.Builder effect) {
        List<String> old = rules(before);
        List<String> fresh = rules(after);
        fresh.stream().filter(rule -> !old.contains(rule)).forEach(effect::addRulesAdded);
        old.stream().filter(rule -> !fresh.contains(rule)).forEach(effect::addRulesRemoved);
        TreeSet<String> names = new TreeSet<>(before.members().keySet());
        names.addAll(after.members().keySet());
        names.remove(RULES);
        for (String name : names) {
            String was = text(before.members(), name);
            String is = text(after.members(), name);
            if (!was.equals(is)) {
                effect.addChanges(name + ": " + was + " -> " + is);
            }
        }
    }

    private static List<String> rules(JsonObject policy) {
        List<String> rules = new ArrayList<>();
        policy.optionalArray(RULES)
                .map(JsonArray::items)
                .orElse(List.of())
                .forEach(rule -> rules.add(Json.write(rule)));
        return rules;
    }

    private static String text(Map<String, JsonValue> members, String name) {
        JsonValue value = members.get(name);
        return value == null ? "(absent)" : Json.write(value);
    }
}
