/// Signed commands of an admin to an attested AECS.
///
/// Entry type: [AdminClient].
///
/// Trust: the channel attests the AECS before a command is made; the command names that AECS's instance, so that it is
/// of no use anywhere else.
@NullMarked
package s3ml.client.admin;

import org.jspecify.annotations.NullMarked;
