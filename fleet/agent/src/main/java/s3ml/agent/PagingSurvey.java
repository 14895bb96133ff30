package s3ml.agent;

import java.nio.file.Path;
import java.util.List;

/// What the agent would read of a host's paging, for those who only want to know whether it could.
///
/// @param name of the source
/// @param rates whether it counts pages that come and go, and not only those in use
public record PagingSurvey(String name, boolean rates) {
    /// The sources of a host that can be read now, the most telling one first.
    ///
    /// @param root where proc and sys lie
    public static List<PagingSurvey> of(Path root) {
        return new SourceDetection(root)
                .find().stream()
                        .map(source -> new PagingSurvey(source.name(), counts(source)))
                        .toList();
    }

    /// Whether the source tells of EPC pages only: ordinary memory is no EPC.
    public boolean ofEpc() {
        return !name.equals("memory-pressure");
    }

    private static boolean counts(PagingSource source) {
        return source.read()
                .filter(counters -> counters.loadedBack() != PagingCounters.UNKNOWN)
                .isPresent();
    }
}
