package s3ml.lab.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Every metric by its name, with its help text and who serves it.
final class MetricPage {
    /// A name in a call with help text, or in a literal line of the exposition format.
    private static final Pattern NAMED = Pattern.compile("\"((?:nv|s3ml)_[a-z0-9_]+)\",");

    private static final Pattern HELP = Pattern.compile("# HELP ((?:nv|s3ml)_[a-z0-9_]+) ([^\"\\\\]+)");

    private MetricPage() {}

    static String render(Sources sources) {
        Map<String, Map<String, String>> served = new LinkedHashMap<>();
        for (Sources.File file : sources.files()) {
            Map<String, String> own = new TreeMap<>();
            Matcher help = HELP.matcher(file.text());
            while (help.find()) {
                own.put(help.group(1), help.group(2));
            }
            Matcher name = NAMED.matcher(file.text());
            while (name.find()) {
                String text = JavaCall.argumentsAfter(file.text(), name.end()).stream()
                        .filter(argument -> argument.indexOf(' ') > 0)
                        .findFirst()
                        .map(JavaCall::plain)
                        .orElse("");
                own.putIfAbsent(name.group(1), text);
            }
            if (!own.isEmpty()) {
                served.put(file.type(), own);
            }
        }
        StringBuilder page = new StringBuilder(
                ReferencePages.head("Metrics", "In Prometheus's text format, at the metrics port of each process."));
        served.forEach((type, metrics) -> {
            page.append("## `").append(type).append("`\n\n| metric | what |\n|---|---|\n");
            metrics.forEach((name, metric) -> page.append("| `")
                    .append(name)
                    .append("` | ")
                    .append(metric.replace("|", "\\|"))
                    .append(" |\n"));
            page.append('\n');
        });
        return page.toString();
    }
}
