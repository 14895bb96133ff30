package s3ml.lab.reference;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration files: what the comment of each loader says, which is where the sample and the values stand.
final class ConfigurationPage {
    private ConfigurationPage() {}

    static String render(Sources sources) {
        StringBuilder page = new StringBuilder(
                ReferencePages.head(
                        "Configuration files",
                        "All faults of a file are told at once, and unknown members are refused. Files come from the host, and decide nothing about trust."));
        for (Sources.File file : sources.files()) {
            String name = file.type().substring(file.type().lastIndexOf('.') + 1);
            if (name.endsWith("ConfigLoader") || name.endsWith("ConfigReader") || name.equals("FleetConfigs")) {
                page.append("## `")
                        .append(file.type())
                        .append("`\n\n")
                        .append(comment(file.text()))
                        .append("\n\n");
            }
        }
        return page.toString().stripTrailing() + "\n";
    }

    /// The comment before the type.
    private static String comment(String source) {
        List<String> lines = source.lines().toList();
        return lines.stream()
                .dropWhile(line -> !line.startsWith("///"))
                .takeWhile(line -> line.startsWith("///"))
                .map(line -> line.length() > 4 ? line.substring(4) : "")
                .map(line -> line.replaceAll("\\[#?(\\w+)\\](?!\\()", "`$1`"))
                .collect(Collectors.joining("\n"));
    }
}
