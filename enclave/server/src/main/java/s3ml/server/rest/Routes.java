package s3ml.server.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which methods each known path takes, so that all of them refuse the others alike: 405, and what is allowed in the
/// header `Allow` (RFC 9110, section 15.5.6).
final class Routes {
    private static final String READ = "GET, HEAD";
    private static final String WRITE = "POST";
    private static final String BOTH = "GET, HEAD, POST";

    private static final List<Route> ALL = all();

    private Routes() {}

    /// @param methods as `Allow` lists them
    /// @param segments of the path; `*` stands for any one, `*:predict` for any that ends so
    record Route(String methods, List<String> segments) {
        private boolean matches(List<String> path) {
            if (path.size() != segments.size()) {
                return false;
            }
            // The last segments differ most.
            for (int i = path.size() - 1; i >= 0; i--) {
                String wanted = segments.get(i);
                String given = path.get(i);
                boolean same = wanted.startsWith("*")
                        ? given.length() >= wanted.length() && given.endsWith(wanted.substring(1))
                        : wanted.equals(given);
                if (!same) {
                    return false;
                }
            }
            return true;
        }
    }

    private static List<Route> all() {
        List<Route> routes = new ArrayList<>();
        // TensorFlow Serving: verbs before plain names, which would match them too.
        for (String model : List.of("v1/models/*", "v1/models/*/versions/*", "v1/models/*/labels/*")) {
            add(routes, WRITE, model + ":predict", model + ":classify", model + ":regress");
            add(routes, READ, model, model + "/metadata");
        }
        add(routes, READ, "v2", "v2/health/live", "v2/health/ready", "v2/models/stats", "v2/s3ml/evidence");
        for (String model : List.of("v2/models/*", "v2/models/*/versions/*")) {
            add(routes, WRITE, model + "/infer", model + "/generate", model + "/generate_stream");
            add(routes, READ, model, model + "/ready", model + "/config", model + "/stats");
            add(routes, BOTH, model + "/trace/setting");
        }
        add(routes, WRITE, "v2/repository/index");
        add(routes, WRITE, "v2/repository/models/*/load", "v2/repository/models/*/unload");
        add(routes, BOTH, "v2/trace/setting", "v2/logging");
        for (String memory : List.of("v2/systemsharedmemory", "v2/cudasharedmemory")) {
            add(routes, READ, memory + "/status", memory + "/region/*/status");
            add(routes, WRITE, memory + "/region/*/register", memory + "/region/*/unregister", memory + "/unregister");
        }
        return List.copyOf(routes);
    }

    private static void add(List<Route> routes, String methods, String... paths) {
        for (String path : paths) {
            routes.add(new Route(methods, List.of(path.split("/", -1))));
        }
    }

    /// All of them, for whoever lists or tests them.
    static List<Route> known() {
        return ALL;
    }

    /// What the path takes when it is known and does not take this method, as `Allow` says it.
    static Optional<String> allowedInstead(String method, List<String> path) {
        for (Route route : ALL) {
            if (route.matches(path)) {
                boolean taken = List.of(route.methods().split(", ", -1)).contains(method);
                return taken ? Optional.empty() : Optional.of(route.methods());
            }
        }
        return Optional.empty();
    }

    /// Whether requests by `POST` carry tensors to a model.
    static boolean isInference(List<String> path) {
        for (Route route : ALL) {
            if (route.matches(path)) {
                // Models take nothing else.
                return route.methods().equals(WRITE) && route.segments().get(1).equals("models");
            }
        }
        return false;
    }

    /// The model that the path of an inference names.
    static String model(List<String> path) {
        String name = path.get(2);
        int verb = path.size() == 3 ? name.indexOf(':') : -1;
        return verb < 0 ? name : name.substring(0, verb);
    }
}
