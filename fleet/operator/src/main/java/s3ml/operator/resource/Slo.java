package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import java.time.Duration;

/// The latency that is promised.
public record Slo(
        @Required
        @Pattern("^[1-9][0-9]*(ms|s)$")
        @JsonPropertyDescription("latency that 99 % of the calls keep, with its unit: 500ms")
        String p99) {

    /// The promised latency.
    public Duration latencyP99() {
        return p99.endsWith("ms")
                ? Duration.ofMillis(Long.parseLong(p99.substring(0, p99.length() - 2)))
                : Duration.ofSeconds(Long.parseLong(p99.substring(0, p99.length() - 1)));
    }
}
