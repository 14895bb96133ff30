package s3ml.sim.epc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelUse;

/// Makes a model server's models page: each joins an emulated EPC when it is loaded, with all its pages as a starting
/// enclave's, and walks its working set before each run. Thread-safe.
public final class PagedModels implements ModelUse {
    private final EmulatedEpc epc;
    private final Map<String, ModelWalk> walks;
    private final Map<ModelName, EmulatedEnclave> enclaves = new ConcurrentHashMap<>();

    private PagedModels(EmulatedEpc epc, Map<String, ModelWalk> walks) {
        this.epc = epc;
        this.walks = Map.copyOf(walks);
    }

    /// Writes the file that tells a server process where its pool is and what its models touch.
    ///
    /// @param pool folder of the emulated EPC
    /// @param walks by the name of the model
    public static void describe(Path file, Path pool, Map<String, ModelWalk> walks) {
        JsonObject.Builder models = JsonObject.builder();
        walks.forEach((name, walk) -> {
            List<JsonValue> ranges = new ArrayList<>();
            walk.ranges().forEach(pages -> ranges.add(new JsonNumber(Integer.toString(pages))));
            models.put(name, new JsonArray(ranges));
        });
        try {
            Files.writeString(
                    file,
                    Json.write(JsonObject.builder()
                            .put("pool", pool.toAbsolutePath().toString())
                            .put("models", models.build())
                            .build()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// Attaches to the pool that [#describe] wrote down.
    ///
    /// @throws S3mlException SIM-152 or SIM-153 when there is no such pool
    public static PagedModels open(Path file) {
        try {
            JsonObject json = Json.parseObject(Files.readString(file, StandardCharsets.UTF_8));
            json.onlyMembers(Set.of("pool", "models"));
            Map<String, ModelWalk> walks = new LinkedHashMap<>();
            JsonObject models = json.object("models");
            for (String name : models.members().keySet()) {
                List<Integer> ranges = new ArrayList<>();
                for (JsonValue pages : models.array(name).items()) {
                    ranges.add(Integer.parseInt(((JsonNumber) pages).text()));
                }
                walks.put(name, new ModelWalk(ranges));
            }
            return new PagedModels(EmulatedEpc.attach(Path.of(json.string("pool"))), walks);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// A model that nothing is known of does not page.
    @Override
    public void attached(ModelName model) {
        Optional.ofNullable(walks.get(model.name())).ifPresent(walk -> {
            EmulatedEnclave enclave = epc.enclave(walk.ranges());
            enclave.walk();
            enclaves.put(model, enclave);
        });
    }

    @Override
    public void runs(ModelName model) {
        // Instances of one model share its emulated enclave, which one thread at a time walks.
        Optional.ofNullable(enclaves.get(model)).ifPresent(enclave -> {
            synchronized (enclave) {
                enclave.walk();
            }
        });
    }

    @Override
    public void detached(ModelName model) {
        Optional.ofNullable(enclaves.remove(model)).ifPresent(EmulatedEnclave::close);
    }
}
