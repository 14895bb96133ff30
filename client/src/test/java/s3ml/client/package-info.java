/// Tests of the owners' library against replicas on loopback, in real TLS.
@NullMarked
package s3ml.client;

import org.jspecify.annotations.NullMarked;
