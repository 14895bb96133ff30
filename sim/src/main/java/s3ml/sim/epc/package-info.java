/// An emulated EPC: a pool of pages in a shared-memory file, which separate processes of one machine compete for.
///
/// Entry types: [s3ml.sim.epc.EmulatedEpc] (the pool) and [s3ml.sim.epc.EmulatedEnclave] (one process' share of it). A
/// page that is not there costs real AES-GCM work on a real page, and waits for the pool's one reclaimer, as on an SGX1
/// host.
///
/// Trust: none. The key lies in the shared file, the pages hold no data of anybody, and no production main wires this.
/// It exists to make the time and the counters of EPC paging on machines without a TEE.
@NullMarked
package s3ml.sim.epc;

import org.jspecify.annotations.NullMarked;
