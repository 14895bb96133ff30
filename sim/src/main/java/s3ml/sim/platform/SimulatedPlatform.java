package s3ml.sim.platform;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Set;

/// A machine without a TEE that plays one: quotes, sealing keys and collateral under its own root. Thread-safe.
///
/// It does not check who asks: that is the loader's part ([s3ml.sim.loader]).
public final class SimulatedPlatform {
    /// The organisation in every certificate of a simulated platform; verifiers recognise simulated evidence by it.
    public static final String MARK = "S3ML simulated platform (not a TEE)";

    private static final Duration ROOT_CRL_LIFE = Duration.ofDays(365);
    /// Documents are issued anew after a day, as Intel's are long before they expire.
    private static final Duration REFRESH = Duration.ofDays(1);

    private final PlatformState state;
    private final PlatformIdentity identity;
    private final QuoteWriter quotes;
    private final PlatformStanding standing;
    private final InstantSource clock;
    private volatile Publication publication;

    private SimulatedPlatform(PlatformState state, PlatformStanding standing, InstantSource clock) {
        this.state = state;
        this.identity = new PlatformIdentity(state.secret());
        this.quotes = new QuoteWriter(state.leaves().attestation(), state.pck(), pckChain(), identity.qeId());
        this.standing = standing;
        this.clock = clock;
        this.publication = publish(clock.instant());
    }

    /// Opens the platform kept in `folder`, or makes a new one there.
    ///
    /// @throws s3ml.attest.S3mlException SIM-101 if the folder holds something else
    public static SimulatedPlatform open(Path folder, InstantSource clock) {
        return open(folder, PlatformStanding.GOOD, clock);
    }

    /// As the other, with a platform of that standing.
    public static SimulatedPlatform open(Path folder, PlatformStanding standing, InstantSource clock) {
        return new SimulatedPlatform(PlatformState.openOrCreate(folder, clock.instant()), standing, clock);
    }

    /// The quote of that enclave over 64 bytes of report data.
    public byte[] quote(EvidenceKind kind, EnclaveIdentity enclave, byte[] reportData) {
        if (reportData.length != 64) {
            throw new IllegalArgumentException("report data must be 64 bytes, not " + reportData.length);
        }
        return quotes.quote(kind, enclave, reportData);
    }

    /// 32 bytes that only this enclave on this platform can get, as EGETKEY with the MRENCLAVE policy. A debug enclave,
    /// whose memory is open, gets others than its production twin.
    public byte[] keyForEnclave(EnclaveIdentity enclave, byte[] context) {
        return sealingKey("enclave", enclave.measurement(), enclave, context);
    }

    /// 32 bytes that every enclave of this signer and product on this platform can get, as EGETKEY with the MRSIGNER
    /// policy.
    public byte[] keyForSigner(EnclaveIdentity enclave, byte[] context) {
        byte[] product = {(byte) enclave.productId(), (byte) (enclave.productId() >>> 8)};
        return sealingKey("signer", Der.concat(enclave.signer(), product), enclave, context);
    }

    private byte[] sealingKey(String policy, byte[] owner, EnclaveIdentity enclave, byte[] context) {
        byte[] label = ("s3ml simulated sealing key " + policy + (enclave.debug() ? " debug" : ""))
                .getBytes(StandardCharsets.US_ASCII);
        return Keys.hmac(state.secret(), Keys.sha(256, label), Keys.sha(256, owner), context);
    }

    /// SHA-256 of the root certificate's DER in lower-case hex: what a policy names to accept this platform.
    public String rootFingerprint() {
        return HexFormat.of().formatHex(Keys.sha(256, state.certificates().root()));
    }

    /// The root certificate, DER.
    public byte[] rootCertificate() {
        return state.certificates().root().clone();
    }

    /// The collateral that goes with quotes of this kind, in the JSON form that `dcap-qvl` defined (QuoteCollateralV3).
    public String collateralJson(EvidenceKind kind) {
        return publication().collateralJson(kind.tdx());
    }

    String pckChain() {
        PlatformState.Certificates all = state.certificates();
        return Issuer.pem(all.pck()) + Issuer.pem(all.authority()) + Issuer.pem(all.root());
    }

    PlatformIdentity identity() {
        return identity;
    }

    /// The documents served now.
    Publication publication() {
        Publication current = publication;
        Instant now = clock.instant();
        if (Duration.between(current.issued(), now).compareTo(REFRESH) > 0) {
            current = publish(now);
            publication = current;
        }
        return current;
    }

    private Publication publish(Instant now) {
        PlatformState.Certificates all = state.certificates();
        TcbDocuments documents = new TcbDocuments(state.leaves().tcbSigning().getPrivate(), standing, now);
        byte[] rootCrl = state.rootIssuer().revoke(Set.of(), now, ROOT_CRL_LIFE);
        byte[] pckCrl = state.pckIssuer()
                .revoke(standing.pckRevoked() ? Set.of(state.pckSerial()) : Set.of(), now, TcbDocuments.LIFE);
        return new Publication(
                now,
                new Publication.Chains(
                        Issuer.pem(all.pck()),
                        Issuer.pem(all.authority()) + Issuer.pem(all.root()),
                        Issuer.pem(all.tcbSigning()) + Issuer.pem(all.root())),
                new Publication.Lists(rootCrl, pckCrl),
                Publication.Tcb.of(documents));
    }

    @Override
    public String toString() {
        return "SimulatedPlatform[" + rootFingerprint() + "]";
    }
}
