/// Tests of the AECS with quotes of the simulated platform, over real gRPC on loopback.
@NullMarked
package s3ml.sim.aecs;

import org.jspecify.annotations.NullMarked;
