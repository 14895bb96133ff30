package s3ml.server;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import s3ml.protocol.Settings;
import s3ml.server.repository.PackageOrigin;

/// Reads from `server.json` where packages come from: a folder, or an `http` or `https` store with a folder for what
/// was fetched. Faults go to the list of [ServerConfigLoader].
final class PackageOriginReader {
    private static final int STANDARD_MEGABYTES = 2048;
    private static final int MAX_MEGABYTES = 1 << 20;

    private final Settings settings;

    PackageOriginReader(Settings settings) {
        this.settings = settings;
    }

    PackageOrigin read() {
        String packages = settings.text("packages").orElse("");
        String cache = settings.text("packageCache").orElse("");
        Map<String, URI> exact = exact();
        long megabytes = settings.number("maxPackageMegabytes", STANDARD_MEGABYTES, 1, MAX_MEGABYTES);
        if (packages.isEmpty()) {
            settings.fault("packages is missing");
        }
        if (!packages.matches("https?://.*")) {
            if (!cache.isEmpty() || !exact.isEmpty()) {
                settings.fault("packageCache and packageUrls are for packages that are an http or https address");
            }
            return new PackageOrigin.Folder(Path.of(packages));
        }
        if (cache.isEmpty()) {
            settings.fault("packageCache is missing: the folder for packages that were fetched");
        }
        return new PackageOrigin.Store(
                web(packages, "packages"), exact, Path.of(cache), settings.path("packageCa"), megabytes << 20);
    }

    private Map<String, URI> exact() {
        Map<String, URI> exact = new HashMap<>();
        settings.namedTexts("packageUrls").forEach((model, url) -> exact.put(model, web(url, "packageUrls." + model)));
        return exact;
    }

    private URI web(String text, String name) {
        return settings.web(name, text).orElse(URI.create(""));
    }
}
