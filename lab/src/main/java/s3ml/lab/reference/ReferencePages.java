package s3ml.lab.reference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// All generated pages of a tree: name below `docs/reference/` to content.
public final class ReferencePages {
    static final String FOLDER = "docs/reference";

    private ReferencePages() {}

    /// Renders them.
    ///
    /// @param home root of the tree, whose sources are read
    public static Map<String, String> of(Path home) throws IOException {
        Sources sources = Sources.below(home);
        Map<String, String> pages = new TreeMap<>();
        pages.put("commands.md", CommandPage.render(home));
        pages.put("errors.md", ErrorPage.render(sources));
        pages.put("metrics.md", MetricPage.render(sources));
        pages.put("configuration.md", ConfigurationPage.render(sources));
        return pages;
    }

    /// What each page begins with.
    static String head(String title, String says) {
        return "# " + title + "\n\n" + says + "\nWritten by `./s3ml lab reference`; a test fails when it is stale.\n\n";
    }
}
