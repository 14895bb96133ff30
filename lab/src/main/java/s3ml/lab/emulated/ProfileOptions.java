package s3ml.lab.emulated;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.lab.options.SeedOption;
import s3ml.sim.epc.ModelWalk;

/// How a model is analysed on an emulated host.
final class ProfileOptions {
    private static final int LEAST_RUNS = 16;
    private static final int LEAST_SECONDS = 2;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "48",
            description = "of each model, at least 16 (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "8",
            description = "measured per run, at least 2 (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--epc-pages",
            paramLabel = "N",
            defaultValue = "" + OfflineAnalysis.Effort.USUAL_EPC_PAGES,
            description = "of the emulated host (default: ${DEFAULT-VALUE}, 93.5 MiB)")
    private int epcPages;

    @Option(
            names = "--runtime-pages",
            paramLabel = "N",
            description = "touched beside the model (default: " + ModelWalk.RUNTIME_PAGES + ")")
    private int runtimePages = ModelWalk.RUNTIME_PAGES;

    @Mixin
    private SeedOption seed = new SeedOption();

    OfflineAnalysis.Effort effort() {
        return new OfflineAnalysis.Effort(
                Math.max(LEAST_RUNS, runs), Math.max(LEAST_SECONDS, seconds), epcPages, runtimePages, seed.value());
    }
}
