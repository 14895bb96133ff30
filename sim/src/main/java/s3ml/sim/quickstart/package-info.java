/// `s3ml quickstart`: one private inference from nothing to detections, told step by step
/// ([s3ml.sim.quickstart.Quickstart] is the entry). It plays every party on one machine without a TEE.
///
/// Every verdict in it is SIMULATED, and says so.
@NullMarked
package s3ml.sim.quickstart;

import org.jspecify.annotations.NullMarked;
