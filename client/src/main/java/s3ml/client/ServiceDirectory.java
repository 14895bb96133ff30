package s3ml.client;

import com.google.protobuf.ByteString;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.ServiceTrust;
import s3ml.wire.aecs.DescribeServiceRequest;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.TrustGrpc;

/// Asks an attested AECS what a client must know of a service. Safe for use by several threads.
public final class ServiceDirectory {
    private final AecsChannel channel;
    private final AecsVerifier verifier;

    /// @param verifier decides which AECS is trusted; the same as the channel's
    public ServiceDirectory(AecsChannel channel, AecsVerifier verifier) {
        this.channel = channel;
        this.verifier = verifier;
    }

    /// The signed description of `service`, fresh.
    ///
    /// @throws S3mlException those of [AecsChannel] and [AecsVerifier]
    public ServiceTrust describe(String service) {
        return evidence(service).trust();
    }

    /// As [#describe], with the messages from which anybody can repeat the verification.
    public Evidence evidence(String service) {
        return channel.call((calls, aecs) -> {
            byte[] nonce = channel.newNonce();
            DescribeServiceResponse response = TrustGrpc.newBlockingStub(calls)
                    .describeService(DescribeServiceRequest.newBuilder()
                            .setNonce(ByteString.copyFrom(nonce))
                            .setService(service)
                            .build());
            ServiceTrust trust = verifier.describe(response, nonce, service);
            return new Evidence(trust, ByteString.copyFrom(nonce), response);
        });
    }

    /// A description with what proves it.
    ///
    /// @param nonce 32 bytes, chosen for this call
    public record Evidence(ServiceTrust trust, ByteString nonce, DescribeServiceResponse response) {}
}
