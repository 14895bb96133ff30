package s3ml.protocol;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// An object of a process' configuration file, which collects what is wrong with the file so that all is told at once.
///
/// What is of another type, or out of its range, becomes a fault and reads as if it were absent. So a loader reads to
/// the end, and what it built counts only when there is no fault. One thread reads a file.
public final class Settings {
    private final JsonObject object;
    private final String where;
    private final List<String> faults;

    private Settings(JsonObject object, String where, List<String> faults) {
        this.object = object;
        this.where = where;
        this.faults = faults;
    }

    /// How a loader refuses its file: its own code, and what to do next.
    @FunctionalInterface
    public interface Refusal {
        S3mlException of(String why, @Nullable Throwable cause);
    }

    /// Reads a file of at most so many bytes.
    public static <T> T load(Path file, int mostBytes, Function<Settings, T> reading, Refusal refusal) {
        try {
            if (Files.size(file) > mostBytes) {
                throw refusal.of("it is longer than " + mostBytes + " bytes", null);
            }
            return parse(Files.readString(file, StandardCharsets.UTF_8), reading, refusal);
        } catch (IOException e) {
            throw refusal.of(file + " cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /// Reads the text of a file.
    public static <T> T parse(String json, Function<Settings, T> reading, Refusal refusal) {
        JsonObject object;
        try {
            object = Json.parseObject(json);
        } catch (S3mlException e) {
            throw refusal.of(String.valueOf(e.getMessage()), e);
        }
        Settings settings = new Settings(object, "", new ArrayList<>());
        T read = reading.apply(settings);
        if (!settings.faults.isEmpty()) {
            throw refusal.of(String.join("; ", settings.faults), null);
        }
        return read;
    }

    /// An object that lies in this one; `path` leads to it and stands before its faults.
    public Settings within(String path, JsonObject inner) {
        return new Settings(inner, where + path + ".", faults);
    }

    /// Adds what is wrong with this object.
    public void fault(String fault) {
        faults.add(where + fault);
    }

    /// Makes every key that is not known a fault: a misspelt key must not be ignored.
    public void onlyKeys(Set<String> known) {
        for (String name : new TreeSet<>(object.members().keySet())) {
            if (!known.contains(name)) {
                faults.add("unknown key \"" + where + name + "\"");
            }
        }
    }

    /// The object as it was written, for what has more than one form.
    public JsonObject object() {
        return object;
    }

    /// What `reading` finds in the object; what it refuses becomes a fault.
    public <T> Optional<T> attempt(Function<JsonObject, Optional<T>> reading) {
        try {
            return reading.apply(object);
        } catch (S3mlException e) {
            fault(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    public Optional<String> text(String name) {
        return attempt(json -> json.optionalString(name));
    }

    /// `text` as an `http` or `https` address with a host; any other is a fault of `name`, and none.
    public Optional<URI> web(String name, String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException e) {
            // Told below, with the other forms that are no address.
        }
        fault(name + " must be an http or https address");
        return Optional.empty();
    }

    /// A file or folder; an empty text names none.
    public Optional<Path> path(String name) {
        return text(name).filter(text -> !text.isEmpty()).map(Path::of);
    }

    public boolean flag(String name, boolean standard) {
        return attempt(json -> json.optionalBool(name)).orElse(standard);
    }

    /// A whole number within bounds, both included.
    public int number(String name, int standard, int least, int most) {
        Optional<Long> given = attempt(json -> json.optionalNumber(name));
        if (given.isPresent() && (given.get() < least || given.get() > most)) {
            fault(name + " must be within " + least + ".." + most);
            return standard;
        }
        return given.map(Long::intValue).orElse(standard);
    }

    /// Whole seconds within bounds, both included.
    public Duration seconds(String name, Duration standard, int least, int most) {
        return Duration.ofSeconds(number(name, Math.toIntExact(standard.toSeconds()), least, most));
    }

    public List<String> texts(String name) {
        return attempt(json -> json.optionalArray(name).map(JsonArray::strings)).orElse(List.of());
    }

    /// The objects of a list.
    public List<JsonObject> objects(String name) {
        return attempt(json -> json.optionalArray(name).map(JsonArray::objects)).orElse(List.of());
    }

    /// The texts of an object, by their names in it.
    public Map<String, String> namedTexts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        attempt(json -> json.optionalObject(name))
                .ifPresent(all -> all.members()
                        .keySet()
                        .forEach(key ->
                                attempt(json -> all.optionalString(key)).ifPresent(text -> texts.put(key, text))));
        return texts;
    }
}
