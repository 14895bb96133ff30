package s3ml.sim.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import s3ml.attest.S3mlException;
import s3ml.client.cli.S3mlVersion;

/// The root of the simulation's commands.
@Command(
        name = "s3ml",
        description = "Simulation: a machine without a TEE plays one.",
        mixinStandardHelpOptions = true,
        subcommands = {QuickstartCommand.class, MeasureCommand.class, ReferenceValuesCommand.class, SimCommand.class})
public final class S3mlSim {
    private static final int FAILED = 1;

    private S3mlSim() {}

    /// Exit status: 0 done, 1 failed, 2 refused or wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The whole command line of the simulation.
    public static CommandLine commandLine() {
        return S3mlVersion.answeredBy(new CommandLine(new S3mlSim()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(S3mlSim::report);
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof S3mlException expected) {
            command.getErr().println("s3ml: " + expected.getMessage());
            return FAILED;
        }
        throw failure;
    }
}
