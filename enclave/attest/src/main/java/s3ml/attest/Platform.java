package s3ml.attest;

/// What a main is wired with: the two edges to the machine it runs on.
///
/// @param issuer makes evidence of this enclave
/// @param sealingKeys derives keys which no other enclave gets
public record Platform(EvidenceIssuer issuer, SealingKeys sealingKeys) {}
