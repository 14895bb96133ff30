package s3ml.lab.report;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;

/// Numbers as a report writes them.
public final class Figures {
    private Figures() {}

    /// As [String#format], the same wherever it is run.
    @FormatMethod
    public static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
