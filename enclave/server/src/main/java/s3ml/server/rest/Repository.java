package s3ml.server.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
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
        if (!request.method().equals("POST")) {
            throw RestApi.wrongMethod(request);
        }
        if (path.equals(List.of("index"))) {
            reply.accept(RestReply.json(200, index()));
        } else if (path.size() == 3
                && path.getFirst().equals("models")
                && path.get(2).equals("load")) {
            repository.load(path.get(1)).whenComplete((done, failure) -> reply.accept(outcome(failure)));
        } else if (path.size() == 3
                && path.getFirst().equals("models")
                && path.get(2).equals("unload")) {
            repository.unload(path.get(1)).whenComplete((done, failure) -> reply.accept(outcome(failure)));
        } else {
            throw RestApi.noSuchPath();
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

    private JsonArray index() {
        List<JsonValue> entries = new ArrayList<>();
        for (String name : repository.names()) {
            for (Map.Entry<String, ModelState> version :
                    repository.versions(name).entrySet()) {
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
