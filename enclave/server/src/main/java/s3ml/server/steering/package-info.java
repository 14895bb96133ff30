/// What the host may say about where load should go, and what follows for the connections that are here.
///
/// Entry: [s3ml.server.steering.Steering]. The host is not trusted: it moves connections, within a bound, and nothing
/// else.
@NullMarked
package s3ml.server.steering;

import org.jspecify.annotations.NullMarked;
