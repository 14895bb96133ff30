/// Experiments with the AECS: random histories of replicas over a failing store, stores that lie, and the rate of
/// releases.
///
/// Entry types: [ReleaseCommand] and [LabAecs]. Trust: none of this is ever part of a product.
@NullMarked
package s3ml.lab.aecs;

import org.jspecify.annotations.NullMarked;
