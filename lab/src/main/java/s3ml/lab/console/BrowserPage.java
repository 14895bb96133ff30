package s3ml.lab.console;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// One page of a browser, as a person at it would use it: go somewhere, press keys, read, look at the log.
final class BrowserPage implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /// What the browser answers when the page goes elsewhere while it is asked.
    private static final String BETWEEN_PAGES = "Inspected target navigated or closed";

    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> hosts = new CopyOnWriteArrayList<>();
    private final AtomicLong received = new AtomicLong();
    private final DevTools tools;

    private BrowserPage(URI socket) {
        this.tools = DevTools.connect(socket, this::happened);
    }

    static BrowserPage at(URI socket) {
        BrowserPage page = new BrowserPage(socket);
        for (String domain : new String[] {"Page", "Runtime", "Log", "Network"}) {
            page.tools.call(domain + ".enable");
        }
        // The thread's own time: what it waited for a processor is no work of the page.
        page.tools.call("Performance.enable", parameters("timeDomain", "threadTicks"));
        return page;
    }

    private void happened(String event, JsonObject parameters) {
        switch (event) {
            case "Log.entryAdded" -> {
                JsonObject entry = parameters.getAsJsonObject("entry");
                if (!entry.get("level").getAsString().equals("info")
                        && !entry.get("level").getAsString().equals("verbose")) {
                    errors.add(entry.get("source").getAsString() + ": "
                            + entry.get("text").getAsString()
                            + (entry.has("url") ? " (" + entry.get("url").getAsString() + ")" : ""));
                }
            }
            case "Runtime.consoleAPICalled" -> {
                String type = parameters.get("type").getAsString();
                if (type.equals("error") || type.equals("warning") || type.equals("assert")) {
                    errors.add("console: " + parameters.get("args"));
                }
            }
            case "Runtime.exceptionThrown" -> errors.add("exception: " + parameters.get("exceptionDetails"));
            case "Network.requestWillBeSent" ->
                hosts.add(parameters.getAsJsonObject("request").get("url").getAsString());
            case "Network.dataReceived" ->
                received.addAndGet(parameters.get("encodedDataLength").getAsLong());
            default -> {
                // Not looked at.
            }
        }
    }

    /// Errors and warnings of the browser's log since the last call.
    List<String> takeErrors() {
        List<String> taken = new ArrayList<>(errors);
        errors.removeAll(taken);
        return taken;
    }

    /// Addresses of all requests so far.
    List<String> requested() {
        return List.copyOf(hosts);
    }

    /// Bytes that came over the network since the last call, packed as they came, without headers.
    long takeReceived() {
        return received.getAndSet(0);
    }

    void open(String url) {
        tools.call("Page.navigate", parameters("url", url));
        await("the page " + url + " is loaded", "document.readyState === 'complete'");
    }

    void withoutCache() {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("cacheDisabled", true);
        tools.call("Network.setCacheDisabled", parameters);
    }

    /// The value of an expression in the page; a promise is awaited.
    JsonElement evaluate(String expression) {
        JsonObject parameters = parameters("expression", expression);
        parameters.addProperty("awaitPromise", true);
        parameters.addProperty("returnByValue", true);
        JsonObject answer = tools.call("Runtime.evaluate", parameters);
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        JsonElement value = answer.getAsJsonObject("result").get("value");
        return value == null ? new JsonPrimitive("") : value;
    }

    String text(String selector) {
        return evaluate("document.querySelector(" + new JsonPrimitive(selector) + ")?.textContent ?? ''")
                .getAsString();
    }

    /// Until the expression is true in the page.
    void await(String what, String expression) {
        Pause.until(what, PATIENCE, () -> holds(expression));
    }

    private boolean holds(String expression) {
        try {
            return evaluate("Boolean(" + expression + ")").getAsBoolean();
        } catch (IllegalStateException failed) {
            if (String.valueOf(failed.getMessage()).contains(BETWEEN_PAGES)) {
                return false;
            }
            throw failed;
        }
    }

    void awaitText(String selector, String words) {
        try {
            await(
                    selector + " says " + words,
                    "[...document.querySelectorAll(" + new JsonPrimitive(selector)
                            + ")].some(node => node.textContent.includes(" + new JsonPrimitive(words) + "))");
        } catch (IllegalStateException never) {
            throw new IllegalStateException(never.getMessage() + "; it says: " + text(selector), never);
        }
    }

    /// A key as a person presses it.
    ///
    /// @param key as in `KeyboardEvent.key`
    /// @param code its Windows key code
    void press(String key, int code) {
        for (String type : new String[] {"keyDown", "keyUp"}) {
            JsonObject parameters = parameters("type", type);
            parameters.addProperty("key", key);
            parameters.addProperty("code", key);
            parameters.addProperty("windowsVirtualKeyCode", code);
            if (type.equals("keyDown") && key.equals("Enter")) {
                parameters.addProperty("text", "\r");
            }
            tools.call("Input.dispatchKeyEvent", parameters);
        }
    }

    void type(String text) {
        tools.call("Input.insertText", parameters("text", text));
    }

    /// @param width of the window in CSS pixels
    void resize(int width, int height, boolean phone) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("width", width);
        parameters.addProperty("height", height);
        parameters.addProperty("deviceScaleFactor", 1);
        parameters.addProperty("mobile", phone);
        tools.call("Emulation.setDeviceMetricsOverride", parameters);
    }

    void scheme(boolean dark) {
        JsonObject feature = parameters("name", "prefers-color-scheme");
        feature.addProperty("value", dark ? "dark" : "light");
        JsonArray features = new JsonArray();
        features.add(feature);
        JsonObject parameters = new JsonObject();
        parameters.add("features", features);
        tools.call("Emulation.setEmulatedMedia", parameters);
    }

    void screenshot(Path file) {
        byte[] png = Base64.getDecoder()
                .decode(tools.call("Page.captureScreenshot").get("data").getAsString());
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, png);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("cannot write " + file, unwritable);
        }
    }

    /// Violations of axe-core's rules, each as "view: rule: element".
    ///
    /// @param axe text of axe.min.js
    List<String> axe(String view, String axe) {
        JsonObject parameters = parameters("expression", axe);
        tools.call("Runtime.evaluate", parameters);
        JsonArray violations = evaluate(
                        "axe.run(document, {resultTypes: ['violations']}).then(all => all.violations.flatMap("
                                + "rule => rule.nodes.map(node => rule.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary)))")
                .getAsJsonArray();
        List<String> found = new ArrayList<>();
        violations.forEach(violation -> found.add(view + ": " + violation.getAsString()));
        return found;
    }

    /// A figure of the browser's own: `TaskDuration` is the main thread's work in seconds, since the page was made.
    double metric(String name) {
        for (JsonElement metric : tools.call("Performance.getMetrics").getAsJsonArray("metrics")) {
            if (metric.getAsJsonObject().get("name").getAsString().equals(name)) {
                return metric.getAsJsonObject().get("value").getAsDouble();
            }
        }
        throw new IllegalStateException("no metric " + name);
    }

    /// Bytes that scripts hold once everything that nobody needs is gone.
    long liveHeap() {
        tools.call("HeapProfiler.collectGarbage");
        tools.call("HeapProfiler.collectGarbage");
        return tools.call("Runtime.getHeapUsage").get("usedSize").getAsLong();
    }

    private static JsonObject parameters(String name, String value) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty(name, value);
        return parameters;
    }

    @Override
    public void close() {
        tools.call("Page.close");
        tools.close();
    }
}
