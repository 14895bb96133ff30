package s3ml.attest;

import java.util.Optional;

/// What a PCK certificate says about the machine (Intel SGX PCK certificate specification, section 1.3.5). Immutable.
public final class PlatformIdentity {
    private final byte[] ppid;
    private final byte[] fmspc;
    private final byte[] pceId;
    private final int sgxType;
    private final Optional<Configuration> configuration;

    PlatformIdentity(byte[] ppid, byte[] fmspc, byte[] pceId, int sgxType, Optional<Configuration> configuration) {
        this.ppid = ppid;
        this.fmspc = fmspc;
        this.pceId = pceId;
        this.sgxType = sgxType;
        this.configuration = configuration;
    }

    /// The platform's provisioning identifier, 16 bytes: it names the machine.
    public byte[] ppid() {
        return ppid.clone();
    }

    /// Family, model and stepping, as the vendor groups platforms, 6 bytes.
    public byte[] fmspc() {
        return fmspc.clone();
    }

    /// The provisioning enclave's number, 2 bytes.
    public byte[] pceId() {
        return pceId.clone();
    }

    /// 0 standard, 1 scalable, 2 scalable with integrity.
    public int sgxType() {
        return sgxType;
    }

    /// Present in certificates of multi-package platforms.
    public Optional<Configuration> configuration() {
        return configuration;
    }

    /// How a multi-package platform is set up.
    ///
    /// @param dynamicPlatform whether packages may be added
    /// @param cachedKeys whether the vendor keeps the platform's root keys
    /// @param smtEnabled whether hyper-threading is on
    public record Configuration(boolean dynamicPlatform, boolean cachedKeys, boolean smtEnabled) {}
}
