package s3ml.lab.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The fault table as tests. What takes minutes waits for `-Ds3ml.faults=whole`; `s3ml lab aecs-faults` runs it too.
final class FaultTableIT {
    private static final FaultTable.Scope SCOPE =
            System.getProperty("s3ml.faults", "").equals("whole") ? FaultTable.Scope.WHOLE : FaultTable.Scope.SHORT;

    private static List<FaultCase> failed(Optional<Path> etcd) {
        return new FaultTable(etcd, SCOPE, 50, 7)
                .run(fault -> {}).stream().filter(fault -> !fault.ok()).toList();
    }

    @Test
    void an_embedded_store_that_is_killed_or_forged_loses_nothing_and_hides_nothing() {
        assertThat(failed(Optional.empty())).isEmpty();
    }

    @Test
    @EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
    void stores_and_attested_processes_that_are_killed_cut_off_filled_or_forged_lose_nothing_and_hide_nothing() {
        Path etcd = Path.of(System.getProperty("s3ml.components"), "etcd", "bin", "etcd");
        assertThat(Files.isExecutable(etcd)).isTrue();

        assertThat(failed(Optional.of(etcd))).isEmpty();
    }
}
