package s3ml.server.rest;

import s3ml.server.access.Gate;

/// What stands between a port and the models.
///
/// @param gate finds out who calls
/// @param sealed opens sealed bodies
/// @param proof of the release, for whoever asks
public record Doors(Gate gate, SealedDoor sealed, ReleaseProof proof) {}
