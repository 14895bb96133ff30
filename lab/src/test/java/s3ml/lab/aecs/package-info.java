/// Tests of the AECS under faults, by the lab's own simulator.
@NullMarked
package s3ml.lab.aecs;

import org.jspecify.annotations.NullMarked;
