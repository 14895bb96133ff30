package s3ml.sim.platform;

import java.util.Locale;
import java.util.Optional;

/// The forms of DCAP evidence that the simulated platform makes.
public enum EvidenceKind {
    /// SGX, quote version 3.
    SGX_V3,
    /// SGX in the version 4 envelope.
    SGX_V4,
    /// SGX in the version 5 envelope, body type 1.
    SGX_V5,
    /// TDX 1.0, quote version 4.
    TDX_V4,
    /// TDX 1.0, quote version 5, body type 2.
    TDX_V5_TD10,
    /// TDX 1.5, quote version 5, body type 3.
    TDX_V5_TD15;

    boolean tdx() {
        return switch (this) {
            case SGX_V3, SGX_V4, SGX_V5 -> false;
            case TDX_V4, TDX_V5_TD10, TDX_V5_TD15 -> true;
        };
    }

    int version() {
        return switch (this) {
            case SGX_V3 -> 3;
            case SGX_V4, TDX_V4 -> 4;
            case SGX_V5, TDX_V5_TD10, TDX_V5_TD15 -> 5;
        };
    }

    /// The body type of a version 5 quote.
    int bodyType() {
        return switch (this) {
            case SGX_V3, SGX_V4, SGX_V5 -> 1;
            case TDX_V4, TDX_V5_TD10 -> 2;
            case TDX_V5_TD15 -> 3;
        };
    }

    /// The name in documents: `sgx-v3` and so on.
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The kind of that label.
    public static Optional<EvidenceKind> ofLabel(String label) {
        for (EvidenceKind kind : values()) {
            if (kind.label().equals(label)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
