package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.client.options.JsonOption;

/// Options which the simulated comparisons share.
final class SimulationOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "seed of arrivals and places (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "only scenarios whose name contains this; may be repeated")
    private List<String> scenarios = new ArrayList<>();

    SimulationOptions() {}

    /// Runs the chosen scenarios and prints them.
    int run(List<Scenario> all, List<Contender> contenders) {
        List<Comparison> comparisons = new ArrayList<>();
        for (Scenario scenario : all) {
            if (scenarios.isEmpty() || scenarios.stream().anyMatch(scenario.name()::contains)) {
                Comparison comparison = Comparison.run(scenario, contenders, seed);
                comparisons.add(comparison);
                if (!json.wanted()) {
                    comparison.print(spec.commandLine().getOut());
                }
            }
        }
        if (comparisons.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no scenario matches " + scenarios + "; there are "
                            + all.stream().map(Scenario::name).toList());
        }
        if (json.wanted()) {
            spec.commandLine().getOut().println(Json.write(Comparison.json(comparisons)));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}
