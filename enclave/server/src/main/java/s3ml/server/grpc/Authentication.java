package s3ml.server.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import s3ml.protocol.access.AccessRules;
import s3ml.protocol.access.Caller;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.TraceParent;
import s3ml.server.access.Gate;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.Terms;

/// Finds out who calls before the call is read. What they may do is asked where the model is known.
public final class Authentication implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Caller> WHO = Context.key("s3ml-caller");

    private static final Context.Key<Terms.Circumstances> CIRCUMSTANCES = Context.key("s3ml-circumstances");

    private static final Metadata.Key<String> AFFINITY =
            Metadata.Key.of(Terms.AFFINITY_HEADER, Metadata.ASCII_STRING_MARSHALLER);

    private final Gate gate;

    public Authentication(Gate gate) {
        this.gate = gate;
    }

    /// Who makes the present call; nobody with any right outside of calls.
    static Caller who() {
        Caller caller = WHO.get();
        return caller == null ? AccessRules.NOBODY.anonymous() : caller;
    }

    /// What the present call's metadata say beside its message.
    static Terms.Circumstances circumstances() {
        Terms.Circumstances circumstances = CIRCUMSTANCES.get();
        return circumstances == null ? Terms.Circumstances.NONE : circumstances;
    }

    private static Terms.Circumstances circumstances(Metadata headers) {
        String affinity = headers.get(AFFINITY);
        return new Terms.Circumstances(
                affinity == null ? "" : affinity, TraceParent.read(headers.get(CallTrace.METADATA)));
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        Caller caller;
        try {
            caller = gate.identify(
                    headers.get(AUTHORIZATION), () -> call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        } catch (RequestRefused refused) {
            call.close(Refusals.of(refused).getStatus(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        Context context = Context.current().withValues(WHO, caller, CIRCUMSTANCES, circumstances(headers));
        return Contexts.interceptCall(context, call, headers, next);
    }
}
