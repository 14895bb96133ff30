/// The simulated platform: what a machine with Intel SGX and TDX would hold and publish, made here under a root of its
/// own. It signs byte-exact DCAP quotes ([s3ml.sim.platform.SimulatedPlatform#quote]), derives sealing keys, and serves
/// the collateral over the PCCS v4 REST paths ([s3ml.sim.platform.PccsServer]).
///
/// Nothing here protects anybody: the keys lie in a folder. Every certificate carries
/// [s3ml.sim.platform.SimulatedPlatform#MARK] as its organisation, so that a verifier can tell, and every policy
/// refuses it unless it names this platform's root.
@NullMarked
package s3ml.sim.platform;

import org.jspecify.annotations.NullMarked;
