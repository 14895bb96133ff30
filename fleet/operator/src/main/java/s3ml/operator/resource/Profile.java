package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/// What is known of a model beforehand, for the paging policy.
public record Profile(
        @Min(1)
        @Max(600_000)
        @JsonPropertyDescription(
                "milliseconds of one inference alone on a core, without paging; a tenth of slo.p99 when absent")
        @Nullable
        Integer serviceMillis,

        @Min(1)
        @Max(100_000)
        @JsonPropertyDescription(
                "EPC pages a second on a host at which slo.p99 is kept just so; 0.01 x working set / serviceMillis when absent, none for TDX")
        @Nullable
        Integer pagingThreshold) {}
