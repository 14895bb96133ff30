/// The enclave's side of the simulated platform: the connection over which a started process asks its loader for quotes
/// and sealing keys ([s3ml.sim.enclave.PlatformConnection]), and mains that wire it to the AECS and the model server in
/// place of real hardware. This is the only part of `sim` that runs inside a simulated enclave.
///
/// It trusts the loader that started the process, as an enclave trusts the processor.
@NullMarked
package s3ml.sim.enclave;

import org.jspecify.annotations.NullMarked;
