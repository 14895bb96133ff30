/// Tests of the owners' commands, run as a shell would run them.
@NullMarked
package s3ml.client.cli;

import org.jspecify.annotations.NullMarked;
