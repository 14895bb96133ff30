package s3ml.protocol;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.trace.CallTrace;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.TrustGrpc;

/// A connection to one of several replicas of an AECS, attested before anything else is sent.
///
/// TLS 1.3; no certificate authority is asked. The peer's key is taken from the handshake, and compared with the key
/// that the AECS's evidence covers. When the replica in use fails, the next one is attested and must be the same
/// AECS (identity and instance); so it is with one that is not trusted or has lost its keys. Safe for use by several
/// threads; owns one network thread. Calls made as part of a [CallTrace] hand it on.
///
/// Codes: `PRO-137` the TLS key is not the attested one, `PRO-138` a replica of another AECS, `PRO-139` no
/// replica answers, `PRO-140` the AECS refused a call (with its status; the text of an `S3ml` code is passed on).
public final class AecsChannel implements AutoCloseable {
    /// Appraisal at the AECS may fetch collateral; longer than this, another replica is the better choice.
    private static final Duration CALL_DEADLINE = Duration.ofSeconds(10);

    /// The largest answer is a lease or a description; see their own bounds.
    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    private final List<Endpoint> replicas;
    private final AecsVerifier verifier;
    private final SecureRandom random;
    private final boolean recovery;
    private final EventLoopGroup network = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ReentrantLock connecting = new ReentrantLock();
    private volatile @Nullable Connection current;
    private @Nullable AttestedAecs first;
    private int next;

    /// @param replicas tried in this order, at least one
    public AecsChannel(List<Endpoint> replicas, AecsVerifier verifier, SecureRandom random) {
        this(replicas, verifier, random, false);
    }

    /// As [#AecsChannel(List, AecsVerifier, SecureRandom)], for recovery: also talks to a replica that has lost its
    /// keys. Any other caller fails over from such a one.
    public static AecsChannel forRecovery(List<Endpoint> replicas, AecsVerifier verifier, SecureRandom random) {
        return new AecsChannel(replicas, verifier, random, true);
    }

    private AecsChannel(List<Endpoint> replicas, AecsVerifier verifier, SecureRandom random, boolean recovery) {
        if (replicas.isEmpty()) {
            throw new IllegalArgumentException("replicas must not be empty");
        }
        this.replicas = List.copyOf(replicas);
        this.verifier = verifier;
        this.random = random;
        this.recovery = recovery;
    }

    /// What is done over one attested connection; all of it is repeated elsewhere if the replica fails.
    @FunctionalInterface
    public interface Exchange<T> {
        T run(Channel channel, AttestedAecs aecs);
    }

    /// The AECS, attested now if it was not before.
    public AttestedAecs attested() {
        return call((calls, aecs) -> aecs);
    }

    /// A fresh nonce of 32 bytes.
    public byte[] newNonce() {
        byte[] nonce = new byte[AecsMessages.NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    /// Runs the exchange, trying each replica once.
    ///
    /// @throws S3mlException `PRO-130` to `PRO-140`
    public <T> T call(Exchange<T> exchange) {
        StatusRuntimeException last = null;
        S3mlException refusal = null;
        for (int attempt = 0; attempt <= replicas.size(); attempt++) {
            Connection connection = null;
            try {
                connection = connection();
                return exchange.run(connection.calls(), connection.aecs());
            } catch (StatusRuntimeException e) {
                if (!replicaFailed(e.getStatus())) {
                    throw refused(e);
                }
                last = e;
                drop(connection);
            } catch (Refused e) {
                // One bad replica, say of an outdated build, must not keep the good ones from answering.
                refusal = e.reason;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
        throw new S3mlException(
                "PRO-139",
                "no AECS replica answers",
                "tried " + replicas + ", the last said " + (last == null ? "nothing" : said(last.getStatus())),
                "check that the AECS runs and that the addresses are right",
                last);
    }

    /// Without the stack that a status prints with its cause.
    private static String said(Status status) {
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return status.getCode()
                + (status.getDescription() == null ? "" : ": " + status.getDescription())
                + (root == null ? "" : " (" + root.getMessage() + ")");
    }

    private static boolean replicaFailed(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    }

    private static S3mlException refused(StatusRuntimeException e) {
        Status status = e.getStatus();
        String description = status.getDescription();
        return new S3mlException(
                "PRO-140",
                "the AECS refused the call",
                status.getCode() + (description == null ? "" : ": " + description),
                "the admin finds the failing claim in the log of the AECS",
                e);
    }

    private Connection connection() {
        Connection open = current;
        if (open != null) {
            return open;
        }
        connecting.lock();
        try {
            if (current == null) {
                current = connect(replicas.get(next));
            }
            return current;
        } catch (StatusRuntimeException e) {
            next = (next + 1) % replicas.size();
            throw e;
        } catch (S3mlException e) {
            next = (next + 1) % replicas.size();
            throw new Refused(e);
        } finally {
            connecting.unlock();
        }
    }

    /// A replica that was reached and is not trusted.
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final S3mlException reason;

        Refused(S3mlException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    private void drop(@Nullable Connection failed) {
        connecting.lock();
        try {
            if (failed != null && failed.equals(current)) {
                current = null;
                next = (next + 1) % replicas.size();
                failed.channel().shutdownNow();
            }
        } finally {
            connecting.unlock();
        }
    }

    private Connection connect(Endpoint replica) {
        PinnedKeyTrust trust = new PinnedKeyTrust();
        ManagedChannel channel = open(replica, trust);
        boolean attested = false;
        try {
            Channel calls = ClientInterceptors.intercept(channel, new DefaultDeadline(), CallTrace.sending());
            byte[] nonce = newNonce();
            AttestResponse response = TrustGrpc.newBlockingStub(calls)
                    .attest(AttestRequest.newBuilder()
                            .setNonce(ByteString.copyFrom(nonce))
                            .build());
            AttestedAecs aecs = verifier.appraise(response, nonce).orThrow();
            checkKey(replica, trust.key().orElse(null), aecs.tlsKeyDigest());
            if (aecs.recovering() && !recovery) {
                throw Status.UNAVAILABLE
                        .withDescription(replica + " has lost its keys and waits for recovery")
                        .asRuntimeException();
            }
            checkSame(replica, aecs);
            attested = true;
            return new Connection(channel, calls, aecs);
        } finally {
            if (!attested) {
                channel.shutdownNow();
            }
        }
    }

    private ManagedChannel open(Endpoint replica, PinnedKeyTrust trust) {
        try {
            SslContextBuilder tls = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                    .trustManager(trust)
                    .protocols("TLSv1.3");
            return NettyChannelBuilder.forAddress(replica.host(), replica.port())
                    .sslContext(tls.build())
                    .channelType(NioSocketChannel.class)
                    .eventLoopGroup(network)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("BoringSSL refused TLS 1.3", e);
        }
    }

    private static void checkKey(Endpoint replica, @Nullable Digest presented, Digest attested) {
        if (presented == null || !attested.equals(presented)) {
            throw new S3mlException(
                    "PRO-137",
                    "refused the AECS at " + replica,
                    "its TLS key has digest " + (presented == null ? "(none)" : presented.hex())
                            + ", its evidence covers " + attested.hex(),
                    "something ends TLS between here and the AECS; connect to it directly");
        }
    }

    private void checkSame(Endpoint replica, AttestedAecs aecs) {
        if (first == null) {
            first = aecs;
        } else if (!first.sameService(aecs)) {
            throw new S3mlException(
                    "PRO-138",
                    "refused the AECS at " + replica,
                    "it is another AECS than the one attested first",
                    "name replicas of one AECS only");
        }
    }

    @Override
    public void close() {
        connecting.lock();
        try {
            Connection open = current;
            current = null;
            if (open != null) {
                open.channel().shutdownNow();
            }
        } finally {
            connecting.unlock();
        }
        var unused = network.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private record Connection(ManagedChannel channel, Channel calls, AttestedAecs aecs) {}

    /// Gives each call a deadline that has none: a hung replica must not hang its callers.
    private static final class DefaultDeadline implements ClientInterceptor {
        @Override
        public <A, B> ClientCall<A, B> interceptCall(MethodDescriptor<A, B> method, CallOptions options, Channel next) {
            CallOptions bounded = options.getDeadline() == null
                    ? options.withDeadlineAfter(CALL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                    : options;
            return next.newCall(method, bounded);
        }
    }
}
