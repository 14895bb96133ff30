package s3ml.client.cli;

import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import s3ml.protocol.Release;

/// What `--version` prints, for the commands of this module and of those that build on it.
public final class S3mlVersion implements IVersionProvider {
    private S3mlVersion() {}

    /// Lets a command and all below it answer.
    public static CommandLine answeredBy(CommandLine command) {
        command.getCommandSpec().versionProvider(new S3mlVersion());
        command.getSubcommands().values().forEach(S3mlVersion::answeredBy);
        return command;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"S3ML " + Release.VERSION};
    }
}
