package s3ml.client.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// The class names that TFLite's metadata tools append to a model file as a ZIP archive.
public final class TfLiteLabels {
    private static final String ENTRY = "label_map.txt";
    /// Label files of the largest public models take less than a tenth of this.
    private static final int LARGEST = 1 << 20;

    private TfLiteLabels() {}

    /// The names by class index, blank ones included: leaving one out would shift all after it. None if the file has no
    /// such archive.
    ///
    /// @throws java.io.UncheckedIOException if the file cannot be read
    public static List<String> of(Path model) {
        try (ZipFile archive = new ZipFile(model.toFile())) {
            ZipEntry entry = archive.getEntry(ENTRY);
            if (entry == null) {
                return List.of();
            }
            try (InputStream in = archive.getInputStream(entry)) {
                return new String(in.readNBytes(LARGEST), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
            }
        } catch (ZipException e) {
            return List.of();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
