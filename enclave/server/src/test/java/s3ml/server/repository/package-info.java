/// Tests of where packages come from.
@NullMarked
package s3ml.server.repository;

import org.jspecify.annotations.NullMarked;
