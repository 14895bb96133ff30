package s3ml.protocol.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceParentTest {
    private static final String GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void what_was_read_is_written_again() {
        String unrecorded = GOOD.replace("-01", "-00");

        assertThat(TraceParent.read(GOOD).orElseThrow().header()).isEqualTo(GOOD);
        assertThat(TraceParent.read(GOOD).orElseThrow().sampled()).isTrue();
        assertThat(TraceParent.read(unrecorded).orElseThrow().header()).isEqualTo(unrecorded);
        assertThat(TraceParent.read(unrecorded).orElseThrow().sampled()).isFalse();
    }

    @Test
    void a_later_version_is_read_as_far_as_it_is_known() {
        assertThat(TraceParent.read("cc" + GOOD.substring(2) + "-what-comes-then"))
                .isEqualTo(TraceParent.read(GOOD));
    }

    @Test
    void a_child_has_the_trace_and_another_span() {
        SplittableRandom random = new SplittableRandom(1);
        TraceParent parent = TraceParent.fresh(random);
        TraceParent child = parent.child(random);

        assertThat(child.traceId()).isEqualTo(parent.traceId());
        assertThat(child.spanId()).isNotEqualTo(parent.spanId());
        assertThat(TraceParent.read(parent.header())).contains(parent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01"
            })
    void other_forms_count_as_none(String header) {
        assertThat(TraceParent.read(header)).isEmpty();
    }

    @Test
    void what_is_longer_than_a_later_version_may_be_counts_as_none() {
        assertThat(TraceParent.read(GOOD + "-" + "x".repeat(200))).isPresent();
        assertThat(TraceParent.read(GOOD + "-" + "x".repeat(256))).isEmpty();
        assertThat(TraceParent.read(null)).isEmpty();
    }
}
