/// Real model servers on emulated hosts: pools of emulated EPC, servers, antagonists, agents, a control plane and
/// Envoy, each a process of its own on this machine.
///
/// Entry type: [s3ml.lab.emulated.EmulatedFleet]. Nothing here is trusted, and nothing here is released: the servers
/// get their keys from a file ([s3ml.lab.serve.BareServer]), so that an experiment measures paging and not attestation.
@NullMarked
package s3ml.lab.emulated;

import org.jspecify.annotations.NullMarked;
