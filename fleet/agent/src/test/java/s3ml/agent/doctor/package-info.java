/// Tests of the checks of a host, against trees of files in the kernel's formats.
@NullMarked
package s3ml.agent.doctor;

import org.jspecify.annotations.NullMarked;
