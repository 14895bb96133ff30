/// What the AECS remembers, with types: services, models, secrets, leases, and the limits on them.
///
/// Entry type: [Registry].
///
/// Trust: Records come from the sealed state and are believed; what goes in was checked by the callers.
@NullMarked
package s3ml.aecs.registry;

import org.jspecify.annotations.NullMarked;
