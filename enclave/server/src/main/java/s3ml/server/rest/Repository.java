package s3ml.server.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonBool;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.FieldLimit;
import s3ml.protocol.access.Caller;
import s3ml.protocol.access.Right;
import s3ml.server.access.Gate;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.ModelState;

/// `/v2/repository`: which models there are, and loading and unloading them.
@SuppressWarnings("FutureReturnValueIgnored") // each stage answers the caller itself
final class Repository {
    private final ModelRepository repository;

    Repository(ModelRepository repository) {
        this.repository = repository;
    }

    void handle(RestRequest request, List<String> path, Consumer<RestReply> reply) {
        if (path.equals(List.of("index"))) {
            reply.accept(RestReply.json(200, index(request.who(), readyOnly(request))));
        } else if (path.size() == 3
                && path.getFirst().equals("models")
                && path.get(2).equals("load")) {
            Gate.require(request.who(), Right.CONTROL, path.get(1));
            refuseOverrides(request);
            repository.load(path.get(1)).whenComplete((done, failure) -> reply.accept(outcome(failure)));
        } else if (path.size() == 3
                && path.getFirst().equals("models")
                && path.get(2).equals("unload")) {
            Gate.require(request.who(), Right.CONTROL, path.get(1));
            repository.unload(path.get(1)).whenComplete((done, failure) -> reply.accept(outcome(failure)));
        } else {
            throw RestApi.noSuchPath();
        }
    }

    /// Triton's clients ask so for the models that answer now.
    private static boolean readyOnly(RestRequest request) {
        return document(request)
                .value("ready")
                .filter(new JsonBool(true)::equals)
                .isPresent();
    }

    /// A model and its settings come from its package and its owner: what a caller sends instead is not used silently.
    private static void refuseOverrides(RestRequest request) {
        boolean none = document(request)
                .value("parameters")
                .map(JsonObject.builder().build()::equals)
                .orElse(true);
        if (!none) {
            throw new RequestRefused(
                    Fault.NOT_OFFERED, "a model is loaded as its owner packed it: no parameters are taken");
        }
    }

    private static JsonObject document(RestRequest request) {
        int length = request.body().readableBytes();
        // A model travels in its package.
        if (length > FieldLimit.NAMES_BYTES) {
            throw new RequestRefused(
                    Fault.TOO_LARGE,
                    "the body has " + length + " bytes, at most " + FieldLimit.NAMES_BYTES + " are read");
        }
        byte[] body = request.document(length);
        try {
            return body.length == 0 ? JsonObject.builder().build() : Json.parseObject(body);
        } catch (S3mlException malformed) {
            throw new RequestRefused(Fault.MALFORMED, "the body is not the JSON document that the protocol demands");
        }
    }

    private static RestReply outcome(@Nullable Throwable failure) {
        if (failure == null) {
            return RestReply.empty();
        }
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        return RestReply.refusal(
                cause instanceof RequestRefused refused
                        ? refused
                        : new RequestRefused(Fault.INTERNAL, "the repository failed"));
    }

    private JsonArray index(Caller who, boolean readyOnly) {
        List<JsonValue> entries = new ArrayList<>();
        for (String name : repository.names()) {
            if (!who.sees(name)) {
                continue;
            }
            for (Map.Entry<String, ModelState> version :
                    repository.versions(name).entrySet()) {
                if (readyOnly && !(version.getValue() instanceof ModelState.Ready)) {
                    continue;
                }
                entries.add(JsonObject.builder()
                        .put("name", name)
                        .put("version", version.getKey())
                        .put("state", version.getValue().label())
                        .put("reason", version.getValue().reason())
                        .build());
            }
        }
        return new JsonArray(entries);
    }
}
