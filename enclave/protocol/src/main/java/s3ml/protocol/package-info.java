/// What two parties must compute alike: HPKE, signatures, model packages, and the conversation with the AECS.
///
/// Enclaves, the owners' client and the AECS all link this package, so that a digest, an envelope or a
/// package made by one is read by the others from the same class files. Entry types: [AecsChannel] and
/// [KeyReleaseClient] for talking to an AECS, [ModelPackageReader] and [ModelPackageWriter] for
/// encrypted models, [SealedBody] for request bodies that travel through untrusted proxies.
///
/// Trust: everything read here comes from a peer or a storage that may lie. Nothing is used before it is
/// authenticated; what is parsed earlier (lengths, a package's manifest) is bounded first.
///
/// # The model package, byte by byte
///
/// One file, usually named `NAME-VERSION.s3mlpkg`; all integers big-endian.
///
/// | offset | bytes | content |
/// | --- | --- | --- |
/// | 0 | 8 | the ASCII text `S3MLPKG1` |
/// | 8 | 4 | M: length of the manifest, 2 to 1,048,576 |
/// | 12 | M | the manifest: one JSON object in UTF-8, described below |
/// | 12 + M | 32 | HMAC-SHA256 under the manifest key over all bytes before it |
/// | 44 + M | S + 16 each | the segments, in order, the last one usually shorter |
///
/// The manifest holds exactly these members; all but `labels` are required:
///
/// | member | value |
/// | --- | --- |
/// | `name` | model name: 1 to 128 of `A-Z a-z 0-9 . _ -`, the first a letter or digit |
/// | `version` | version: 1 to 64 of the same characters |
/// | `format` | `"tflite"` |
/// | `modelSize` | n: plaintext bytes, 1 to 8 GiB |
/// | `modelSha256` | SHA-256 of the plaintext model file, 64 hex digits |
/// | `segmentSize` | S: plaintext bytes of every segment but the last, always 65536 |
/// | `salt` | 32 random bytes, 64 hex digits |
/// | `labels` | array of up to 10,000 class labels, each up to 256 characters |
///
/// Keys: the package key is 32 random bytes. HKDF-SHA256 with the salt and the info text
/// `s3ml package v1 manifest` gives the 32-byte manifest key, with `s3ml package v1 segments` the
/// 32-byte segment key. There are ceil(n / S) segments. Segment i is AES-256-GCM with a 16-byte tag:
///
/// - nonce: 8 zero bytes, then i in 4 bytes. The segment key serves one package only, because the salt is random;
/// - associated data: SHA-256(manifest) (32 bytes), i (4 bytes), 1 for the last segment or 0 (1 byte).
///
/// So a segment opens only in its own place of its own package. The file ends with the last tag. The
/// *manifest digest* that policies, leases and clients name is SHA-256 over the M manifest bytes.
///
/// The manifest is authenticated but readable: whoever stores a package learns the name, version, size and
/// SHA-256 of the model, and can recognise a model that he already has.
@NullMarked
package s3ml.protocol;

import org.jspecify.annotations.NullMarked;
