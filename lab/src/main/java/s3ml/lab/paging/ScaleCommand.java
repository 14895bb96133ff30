package s3ml.lab.paging;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.policy.ScaleConfig;

/// `s3ml lab scale`: scaling by paging against the autoscaler's rules, in the cluster simulator.
@Command(
        name = "scale",
        description = {
            "Compare scaling by paging with scaling by CPU and by latency (the rule of Kubernetes' autoscaler) in a",
            "simulated cluster under rising load, a flash crowd and a day's curve, with other tenants on a third of it."
        },
        mixinStandardHelpOptions = true)
public final class ScaleCommand implements Callable<Integer> {
    /// A host of the scenarios has four processors.
    private static final int MOST_PER_HOST = 4;

    @Mixin
    private SimulationOptions options = new SimulationOptions();

    @Option(
            names = "--hosts",
            paramLabel = "N",
            defaultValue = "24",
            description = "simulated hosts, at least 8 (default: ${DEFAULT-VALUE})")
    private int hosts;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "240",
            description = "simulated seconds, at least 60 (default: ${DEFAULT-VALUE})")
    private int seconds;

    private ScaleCommand() {}

    @Override
    public Integer call() {
        int count = Math.max(8, hosts);
        ScaleConfig config = new ScaleConfig(
                1, MOST_PER_HOST * count, MOST_PER_HOST, 0.65, Duration.ofSeconds(5), Duration.ofSeconds(60));
        return options.run(Scenarios.scaling(count, Math.max(60, seconds)), Contender.scaling(config));
    }
}
