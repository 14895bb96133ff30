package s3ml.client;

import s3ml.attest.S3mlException;

/// A tensor element type of the Open Inference Protocol.
///
/// Codes: `CLI-101` a name that is none of these.
public enum Datatype {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    /// Elements of any length, each behind its 4-byte length.
    BYTES(0);

    private final int elementBytes;

    Datatype(int elementBytes) {
        this.elementBytes = elementBytes;
    }

    /// Bytes of one element; 0 if they vary.
    public int elementBytes() {
        return elementBytes;
    }

    /// The type of this protocol name.
    ///
    /// @throws S3mlException `CLI-101`
    public static Datatype named(String name) {
        for (Datatype type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new S3mlException(
                "CLI-101",
                "cannot read the tensor",
                "the datatype \"" + name + "\" is none of the Open Inference Protocol",
                "use a client and a server of the same protocol version");
    }
}
