package s3ml.client.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `s3ml completion`: the script that lets a shell complete the owners' commands and their options.
@Command(
        name = "completion",
        description = {"Print a completion script.", "For this shell: source <(./s3ml completion bash)"},
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    /// Which shell reads the script.
    enum Shell {
        BASH,
        ZSH
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.BASH;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private CompletionCommand() {}

    @Override
    public Integer call() {
        String script = AutoComplete.bash("s3ml", spec.root().commandLine());
        switch (shell) {
            case BASH -> spec.commandLine().getOut().println(script);
            // zsh reads bash's completions once this is loaded.
            case ZSH ->
                spec.commandLine()
                        .getOut()
                        .println("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
                                + script);
        }
        return ExitStatus.DONE;
    }
}
