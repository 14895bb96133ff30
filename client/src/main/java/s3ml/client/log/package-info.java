/// The transparency log as its owners watch it: remembered heads, saved logs that verify offline, and witnesses.
///
/// Entry types: [LogClient] asks an attested AECS and demands that its log extends what was seen before; [SavedLog]
/// verifies a file without any network; [WitnessDesk] co-signs for others.
///
/// Trust: an AECS identity that was attested, or noted down when it was. The AECS's storage, its operator, witnesses
/// and files are all checked against it. What is not detected is a fork of which this owner sees one side only and no
/// witness the other.
@NullMarked
package s3ml.client.log;

import org.jspecify.annotations.NullMarked;
