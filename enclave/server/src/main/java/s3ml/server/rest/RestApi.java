package s3ml.server.rest;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.access.Caller;
import s3ml.protocol.access.Right;
import s3ml.server.access.Gate;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;
import s3ml.server.repository.Serving;

/// Every path of the HTTP interface. Does not block: a reply that takes time comes from another thread.
///
/// Paths are the Open Inference Protocol's below `/v2` and TensorFlow Serving's below `/v1`.
public final class RestApi {
    private static final int MAX_SEGMENTS = 10;

    private final Serving serving;
    private final SealedDoor sealed;
    private final Gate gate;
    private final OpenInference openInference;
    private final TensorFlowServing tensorFlowServing;
    private final Repository repository;
    private final ReleaseProof proof;
    private final HeapBudget heap;

    /// @param version of this server, for its metadata
    public RestApi(Serving serving, Doors doors, String version) {
        this.proof = doors.proof();
        this.sealed = doors.sealed();
        this.heap = doors.heap();
        this.gate = doors.gate();
        this.serving = serving;
        this.openInference = new OpenInference(serving, version);
        this.tensorFlowServing = new TensorFlowServing(serving);
        this.repository = new Repository(serving.repository());
    }

    /// What request bodies may take together.
    HeapBudget heap() {
        return heap;
    }

    /// Whether a model is to be run, as far as the headers of a request say.
    ///
    /// @param session of the connection, for its certificate
    /// @throws RequestRefused if they say that the caller may not
    boolean isInference(HttpRequest request, Supplier<@Nullable SSLSession> session) {
        if (!request.method().equals(HttpMethod.POST)) {
            return false;
        }
        List<String> path = segments(request.uri());
        if (!Routes.isInference(path)) {
            return false;
        }
        HttpHeaders headers = request.headers();
        // Of a sealed one it is said inside who may.
        if (!SealedDoor.isSealed(headers.get("content-type"))) {
            Caller caller = gate.identify(headers.get("authorization"), session);
            Gate.require(caller, Right.INFER, Routes.model(path));
        }
        return true;
    }

    /// Answers one request; `reply` is called once, from any thread.
    ///
    /// @param session of the connection, for its certificate
    /// @param caller asked before a model is run for this request
    void handle(
            RestRequest request,
            Supplier<@Nullable SSLSession> session,
            Answers.Caller caller,
            Consumer<RestReply> reply) {
        try {
            List<String> path = segments(request.path());
            if (SealedDoor.isSealed(request.headers().get("content-type"))) {
                sealed.open(request, model(path), (opened, sealing) -> plain(opened, path, caller, sealing), reply);
            } else {
                route(request.by(gate.identify(authorization(request), session)), path, caller, reply);
            }
        } catch (RequestRefused refused) {
            reply.accept(RestReply.refusal(refused));
        }
    }

    private void plain(RestRequest request, List<String> path, Answers.Caller caller, Consumer<RestReply> reply) {
        try {
            // Behind a proxy the connection's certificate is the proxy's, and so is whatever its headers say.
            route(request.by(gate.identify(authorization(request), () -> null)), path, caller, reply);
        } catch (RequestRefused refused) {
            reply.accept(RestReply.refusal(refused));
        }
    }

    private static @Nullable String authorization(RestRequest request) {
        return request.header("authorization").orElse(null);
    }

    /// The model that a path names, without TensorFlow Serving's verb; sealed bodies are bound to it.
    private static String model(List<String> path) {
        if (path.size() < 3 || !path.get(1).equals("models")) {
            throw new RequestRefused(Fault.NOT_OPENED, "sealed bodies are taken by paths of a model only");
        }
        return path.get(2).replaceFirst(":[a-z]+$", "");
    }

    private void route(RestRequest request, List<String> path, Answers.Caller caller, Consumer<RestReply> reply) {
        Optional<String> allowed = Routes.allowedInstead(request.method(), path);
        if (allowed.isPresent()) {
            RequestRefused refused = new RequestRefused(
                    Fault.WRONG_METHOD, "this path does not take " + RequestRefused.quoted(request.method()));
            reply.accept(RestReply.refusal(refused).withHeader("allow", allowed.get()));
            return;
        }
        String root = path.isEmpty() ? "" : path.getFirst();
        List<String> rest = path.isEmpty() ? path : path.subList(1, path.size());
        if (root.equals("v1") && !rest.isEmpty() && rest.getFirst().equals("models")) {
            tensorFlowServing.models(request, rest.subList(1, rest.size()), caller, reply);
            return;
        }
        if (!root.equals("v2")) {
            throw noSuchPath();
        }
        String area = rest.isEmpty() ? "" : rest.getFirst();
        switch (area) {
            case "" -> reply.accept(openInference.server());
            case "health" -> reply.accept(health(rest.subList(1, rest.size())));
            case "models" -> openInference.models(request, rest.subList(1, rest.size()), caller, reply);
            case "s3ml" -> reply.accept(evidence(rest.subList(1, rest.size())));
            case "repository" -> repository.handle(request, rest.subList(1, rest.size()), reply);
            case "systemsharedmemory", "cudasharedmemory" ->
                reply.accept(SharedMemory.handle(rest.subList(1, rest.size())));
            case "trace", "logging" ->
                throw new RequestRefused(Fault.NOT_OFFERED, RequestRefused.quoted(area) + " is not offered here");
            default -> throw noSuchPath();
        }
    }

    private RestReply evidence(List<String> path) {
        if (!path.equals(List.of("evidence"))) {
            throw noSuchPath();
        }
        return proof.reply();
    }

    private RestReply health(List<String> path) {
        if (path.equals(List.of("live"))) {
            return flag("live");
        }
        if (path.equals(List.of("ready"))) {
            if (!serving.isReady()) {
                throw new RequestRefused(Fault.SERVER_NOT_READY, "this server is not ready");
            }
            return flag("ready");
        }
        throw noSuchPath();
    }

    private static RestReply flag(String name) {
        return RestReply.json(200, JsonObject.builder().put(name, true).build());
    }

    static RequestRefused noSuchPath() {
        return new RequestRefused(Fault.NO_SUCH_PATH, "there is no such path");
    }

    /// The path's segments, decoded, without the query.
    private static List<String> segments(String uri) {
        try {
            int query = uri.indexOf('?');
            String path = query < 0 ? uri : uri.substring(0, query);
            List<String> segments = Arrays.stream(path.split("/", -1))
                    .skip(1)
                    .limit(MAX_SEGMENTS + 1L)
                    .map(QueryStringDecoder::decodeComponent)
                    .toList();
            boolean slash = !segments.isEmpty() && segments.getLast().isEmpty();
            return slash ? segments.subList(0, segments.size() - 1) : segments;
        } catch (IllegalArgumentException malformed) {
            throw new RequestRefused(Fault.NO_SUCH_PATH, "the path is not percent-encoded as it should be");
        }
    }
}
