package s3ml.lab.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import s3ml.agent.AgentMain;
import s3ml.agent.doctor.DoctorMain;
import s3ml.client.cli.S3mlClient;
import s3ml.console.ConsoleMain;
import s3ml.control.ControlMain;
import s3ml.lab.cli.S3mlLab;
import s3ml.sim.cli.S3mlSim;

/// Every command of the launcher, with the help that it prints.
final class CommandPage {
    private static final int WIDTH = 110;
    private static final int COLUMNS = 5;

    private CommandPage() {}

    static String render(Path home) throws IOException {
        Map<String, CommandLine> roots = new LinkedHashMap<>();
        roots.put("s3ml.client.cli.S3mlClient", S3mlClient.commandLine());
        roots.put("s3ml.sim.cli.S3mlSim", S3mlSim.commandLine());
        Map<String, CommandLine> single = Map.of(
                "s3ml.agent.AgentMain", AgentMain.commandLine(),
                "s3ml.agent.doctor.DoctorMain", DoctorMain.commandLine(),
                "s3ml.console.ConsoleMain", ConsoleMain.commandLine(),
                "s3ml.control.ControlMain", ControlMain.commandLine(),
                "s3ml.lab.cli.S3mlLab", S3mlLab.commandLine());
        StringBuilder page = new StringBuilder(ReferencePages.head(
                "Commands",
                "`./s3ml COMMAND --help` prints the same. Text goes to stderr; `--json` prints one document on stdout."
                        + " Exit status 0 done, 1 failed,\n"
                        + "2 refused or wrong usage; `verify` has 3: cannot tell."));
        for (String row : Files.readAllLines(home.resolve("s3ml"))) {
            String[] parts = row.split("\\|", -1);
            if (parts.length != COLUMNS || row.startsWith("#") || row.startsWith(" ")) {
                continue;
            }
            page.append("## s3ml ").append(parts[0]).append("\n\n");
            page.append("For the ")
                    .append(parts[1])
                    .append(": ")
                    .append(parts[4])
                    .append(".\n\n");
            // A root named like the command itself, or the root of several commands.
            CommandLine root = roots.getOrDefault(parts[3], single.get(parts[3]));
            CommandLine command = root == null || root.getCommandName().equals(parts[0])
                    ? root
                    : root.getSubcommands().get(parts[0]);
            if (command != null) {
                help(page, command, new HashSet<>());
            }
        }
        return page.toString().stripTrailing() + "\n";
    }

    private static void help(StringBuilder page, CommandLine command, Set<Object> seen) {
        if (!seen.add(command.getCommandSpec())) {
            return;
        }
        command.setUsageHelpWidth(WIDTH);
        page.append("```\n")
                .append(command.getUsageMessage(Ansi.OFF).stripTrailing())
                .append("\n```\n\n");
        command.getSubcommands().values().forEach(sub -> help(page, sub, seen));
    }
}
