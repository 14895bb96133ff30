/// Owners and enclaves against a real AECS in this process, on simulated evidence that is really appraised.
@NullMarked
package s3ml.sim.owner;

import org.jspecify.annotations.NullMarked;
