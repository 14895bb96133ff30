package s3ml.lab.report;

import java.util.List;
import java.util.Map;
import s3ml.attest.json.JsonObject;
import s3ml.lab.plot.Chart;

/// One experiment in a report.
///
/// @param title of the section
/// @param command which makes its figures again, seed included
/// @param text what was done and what came out, in a few sentences
/// @param table columns and rows
/// @param charts by file name
/// @param claims what it was to show
/// @param data as the command prints it
public record Section(
        String title,
        String command,
        String text,
        Table table,
        Map<String, Chart> charts,
        List<Claim> claims,
        JsonObject data) {
    public Section {
        charts = Map.copyOf(charts);
        claims = List.copyOf(claims);
    }

    /// Figures in columns and rows.
    ///
    /// @param columns their heads
    /// @param rows as many cells each
    public record Table(List<String> columns, List<List<String>> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /// Something that was claimed, and whether it holds.
    ///
    /// @param claim in words
    /// @param holds by these figures
    /// @param figure the numbers, and where it fails, why
    public record Claim(String claim, boolean holds, String figure) {}
}
