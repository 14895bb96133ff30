package s3ml.client.log;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// The file in which an owner keeps the newest log head of each AECS: what makes a rolled back or forked log show.
///
/// Written whole and durably at each change. One process at a time; thread-safe within it.
///
/// Codes: `CLI-171` the file is none of this kind, `CLI-172` it cannot be read or written.
public final class HeadMemory {
    /// More than anybody's AECSs; a larger file is refused before it is read.
    private static final int MAX_LOGS = 1024;

    private static final String FORMAT = "s3ml log heads 1";

    private final Path file;
    private final Map<ByteString, KnownLog> logs = new LinkedHashMap<>();

    private HeadMemory(Path file) {
        this.file = file;
    }

    /// Reads the file; one that does not exist remembers nothing.
    public static HeadMemory open(Path file) {
        HeadMemory memory = new HeadMemory(file);
        try {
            if (Files.exists(file)) {
                if (Files.size(file) > Json.LARGEST) {
                    throw malformed("it has " + Files.size(file) + " bytes");
                }
                memory.parse(Json.parseObject(Files.readAllBytes(file)));
            }
            return memory;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private void parse(JsonObject json) {
        json.onlyMembers(Set.of("format", "logs"));
        if (!json.string("format").equals(FORMAT)) {
            throw malformed("its format is \"" + json.string("format") + "\"");
        }
        for (JsonObject log : json.array("logs").objects()) {
            KnownLog known = KnownLog.fromJson(log);
            logs.put(known.instanceId(), known);
        }
        if (logs.size() > MAX_LOGS) {
            throw malformed("it holds " + logs.size() + " logs");
        }
    }

    /// What is known of an AECS's log.
    public synchronized Optional<KnownLog> known(ByteString instanceId) {
        return Optional.ofNullable(logs.get(instanceId));
    }

    /// All that is known.
    public synchronized List<KnownLog> all() {
        return List.copyOf(logs.values());
    }

    /// Remembers a head which the caller has verified to extend the known one. Never replaces a longer log.
    public synchronized void remember(KnownLog log) {
        KnownLog before = logs.get(log.instanceId());
        if (before != null && before.head().getTreeSize() > log.head().getTreeSize()) {
            return;
        }
        if (before == null && logs.size() >= MAX_LOGS) {
            throw new S3mlException(
                    "CLI-172", "cannot remember one more log", file + " holds " + MAX_LOGS, "use another file");
        }
        logs.put(log.instanceId(), log);
        List<JsonValue> items = new ArrayList<>();
        logs.values().forEach(known -> items.add(known.toJson()));
        JsonObject json = JsonObject.builder()
                .put("format", FORMAT)
                .put("logs", new JsonArray(items))
                .build();
        try {
            DurableFile.write(file, Json.writePretty(json).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static S3mlException malformed(String why) {
        return new S3mlException(
                "CLI-171", "cannot read the remembered heads", why, "use the file that s3ml log head wrote");
    }

    private static S3mlException unusable(Path file, IOException cause) {
        return new S3mlException(
                "CLI-172",
                "cannot use the file of remembered heads " + file,
                String.valueOf(cause.getMessage()),
                "check its folder and permissions",
                cause);
    }
}
