package s3ml.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Which release this build is of. For people and for file names: what is trusted is a measurement, never a version.
public final class Release {
    /// As `pom.xml` states it; the build writes it into a resource.
    public static final String VERSION = read();

    private Release() {}

    private static String read() {
        try (InputStream resource = Release.class.getResourceAsStream("version.txt")) {
            if (resource == null) {
                throw new IllegalStateException("version.txt is not beside this class: the build is not whole");
            }
            return new String(resource.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
