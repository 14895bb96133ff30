package s3ml.lab.paging;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `s3ml lab balance`: the paging policy against the baselines, in the cluster simulator.
@Command(
        name = "balance",
        description = {
            "Compare balancing by paging with round robin, least outstanding, two choices, p99 and CPU feedback, and an",
            "oracle, in a simulated cluster: without paging, and under EPC interference. Same arrivals for all."
        },
        mixinStandardHelpOptions = true)
public final class BalanceCommand implements Callable<Integer> {
    @Mixin
    private SimulationOptions options = new SimulationOptions();

    @Option(
            names = "--hosts",
            paramLabel = "N",
            defaultValue = "20",
            description = "simulated hosts, at least 4 (default: ${DEFAULT-VALUE})")
    private int hosts;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "90",
            description = "simulated seconds, at least 30 (default: ${DEFAULT-VALUE})")
    private int seconds;

    private BalanceCommand() {}

    @Override
    public Integer call() {
        return options.run(Scenarios.balancing(Math.max(4, hosts), Math.max(30, seconds)), Contender.balancing());
    }
}
