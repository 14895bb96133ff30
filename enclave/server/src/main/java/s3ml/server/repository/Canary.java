package s3ml.server.repository;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import s3ml.attest.Digest;

/// Which version answers where requests are spread over several by weight.
final class Canary {
    private Canary() {}

    /// One of the versions that are ready, by their weights; empty where none has a weight.
    ///
    /// @param canary weights, ≥ 0, by version
    /// @param tickets gives a number from 0 to below its argument, > 0
    static Optional<String> draw(Map<String, Integer> canary, Predicate<String> ready, IntUnaryOperator tickets) {
        if (canary.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Integer> weights = new TreeMap<>(canary);
        weights.keySet().removeIf(ready.negate());
        int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
        int ticket = sum > 0 ? tickets.applyAsInt(sum) : 0;
        for (Map.Entry<String, Integer> weight : weights.entrySet()) {
            ticket -= weight.getValue();
            if (ticket < 0) {
                return Optional.of(weight.getKey());
            }
        }
        return Optional.empty();
    }

    /// The same on each replica for a caller, and spread evenly over callers.
    static int ticket(String model, String affinity, int sum) {
        byte[] digest = Digest.of((model + "\0" + affinity).getBytes(StandardCharsets.UTF_8))
                .bytes();
        return Math.floorMod(ByteBuffer.wrap(digest).getInt(), sum);
    }
}
