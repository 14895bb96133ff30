package s3ml.lab.emulated;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An objective as people write it: `p99<500ms`.
///
/// @param objective bound of the 99th percentile
record Slo(Duration objective) {
    private static final Pattern TEXT = Pattern.compile("p99\\s*<\\s*(\\d{1,6})\\s*(ms|s)");

    /// @throws IllegalArgumentException when it is none
    static Slo parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no objective; write it as p99<500ms");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration objective = matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
        if (objective.compareTo(Duration.ofMillis(1)) < 0 || objective.compareTo(Duration.ofMinutes(5)) > 0) {
            throw new IllegalArgumentException("an objective lies within 1 ms and 5 min: " + text);
        }
        return new Slo(objective);
    }
}
