/// Tests of remembered heads, saved logs and witnesses: each honest log has forked, shortened and changed siblings.
@NullMarked
package s3ml.client.log;

import org.jspecify.annotations.NullMarked;
