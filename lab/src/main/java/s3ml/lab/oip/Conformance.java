package s3ml.lab.oip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// What came of each operation by each client.
///
/// @param rows in the order in which they were tried
public record Conformance(List<Row> rows) {
    /// In the document, the table stands between these.
    static final String BEGIN = "<!-- written by ./s3ml lab oip --write -->";

    static final String END = "<!-- end of what ./s3ml lab oip --write wrote -->";

    public Conformance {
        rows = List.copyOf(rows);
    }

    /// One operation by one client.
    ///
    /// @param protocol `REST` or `gRPC`
    /// @param outcome `yes`, `refused CODE`, or what went wrong
    public record Row(String client, String protocol, String operation, String outcome) {
        /// Whether the server did what it promises: answered rightly, or refused with a code of its own.
        public boolean kept() {
            return outcome.equals("yes") || outcome.matches("refused SRV-\\d+");
        }

        private String column() {
            return client + " " + protocol;
        }
    }

    /// Those that did not go as they should.
    public List<Row> broken() {
        return rows.stream().filter(row -> !row.kept()).toList();
    }

    JsonObject json() {
        return JsonObject.builder()
                .put("simulated", true)
                .put(
                        "rows",
                        new JsonArray(rows.stream()
                                .<JsonValue>map(row -> JsonObject.builder()
                                        .put("operation", row.operation())
                                        .put("protocol", row.protocol())
                                        .put("client", row.client())
                                        .put("outcome", row.outcome())
                                        .build())
                                .toList()))
                .build();
    }

    /// The document with its table replaced.
    ///
    /// @throws IllegalArgumentException when it has no place for one
    public String writtenInto(String document) {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the document has no lines " + BEGIN + " and " + END);
        }
        return document.substring(0, begin) + BEGIN + "\n" + markdown() + document.substring(end);
    }

    /// A line for each operation, a column for each client and protocol.
    String markdown() {
        Set<String> columns = new LinkedHashSet<>();
        Map<String, Map<String, String>> cells = new LinkedHashMap<>();
        rows.stream().sorted(Comparator.comparing(Row::protocol)).forEach(row -> columns.add(row.column()));
        for (Row row : rows) {
            cells.computeIfAbsent(row.operation(), operation -> new LinkedHashMap<>())
                    .put(row.column(), row.outcome().replace("refused ", ""));
        }
        List<String> lines = new ArrayList<>();
        lines.add("| operation | " + String.join(" | ", columns) + " |");
        lines.add("|---".repeat(columns.size() + 1) + "|");
        cells.forEach((operation, outcomes) -> lines.add("| " + operation + " | "
                + String.join(
                        " | ",
                        columns.stream()
                                .map(column -> outcomes.getOrDefault(column, "-"))
                                .toList())
                + " |"));
        return String.join("\n", lines) + "\n";
    }
}
