package s3ml.sim.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.sim.epc.EpcCommand;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.PlatformProcess;

/// `s3ml sim`: parts of the simulation by themselves.
@Command(
        name = "sim",
        description = "Run a part of the simulation by itself.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SimCommand.PlatformCommand.class,
            SimCommand.PrepareCommand.class,
            PccsCommand.class,
            SceneCommand.class,
            EnclaveCommand.class,
            EpcCommand.class
        })
final class SimCommand {
    private SimCommand() {}

    /// `s3ml sim platform`: the platform in the foreground.
    @Command(
            name = "platform",
            description = {
                "Run a SIMULATED platform: its own root, a PCCS on loopback, and a loader for enclaves.",
                "Prints one JSON line when ready: pccs, control (a Unix-domain socket) and root, which policies may name."
            },
            mixinStandardHelpOptions = true)
    static final class PlatformCommand implements Callable<Integer> {
        @Option(
                names = "--state",
                required = true,
                paramLabel = "DIR",
                description = "folder of its keys and logs; made if missing")
        private Path state = Path.of("");

        @Option(
                names = "--until-stdin-closes",
                description = "end, with all enclaves, when standard input ends: for a parent process")
        private boolean untilStandardInputCloses;

        private PlatformCommand() {}

        @Override
        public Integer call() {
            System.err.println("SIMULATED: this platform is not a TEE; its evidence proves nothing to a stranger");
            PlatformProcess.run(state, untilStandardInputCloses);
            return 0;
        }
    }

    /// `s3ml sim prepare`: what takes seconds once for each build. The launcher calls it after it has built.
    @Command(
            name = "prepare",
            description =
                    "Make the run-time image and the class archives of this build's enclaves, if they are missing.",
            mixinStandardHelpOptions = true)
    static final class PrepareCommand implements Callable<Integer> {
        private PrepareCommand() {}

        @Override
        public Integer call() {
            Distribution distribution = Distribution.at(Home.folder());
            for (Distribution.Kind kind : Distribution.Kind.values()) {
                distribution.spec(kind);
            }
            return 0;
        }
    }
}
