package s3ml.lab.options;

import picocli.CommandLine.Option;

/// `--seed`: the same seed makes the same experiment.
public final class SeedOption {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "seed of all that is random (default: ${DEFAULT-VALUE})")
    private long value;

    public long value() {
        return value;
    }
}
