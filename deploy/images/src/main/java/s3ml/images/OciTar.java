package s3ml.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import s3ml.attest.S3mlException;

/// Writes an image as an OCI tar: fixed times, fixed owners, sorted files, so that the same files give the same bytes.
///
/// Codes: `IMG-103` the tar cannot be written.
final class OciTar {
    /// Nobody in particular; the same number as in the operator's Pods.
    private static final String USER = "10001:10001";

    private static final FilePermissions READABLE = FilePermissions.fromOctalString("444");
    private static final FilePermissions EXECUTABLE = FilePermissions.fromOctalString("555");

    private OciTar() {}

    /// Writes `contents` to `tar`; what is below the run-time image and the system libraries is a layer that all images
    /// share.
    static void write(Contents contents, String reference, Path tar, Path cache) {
        FileEntriesLayer.Builder base = FileEntriesLayer.builder().setName("run-time image and libraries");
        FileEntriesLayer.Builder application = FileEntriesLayer.builder().setName("application");
        for (Map.Entry<String, Path> file : contents.files().entrySet()) {
            boolean shared = file.getKey().startsWith(Contents.JAVA_HOME)
                    || file.getKey().startsWith("/lib");
            (shared ? base : application)
                    .addEntry(
                            file.getValue(),
                            AbsoluteUnixPath.get(file.getKey()),
                            executable(file.getKey()) ? EXECUTABLE : READABLE);
        }
        JibContainerBuilder image = Jib.fromScratch()
                .setFormat(ImageFormat.OCI)
                .setCreationTime(Instant.EPOCH)
                .setUser(USER)
                .addFileEntriesLayer(base.build())
                .addFileEntriesLayer(application.build())
                .setEntrypoint(contents.command());
        try {
            image.containerize(Containerizer.to(TarImage.at(tar).named(reference))
                    .setOfflineMode(true)
                    .setToolName("s3ml")
                    .setBaseImageLayersCache(cache)
                    .setApplicationLayersCache(cache));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(tar, e);
        } catch (InvalidImageReferenceException
                | RegistryException
                | IOException
                | CacheDirectoryCreationException
                | ExecutionException e) {
            throw failed(tar, e);
        }
    }

    private static boolean executable(String path) {
        return path.startsWith(Contents.JAVA_HOME + "/bin/")
                || path.startsWith(Contents.JAVA_HOME + "/lib/jspawnhelper")
                || path.startsWith(Contents.PROGRAMS)
                || path.startsWith("/lib");
    }

    private static S3mlException failed(Path tar, Exception cause) {
        return new S3mlException(
                "IMG-103", "could not write " + tar, String.valueOf(cause.getMessage()), "see the cause", cause);
    }
}
