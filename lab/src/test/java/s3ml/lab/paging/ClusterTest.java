package s3ml.lab.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.lab.cli.S3mlLab;

final class ClusterTest {
    private static Scenario scenario(String name) {
        return Scenarios.balancing(8, 40).stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_same_seed_gives_the_same_outcome() {
        Outcome one = Cluster.run(scenario("neighbour"), Contender.ours(), 7);
        Outcome two = Cluster.run(scenario("neighbour"), Contender.ours(), 7);

        assertThat(one.goodput()).isEqualTo(two.goodput());
        assertThat(one.p99Millis()).isEqualTo(two.p99Millis());
    }

    @Test
    void without_paging_the_policy_does_not_lose() {
        for (String name : new String[] {"no-paging-half-load", "no-paging-high-load", "no-paging-connections"}) {
            Comparison comparison = Comparison.run(scenario(name), Contender.balancing(), 3);

            assertThat(comparison.ratioToBestBaseline()).as(name).isGreaterThanOrEqualTo(0.98);
        }
    }

    @Test
    void near_capacity_the_policy_does_not_drown_the_calm_hosts() {
        for (String name : new String[] {"neighbour-high-load", "greedy-high-load", "neighbour-busy-connections"}) {
            Comparison comparison = Comparison.run(scenario(name), Contender.balancing(), 3);

            assertThat(comparison.ratioToBestBaseline()).as(name).isGreaterThanOrEqualTo(0.9);
        }
    }

    @Test
    void enclaves_that_do_not_fit_together_are_told_apart_by_paging_where_no_baseline_can() {
        Comparison comparison = Comparison.run(scenario("colocation-connections"), Contender.balancing(), 3);

        assertThat(comparison.ratioToBestBaseline()).isGreaterThanOrEqualTo(1.3);
    }

    @Test
    void a_working_set_just_over_the_EPC_reloads_nearly_all_of_it_on_every_sweep() {
        assertThat(reloadedPerSweep(23_000)).isZero();
        assertThat(reloadedPerSweep(24_500)).isGreaterThan(20_000);
    }

    private static double reloadedPerSweep(long pages) {
        EpcModel epc = new EpcModel(EpcCosts.sgx1());
        EpcModel.Enclave enclave = epc.create(pages);
        epc.populate(enclave, 0);
        double before = epc.loaded();
        int sweeps = 10;
        for (int step = 0; step < sweeps * EpcModel.SEGMENTS; step++) {
            epc.touch(enclave, step % EpcModel.SEGMENTS, 1_000_000_000L * (step + 1));
        }
        return (epc.loaded() - before) / sweeps;
    }

    @Test
    void the_reclaimer_bounds_the_paging_rate_of_a_host() {
        EpcModel epc = new EpcModel(EpcCosts.sgx1());
        EpcModel.Enclave one = epc.create(20_000);
        EpcModel.Enclave other = epc.create(20_000);
        long now = 0;
        int step = 0;
        while (now < 2_000_000_000L) {
            EpcModel.Enclave enclave = step % 2 == 0 ? one : other;
            now = Math.max(now + 1, epc.touch(enclave, step / 2 % EpcModel.SEGMENTS, now));
            step++;
        }

        assertThat(epc.evicted() / (now / 1e9)).isBetween(50_000.0, 63_000.0);
    }

    @Test
    void the_command_prints_one_document_of_the_promised_shape() {
        StringWriter text = new StringWriter();
        CommandLine command = S3mlLab.commandLine().setOut(new PrintWriter(text, true));

        int status = command.execute(
                "balance", "--json", "--seed", "5", "--hosts", "4", "--seconds", "30", "--scenario", "half-load");

        assertThat(status).isZero();
        JsonObject document = Json.parseObject(text.toString());
        assertThat(document.members().keySet()).containsExactly("scenarios");
        JsonObject scenario = (JsonObject) document.array("scenarios").items().get(0);
        assertThat(scenario.members().keySet())
                .containsExactly("name", "kind", "policies", "ratioToBestBaseline", "seed");
        assertThat(scenario.string("kind")).isEqualTo("no-paging");
        JsonObject policy = (JsonObject) scenario.array("policies").items().get(0);
        assertThat(policy.members().keySet())
                .containsExactly("name", "goodput", "sloAttainment", "p99Ms", "replicaHours");
    }
}
