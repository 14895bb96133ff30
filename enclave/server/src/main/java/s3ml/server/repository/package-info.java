/// Which models this server has: encrypted packages in an untrusted folder, opened by the keys of the lease.
///
/// Entry: [s3ml.server.repository.ModelRepository]. A package is nothing without a released key, and refused unless its
/// manifest has the digest that the lease names: the folder can withhold a model, but not choose one.
@NullMarked
package s3ml.server.repository;

import org.jspecify.annotations.NullMarked;
