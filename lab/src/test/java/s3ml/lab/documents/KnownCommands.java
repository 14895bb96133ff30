package s3ml.lab.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import s3ml.agent.AgentMain;
import s3ml.agent.doctor.DoctorMain;
import s3ml.client.cli.S3mlClient;
import s3ml.console.ConsoleMain;
import s3ml.control.ControlMain;
import s3ml.lab.cli.S3mlLab;
import s3ml.sim.cli.S3mlSim;

/// The commands of the launcher with their options, to check what a document shows without running it.
final class KnownCommands {
    private static final int COLUMNS = 5;

    /// Main class by command.
    private final Map<String, String> mains = new HashMap<>();

    private final Map<String, CommandLine> roots = Map.of(
            "s3ml.client.cli.S3mlClient", S3mlClient.commandLine(),
            "s3ml.sim.cli.S3mlSim", S3mlSim.commandLine(),
            "s3ml.lab.cli.S3mlLab", S3mlLab.commandLine(),
            "s3ml.agent.AgentMain", AgentMain.commandLine(),
            "s3ml.agent.doctor.DoctorMain", DoctorMain.commandLine(),
            "s3ml.console.ConsoleMain", ConsoleMain.commandLine(),
            "s3ml.control.ControlMain", ControlMain.commandLine());

    KnownCommands(Path launcher) throws IOException {
        for (String row : Files.readAllLines(launcher)) {
            String[] parts = row.split("\\|", -1);
            if (parts.length == COLUMNS && parts[0].matches("[a-z-]+")) {
                mains.put(parts[0], parts[3]);
            }
        }
    }

    /// What is wrong with a command that begins with `./s3ml`; empty when every word before its operands is known.
    Optional<String> fault(String command) {
        // A shell's operators end the command; what is in quotes is a value.
        List<String> words = List.of(command.replaceAll("'[^']*'|\"[^\"]*\"", "VALUE")
                .replaceAll("\\s(?:[|;&<>]|\\d>|#).*", "")
                .strip()
                .split("\\s+", -1));
        if (words.size() < 2 || words.get(1).startsWith("-") || words.get(1).matches("[A-Z…].*")) {
            return Optional.empty();
        }
        String name = words.get(1);
        String main = mains.get(name);
        if (main == null) {
            return Optional.of("there is no command " + name);
        }
        CommandLine root = roots.get(main);
        if (root == null) {
            return Optional.empty();
        }
        CommandLine at =
                root.getCommandName().equals(name) ? root : inner(root, name).orElse(root);
        int next = 2;
        Optional<CommandLine> deeper = next < words.size() ? inner(at, words.get(next)) : Optional.empty();
        while (deeper.isPresent()) {
            at = deeper.get();
            next++;
            deeper = next < words.size() ? inner(at, words.get(next)) : Optional.empty();
        }
        List<String> unknown = new ArrayList<>();
        for (String word : words.subList(next, words.size())) {
            String option = word.replaceFirst("[=\\[\\]].*", "");
            if (word.equals("--")) {
                break;
            }
            if (option.matches("--[a-z][a-z-]*")
                    && !at.getCommandSpec().optionsMap().containsKey(option)) {
                unknown.add(option);
            }
        }
        boolean incomplete = next == words.size() - 1
                && !at.getSubcommands().isEmpty()
                && words.get(next).matches("[a-z][a-z-]*");
        if (incomplete) {
            return Optional.of(at.getCommandName() + " has no command " + words.get(next));
        }
        return unknown.isEmpty()
                ? Optional.empty()
                : Optional.of(at.getCommandName() + " has no option " + String.join(", ", unknown));
    }

    private static Optional<CommandLine> inner(CommandLine command, String name) {
        return Optional.ofNullable(command.getSubcommands().get(name));
    }
}
