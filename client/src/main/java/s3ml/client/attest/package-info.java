/// The owners' commands over evidence: `s3ml verify`, `s3ml quote` and `s3ml bundle`.
///
/// Entry types: the command classes, which the root of the command line registers. Trusts the machine it runs on and
/// its clock; evidence, certificates, collateral and bundles are hostile until s3ml.attest has judged them.
@NullMarked
package s3ml.client.attest;

import org.jspecify.annotations.NullMarked;
