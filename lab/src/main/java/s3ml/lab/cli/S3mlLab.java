package s3ml.lab.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import s3ml.attest.S3mlException;
import s3ml.client.cli.S3mlVersion;
import s3ml.lab.aecs.LogCommand;
import s3ml.lab.aecs.ReleaseCommand;
import s3ml.lab.attest.AttestCommand;
import s3ml.lab.attest.ConformanceCommand;
import s3ml.lab.attest.PeerCommand;
import s3ml.lab.console.ConsoleCommand;
import s3ml.lab.emulated.BatchingCommand;
import s3ml.lab.emulated.InterferenceCommand;
import s3ml.lab.emulated.ProfileCommand;
import s3ml.lab.emulated.ProfilesCommand;
import s3ml.lab.faults.AecsFaultsCommand;
import s3ml.lab.faults.HistoriesCommand;
import s3ml.lab.firstlight.ClassListCommand;
import s3ml.lab.firstlight.FirstLightCommand;
import s3ml.lab.follow.FollowCommand;
import s3ml.lab.oip.OipCommand;
import s3ml.lab.paging.BalanceCommand;
import s3ml.lab.paging.PagingCommand;
import s3ml.lab.paging.PredictorCommand;
import s3ml.lab.paging.ScaleCommand;
import s3ml.lab.paging.TickCommand;
import s3ml.lab.reference.ReferenceCommand;
import s3ml.lab.report.ReportCommand;
import s3ml.lab.reproduce.ReproduceCommand;
import s3ml.lab.serve.FlagsCommand;
import s3ml.lab.serve.PeersCommand;
import s3ml.lab.serve.ServeCommand;

/// The root of the lab's commands. The launcher calls it as `s3ml lab COMMAND`, with or without the word `lab`.
@Command(
        name = "lab",
        description = "Experiments: each prints the figures that the documents quote, with --json for machines.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PeerCommand.class,
            AttestCommand.class,
            ConformanceCommand.class,
            FirstLightCommand.class,
            ClassListCommand.class,
            BalanceCommand.class,
            ScaleCommand.class,
            TickCommand.class,
            PredictorCommand.class,
            PagingCommand.class,
            InterferenceCommand.class,
            BatchingCommand.class,
            FollowCommand.class,
            ReportCommand.class,
            ProfileCommand.class,
            ProfilesCommand.class,
            ReleaseCommand.class,
            LogCommand.class,
            ReproduceCommand.class,
            ReferenceCommand.class,
            ConsoleCommand.class,
            ServeCommand.class,
            OipCommand.class,
            PeersCommand.class,
            FlagsCommand.class,
            AecsFaultsCommand.class,
            HistoriesCommand.class
        })
public final class S3mlLab {
    private static final int FAILED = 1;

    private S3mlLab() {}

    /// Exit status: 0 done, 1 failed, 2 refused or wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(withoutOwnName(arguments)));
    }

    /// The whole command line of the lab.
    public static CommandLine commandLine() {
        return S3mlVersion.answeredBy(new CommandLine(new S3mlLab()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(S3mlLab::report);
    }

    private static String[] withoutOwnName(String[] arguments) {
        boolean named = arguments.length > 0 && arguments[0].equals("lab");
        return named ? java.util.Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof S3mlException expected) {
            command.getErr().println("s3ml: " + expected.getMessage());
            return FAILED;
        }
        throw failure;
    }
}
