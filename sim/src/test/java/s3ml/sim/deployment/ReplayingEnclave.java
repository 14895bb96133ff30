package s3ml.sim.deployment;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import s3ml.attest.Appraiser;
import s3ml.attest.Digest;
import s3ml.attest.PccsClient;
import s3ml.attest.Platform;
import s3ml.attest.Policy;
import s3ml.attest.ReportData;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.NativeCrypto;
import s3ml.sim.enclave.PlatformConnection;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ReleaseClaims;
import s3ml.wire.aecs.ReleaseRequest;

/// A started enclave that a policy trusts and that misbehaves: it asks for a lease, asks again with the same nonce, and
/// asks for a lease of a service whose policy does not know it. Says what came of each.
final class ReplayingEnclave {
    private ReplayingEnclave() {}

    /// Asks, and says what came of it.
    ///
    /// @param arguments AECS HOST:PORT, PCCS address, its service, another service
    public static void main(String[] arguments) throws Exception {
        Platform platform = PlatformConnection.fromStandardInput();
        Policy policy = Policy.parse(Files.readString(Path.of("data/aecs-policy.json")));
        AecsVerifier verifier = new AecsVerifier(
                new Appraiser(NativeCrypto.provider()),
                policy,
                PccsClient.at(URI.create(arguments[1])),
                InstantSource.system());
        JsonObject.Builder said = JsonObject.builder();
        try (AecsChannel channel =
                new AecsChannel(List.of(Endpoint.parse(arguments[0])), verifier, new SecureRandom())) {
            channel.call((calls, aecs) -> {
                ByteString nonce = nonce(calls);
                return said.put("first", release(calls, platform, nonce, arguments[2]))
                        .put("replayed", release(calls, platform, nonce, arguments[2]))
                        .put("foreign", release(calls, platform, nonce(calls), arguments[3]));
            });
        }
        System.out.println(Json.write(said.build()));
        System.out.flush();
        Thread.currentThread().join();
    }

    private static ByteString nonce(Channel calls) {
        return KeyReleaseGrpc.newBlockingStub(calls)
                .challenge(ChallengeRequest.getDefaultInstance())
                .getNonce();
    }

    private static String release(Channel calls, Platform platform, ByteString nonce, String service) {
        try (HpkeKeyPair keys = Hpke.generate()) {
            byte[] claims = ReleaseClaims.newBuilder()
                    .setNonce(nonce)
                    .setService(service)
                    .setHpkePublicKey(keys.publicKey())
                    .build()
                    .toByteArray();
            byte[] evidence = platform.issuer().issue(ReportData.ofDigest(Digest.of(claims)));
            KeyReleaseGrpc.newBlockingStub(calls)
                    .release(ReleaseRequest.newBuilder()
                            .setEvidence(ByteString.copyFrom(evidence))
                            .setClaims(ByteString.copyFrom(claims))
                            .build());
            return "released";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + " " + e.getStatus().getDescription();
        }
    }
}
