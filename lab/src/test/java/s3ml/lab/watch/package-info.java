/// Rules and dashboard under a real Prometheus.
@NullMarked
package s3ml.lab.watch;

import org.jspecify.annotations.NullMarked;
