package s3ml.protocol.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.Supplier;

/// The trace that the work of the present thread belongs to. gRPC carries it from the thread that takes a call to the
/// one that answers it; [#sending()] hands it on with calls that are made meanwhile.
public final class CallTrace {
    /// The metadata of a gRPC call that hold it.
    public static final Metadata.Key<String> METADATA =
            Metadata.Key.of(TraceParent.HEADER, Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<TraceParent> CURRENT = Context.key("s3ml-trace");

    private CallTrace() {}

    /// The present trace; empty if there is none.
    public static Optional<TraceParent> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    /// The present context with that trace in it.
    public static Context context(TraceParent trace) {
        return Context.current().withValue(CURRENT, trace);
    }

    /// Does some work as part of a trace.
    public static <T> T during(TraceParent trace, Supplier<T> work) {
        Context context = context(trace);
        Context before = context.attach();
        try {
            return work.get();
        } finally {
            context.detach(before);
        }
    }

    /// Adds the present trace to the metadata of each call.
    public static ClientInterceptor sending() {
        return new Sending();
    }

    private static final class Sending implements ClientInterceptor {
        @Override
        public <A, B> ClientCall<A, B> interceptCall(MethodDescriptor<A, B> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<B> answers, Metadata headers) {
                    current().ifPresent(trace -> headers.put(METADATA, trace.header()));
                    super.start(answers, headers);
                }
            };
        }
    }
}
