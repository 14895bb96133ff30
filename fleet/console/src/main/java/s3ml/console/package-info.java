/// The operator's console: a live page of hosts, weights and their reasons, models, leases and the transparency log.
///
/// Entry types: [s3ml.console.ConsoleMain] (`s3ml console`), and [s3ml.console.Console] for a control plane that serves
/// one itself. Trust: it runs on the operator's side, reads only, and never sees a secret. Bytes of an AECS are passed
/// on unread: nothing here is believed about them, and the page checks what can be checked without attestation.
@NullMarked
package s3ml.console;

import org.jspecify.annotations.NullMarked;
