package s3ml.lab.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The verifier dcap-qvl, which others wrote in Rust, over the simulated platform's quotes. It lies in the folder that
/// `s3ml.components` names; without it the test is skipped.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class PeerIT {
    private static final long SEED = 20_261_125;
    private static final int MUTANTS = 400;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void it_accepts_simulated_quotes_of_SGX_and_TDX_and_differs_over_mutants_only_where_the_table_says_why()
            throws IOException {
        Path program = Path.of(System.getProperty("s3ml.components", "."), "dcap-qvl", "bin", "s3ml-peer-dcap-qvl");
        assumeTrue(Files.isExecutable(program), "left out: dcap-qvl was not built; it takes cargo and a C compiler");

        PeerComparison.Result result = new PeerComparison(SEED, MUTANTS).run(Peer.at(program), folder);

        assertThat(result.unexplained()).isEmpty();
        assertThat(result.accepted()).isTrue();
    }

    @Test
    void every_known_difference_is_in_the_table_of_the_documents() throws IOException {
        String readme = Files.readString(Path.of("../enclave/attest/README.md"));

        for (PeerDifference difference : PeerDifference.values()) {
            assertThat(readme).contains(difference.row());
        }
    }
}
