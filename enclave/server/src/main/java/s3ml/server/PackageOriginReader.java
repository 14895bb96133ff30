package s3ml.server;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.server.repository.PackageOrigin;

/// Reads from `server.json` where packages come from: a folder, or an `http` or `https` store with a folder for what
/// was
/// fetched. Faults go to the list of [ServerConfigLoader].
final class PackageOriginReader {
    private static final int STANDARD_MEGABYTES = 2048;
    private static final int MAX_MEGABYTES = 1 << 20;

    private final JsonObject object;
    private final List<String> faults;

    PackageOriginReader(JsonObject object, List<String> faults) {
        this.object = object;
        this.faults = faults;
    }

    PackageOrigin read() {
        String packages = text("packages");
        String cache = text("packageCache");
        Map<String, URI> exact = exact();
        long largest = largest();
        if (packages.isEmpty()) {
            faults.add("packages is missing");
        }
        if (!packages.matches("https?://.*")) {
            if (!cache.isEmpty() || !exact.isEmpty()) {
                faults.add("packageCache and packageUrls are for packages that are an http or https address");
            }
            return new PackageOrigin.Folder(Path.of(packages));
        }
        if (cache.isEmpty()) {
            faults.add("packageCache is missing: the folder for packages that were fetched");
        }
        String authorities = text("packageCa");
        return new PackageOrigin.Store(
                web(packages, "packages"),
                exact,
                Path.of(cache),
                authorities.isEmpty() ? Optional.empty() : Optional.of(Path.of(authorities)),
                largest);
    }

    private Map<String, URI> exact() {
        Map<String, URI> exact = new HashMap<>();
        attempt(() -> object.optionalObject("packageUrls"))
                .ifPresent(all -> all.members()
                        .keySet()
                        .forEach(model -> attempt(() -> all.optionalString(model))
                                .ifPresent(url -> exact.put(model, web(url, "packageUrls." + model)))));
        return exact;
    }

    private long largest() {
        long megabytes =
                attempt(() -> object.optionalNumber("maxPackageMegabytes")).orElse((long) STANDARD_MEGABYTES);
        if (megabytes < 1 || megabytes > MAX_MEGABYTES) {
            faults.add("maxPackageMegabytes must be within 1.." + MAX_MEGABYTES);
            return STANDARD_MEGABYTES;
        }
        return megabytes << 20;
    }

    private URI web(String text, String name) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && String.valueOf(uri.getScheme()).matches("https?")) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Told below, with the other forms that are no address.
        }
        faults.add(name + " must be an http or https address");
        return URI.create("");
    }

    private String text(String name) {
        return attempt(() -> object.optionalString(name)).orElse("");
    }

    private <T> Optional<T> attempt(Supplier<Optional<T>> reading) {
        try {
            return reading.get();
        } catch (S3mlException e) {
            faults.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
