/// Verification of a running server from outside, and years later from a file.
///
/// [ServerGathering] asks the server, its AECS and a witness, and judges nothing; the [ServerDossier] it fills holds
/// every byte that the verdict rests on. [ServerAppraisal] is a pure function from a dossier and a time to a
/// [ServerReport]. [DossierFile] keeps a dossier in one file.
///
/// Trust: the vendor's root, the policies and reference values that the caller brings, a witness's key, and a head that
/// was remembered. Whatever the server, the AECS, the PCCS, the witness's machine or the file say is checked against
/// these.
@NullMarked
package s3ml.client.verify;

import org.jspecify.annotations.NullMarked;
