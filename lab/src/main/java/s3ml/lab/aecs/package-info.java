/// The AECS as the lab starts it, and the rate at which it releases keys.
///
/// Entry types: [ReleaseCommand] and [LabAecs]. Trust: none of this is ever part of a product.
@NullMarked
package s3ml.lab.aecs;

import org.jspecify.annotations.NullMarked;
