package s3ml.lab.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.lab.plot.Chart;

/// Writes sections as one report: `report.md` and `report.html` (which holds its plots), `report.json`, and the plots
/// as SVG and PNG in `figures`.
public final class ReportWriter {
    private static final String STYLE =
            "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.4}"
                    + "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}"
                    + "code{background:#f2f2f2}.fails{color:#b00000}.holds{color:#006000}svg{max-width:100%;height:auto}";

    private final Path folder;
    private final String head;
    private final List<Section> sections;

    /// @param head one paragraph: where and how it was made
    public ReportWriter(Path folder, String head, List<Section> sections) {
        this.folder = folder;
        this.head = head;
        this.sections = List.copyOf(sections);
    }

    public void write() throws IOException {
        Files.createDirectories(folder);
        JsonObject.Builder data = JsonObject.builder();
        for (Section section : sections) {
            for (Map.Entry<String, Chart> chart : section.charts().entrySet()) {
                chart.getValue().write(folder.resolve("figures"), chart.getKey());
            }
            data.put(
                    section.title(),
                    JsonObject.builder()
                            .put("command", section.command())
                            .put("data", section.data())
                            .build());
        }
        Files.writeString(folder.resolve("report.md"), markdown(), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve("report.html"), html(), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve("report.json"), Json.writePretty(data.build()), StandardCharsets.UTF_8);
    }

    List<Section.Claim> claims() {
        List<Section.Claim> claims = new ArrayList<>();
        sections.forEach(section -> claims.addAll(section.claims()));
        return claims;
    }

    String markdown() {
        StringBuilder out = new StringBuilder("# EPC paging: what was measured\n\n" + head + "\n\n## Claims\n\n");
        out.append("| claim | holds | figure |\n| --- | --- | --- |\n");
        claims().forEach(claim -> out.append("| ")
                .append(claim.claim())
                .append(claim.holds() ? " | yes | " : " | **no** | ")
                .append(claim.figure())
                .append(" |\n"));
        for (Section section : sections) {
            out.append("\n## ")
                    .append(section.title())
                    .append("\n\n`")
                    .append(section.command())
                    .append("`\n\n");
            out.append(section.text()).append("\n\n");
            for (Map.Entry<String, Chart> chart : new TreeMap<>(section.charts()).entrySet()) {
                out.append("![").append(chart.getValue().title()).append("](figures/");
                out.append(chart.getKey()).append(".svg)\n\n");
            }
            row(out, section.table().columns());
            row(out, section.table().columns().stream().map(column -> "---").toList());
            section.table().rows().forEach(row -> row(out, row));
        }
        return out.toString();
    }

    private static void row(StringBuilder out, List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    String html() {
        StringBuilder out =
                new StringBuilder("<!doctype html><meta charset=\"utf-8\"><title>EPC paging</title><style>");
        out.append(STYLE).append("</style>\n<h1>EPC paging: what was measured</h1>\n<p>");
        out.append(escaped(head)).append("</p>\n<h2>Claims</h2>\n<table><tr><th>claim<th>holds<th>figure</tr>\n");
        for (Section.Claim claim : claims()) {
            out.append("<tr><td>").append(escaped(claim.claim()));
            out.append(claim.holds() ? "<td class=\"holds\">yes<td>" : "<td class=\"fails\">no<td>");
            out.append(escaped(claim.figure())).append("</tr>\n");
        }
        out.append("</table>\n");
        for (Section section : sections) {
            out.append("<h2>").append(escaped(section.title())).append("</h2>\n<p><code>");
            out.append(escaped(section.command())).append("</code></p>\n<p>");
            out.append(escaped(section.text())).append("</p>\n");
            new TreeMap<>(section.charts()).values().forEach(chart -> out.append(chart.svg()));
            out.append("<table><tr>");
            section.table().columns().forEach(cell -> out.append("<th>").append(escaped(cell)));
            out.append("</tr>\n");
            section.table().rows().forEach(row -> {
                out.append("<tr>");
                row.forEach(cell -> out.append("<td>").append(escaped(cell)));
                out.append("</tr>\n");
            });
            out.append("</table>\n");
        }
        return out.toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
