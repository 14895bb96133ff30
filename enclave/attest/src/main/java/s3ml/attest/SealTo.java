package s3ml.attest;

/// What a sealing key is bound to, as the key policy of the SGX instruction EGETKEY is.
public enum SealTo {
    /// The measurement: another build of the enclave derives another key.
    ENCLAVE,
    /// The signer and product: the next version by the same signer derives the same key.
    SIGNER
}
