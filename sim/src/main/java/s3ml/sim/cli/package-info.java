/// The command line of the simulation: `s3ml quickstart`, `s3ml measure` and `s3ml sim` ([s3ml.sim.cli.S3mlSim] is the
/// root).
///
/// Everything that these commands start is simulated, and they say so.
@NullMarked
package s3ml.sim.cli;

import org.jspecify.annotations.NullMarked;
