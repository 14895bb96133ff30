/// What the operator may see: counters, in Triton's vocabulary, over plain HTTP on a port of their own.
///
/// Entry: [s3ml.server.metrics.MetricsText]. Numbers and model names only; no payload, key or peer ever shows here.
@NullMarked
package s3ml.server.metrics;

import org.jspecify.annotations.NullMarked;
