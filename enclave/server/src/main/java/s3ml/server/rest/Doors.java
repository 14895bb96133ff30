package s3ml.server.rest;

import s3ml.server.access.Gate;
import s3ml.server.engine.HeapBudget;

/// What stands between a port and the models.
///
/// @param gate finds out who calls
/// @param sealed opens sealed bodies
/// @param proof of the release, for whoever asks
/// @param heap what bodies may take of it
public record Doors(Gate gate, SealedDoor sealed, ReleaseProof proof, HeapBudget heap) {}
