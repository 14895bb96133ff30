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
import s3ml.server.access.Gate;
import s3ml.server.engine.RequestRefused;

/// Finds out who calls before the call is read. What they may do is asked where the model is known.
public final class Authentication implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Caller> WHO = Context.key("s3ml-caller");

    private final Gate gate;

    public Authentication(Gate gate) {
        this.gate = gate;
    }

    /// Who makes the present call; nobody with any right outside of calls.
    static Caller who() {
        Caller caller = WHO.get();
        return caller == null ? AccessRules.NOBODY.anonymous() : caller;
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
        return Contexts.interceptCall(Context.current().withValue(WHO, caller), call, headers, next);
    }
}
