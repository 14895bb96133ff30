package s3ml.lab.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

final class FaultTableIT {
    private static List<FaultCase> failed(Optional<Path> etcd) {
        return new FaultTable(etcd, 50, 7)
                .run(fault -> {}).stream().filter(fault -> !fault.ok()).toList();
    }

    @Test
    void an_embedded_store_that_is_killed_or_forged_loses_nothing_and_hides_nothing() {
        assertThat(failed(Optional.empty())).isEmpty();
    }

    @Test
    @EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
    void an_etcd_cluster_that_is_killed_stopped_filled_or_forged_loses_nothing_and_hides_nothing() {
        Path etcd = Path.of(System.getProperty("s3ml.components"), "etcd", "bin", "etcd");
        assertThat(Files.isExecutable(etcd)).isTrue();

        assertThat(failed(Optional.of(etcd))).isEmpty();
    }
}
