package s3ml.server.repository;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where encrypted packages come from. Neither a folder nor a store is trusted: packages are encrypted and
/// authenticated, and the lease pins the digest of each.
public sealed interface PackageOrigin {
    /// The folder whose files are opened.
    Path folder();

    /// A folder that somebody else fills.
    record Folder(Path folder) implements PackageOrigin {}

    /// A store that is read by HTTP `GET`: a web server, or a bucket of an object store in path style.
    ///
    /// Nothing signs requests here: a store that is not public is given addresses that are signed already, or a query
    /// that grants reading.
    ///
    /// @param base `http` or `https` address that the file's name is appended to; its query, if it has one, stays
    /// @param exact whole addresses by `NAME:VERSION`, for signed ones; they go before `base`
    /// @param folder what was fetched is kept here, and not fetched again
    /// @param authorities PEM file of the CAs that an `https` store may have; empty: those of the Java runtime
    /// @param largest bytes of a package that are taken, > 0
    record Store(URI base, Map<String, URI> exact, Path folder, Optional<Path> authorities, long largest)
            implements PackageOrigin {
        public Store {
            exact = Map.copyOf(exact);
            if (largest <= 0) {
                throw new IllegalArgumentException("largest must be positive");
            }
        }

        /// The address of a file.
        ///
        /// @param model `NAME:VERSION`
        URI address(String model, String file) {
            URI whole = exact.get(model);
            if (whole != null) {
                return whole;
            }
            String text = base.toString();
            int query = text.indexOf('?');
            String path = query < 0 ? text : text.substring(0, query);
            return URI.create(
                    (path.endsWith("/") ? path : path + "/") + file + (query < 0 ? "" : text.substring(query)));
        }
    }
}
