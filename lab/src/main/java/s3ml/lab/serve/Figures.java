package s3ml.lab.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.Datatype;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;
import s3ml.client.Tensor;
import s3ml.lab.options.Rounded;

/// The figures of the model server, each from runs that alternate with what they are compared with, so that a busy
/// neighbour disturbs both.
///
/// Where a figure is that of one core, the server is kept on the first and the load comes from the second.
final class Figures {
    /// Enough that the next request waits when one was answered.
    private static final int SATURATING = 4;

    private static final double OVERLOAD = 5;
    private static final String SERVER_CORE = "0";
    private static final String LOAD_CORE = "1";
    private static final int STARTS = 3;

    /// On connections of their own, so that answers share TLS records as those of real callers do.
    private static final int NOOP_CLIENTS = 4;

    private static final int NOOP_STREAMS = 32;
    private static final List<Integer> SEALED_BYTES = List.of(1 << 10, 100 << 10, 1 << 20);

    private final ServingRig rig;
    private final Effort effort;
    private final RawModel raw;

    /// How long to measure.
    ///
    /// @param rounds of alternating runs; medians are reported
    /// @param time of each run
    /// @param threads of each model where all cores serve
    /// @param requests that the memory is read after
    record Effort(int rounds, Duration time, int threads, int requests) {}

    Figures(ServingRig rig, Effort effort) throws IOException {
        this.rig = rig;
        this.effort = effort;
        this.raw = RawModel.prepare(rig.folder(), rig.natives());
    }

    String rawKind() {
        return raw.kind();
    }

    /// Throughput, added latency and memory of a server with that model alone.
    JsonObject model(String name, Path file) throws IOException {
        List<Double> ratios = new ArrayList<>();
        List<Double> added = new ArrayList<>();
        List<Double> secureRates = new ArrayList<>();
        List<Double> rawRates = new ArrayList<>();
        try (ServedEnclave server = rig.service(Map.of(name, file)).start(effort.threads(), Optional.empty())) {
            LoadTarget target = LoadTarget.grpc(
                    server.grpcAuthority(), server.input(name), rig.folder().resolve(name + ".request"));
            ServedEnclave.Counts before = server.counts();
            for (int round = 0; round < effort.rounds(); round++) {
                RawModel.Result alone = raw.run(file, effort.threads(), effort.time());
                HttpLoad.Result one = HttpLoad.run(target, HttpLoad.Plan.closed(1, 1, effort.time()));
                HttpLoad.Result full = HttpLoad.run(target, HttpLoad.Plan.closed(SATURATING, 1, effort.time()));
                RawModel.Result again = raw.run(file, effort.threads(), effort.time());
                double rawRate = (alone.perSecond() + again.perSecond()) / 2;
                ratios.add(full.perSecond() / rawRate);
                added.add(one.p50Millis() - (alone.p50Millis() + again.p50Millis()) / 2);
                secureRates.add(full.perSecond());
                rawRates.add(rawRate);
            }
            long answered = server.counts().success() - before.success();
            HttpLoad.send(target, 2, Math.toIntExact(Math.max(0, effort.requests() - answered)));
            server.demandNoFailure(before, effort.rounds() * (1 + SATURATING));
            return JsonObject.builder()
                    .put("name", name)
                    .put("securePerSecond", Rounded.thousandth(median(secureRates)))
                    .put("rawPerSecond", Rounded.thousandth(median(rawRates)))
                    .put("ratio", Rounded.thousandth(median(ratios)))
                    .put("addedP50Ms", Rounded.thousandth(median(added)))
                    .put("residentMb", Rounded.thousandth(server.usage().residentMb()))
                    .put("requests", server.counts().success())
                    .build();
        }
    }

    /// Requests per second of one core with a model that does nothing.
    JsonObject noop() throws IOException {
        Path file = new NoopModel(16).write(rig.folder().resolve("noop.tflite"));
        // All that are under way may wait at once.
        JsonObject patient = JsonObject.builder()
                .put(
                        "noop",
                        JsonObject.builder()
                                .put("queueLimit", NOOP_CLIENTS * NOOP_STREAMS)
                                .build())
                .build();
        try (ServedEnclave server = rig.service(Map.of("noop", file))
                .start(settings -> settings.put("threads", 1).put("models", patient), Optional.of(SERVER_CORE))) {
            LoadTarget.Input input = server.input("noop");
            LoadTarget grpc =
                    LoadTarget.grpc(server.grpcAuthority(), input, rig.folder().resolve("noop.grpc"));
            LoadTarget rest =
                    LoadTarget.rest(server.restAuthority(), input, rig.folder().resolve("noop.rest"));
            HttpLoad.Plan plan = HttpLoad.Plan.closed(NOOP_CLIENTS, NOOP_STREAMS, effort.time())
                    .from(LOAD_CORE);
            ServedEnclave.Counts before = server.counts();
            List<Double> grpcRates = new ArrayList<>();
            List<Double> restRates = new ArrayList<>();
            for (int round = 0; round < effort.rounds(); round++) {
                grpcRates.add(HttpLoad.run(grpc, plan).perSecond());
                restRates.add(HttpLoad.run(rest, plan).perSecond());
            }
            server.demandNoFailure(before, effort.rounds() * 2 * NOOP_CLIENTS * NOOP_STREAMS);
            return JsonObject.builder()
                    .put("grpcPerSecond", Rounded.thousandth(median(grpcRates)))
                    .put("restPerSecond", Rounded.thousandth(median(restRates)))
                    .put("connections", NOOP_CLIENTS)
                    .put("streams", NOOP_STREAMS)
                    .build();
        }
    }

    /// From asking for a server's start, over measuring and attesting it, to the first answer that a client got who had
    /// attested the AECS before.
    double startSeconds(Path file) throws IOException {
        ServingRig.Hosted service = rig.service(Map.of(ServeModels.DETECTOR, file));
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            try (ServedEnclave server = service.start(effort.threads(), Optional.empty());
                    InferenceClient client = server.grpc(ServeModels.DETECTOR)) {
                client.infer(zeros(server.input(ServeModels.DETECTOR)));
                seconds.add((System.nanoTime() - server.began()) / 1e9);
            }
        }
        return Rounded.thousandth(median(seconds));
    }

    /// What is left of the throughput of one core when five times as many requests arrive as it can answer, by either
    /// port.
    record Overload(double grpc, double rest) {}

    Overload overload(Path file) throws IOException {
        String name = ServeModels.DETECTOR;
        try (ServedEnclave server = rig.service(Map.of(name, file)).start(1, Optional.of(SERVER_CORE))) {
            LoadTarget.Input input = server.input(name);
            LoadTarget grpc =
                    LoadTarget.grpc(server.grpcAuthority(), input, rig.folder().resolve("overload.grpc"));
            LoadTarget rest =
                    LoadTarget.rest(server.restAuthority(), input, rig.folder().resolve("overload.rest"));
            List<Double> grpcRatios = new ArrayList<>();
            List<Double> restRatios = new ArrayList<>();
            for (int round = 0; round < effort.rounds(); round++) {
                grpcRatios.add(overloadRatio(server, grpc));
                restRatios.add(overloadRatio(server, rest));
            }
            return new Overload(Rounded.thousandth(median(grpcRatios)), Rounded.thousandth(median(restRatios)));
        }
    }

    private double overloadRatio(ServedEnclave server, LoadTarget target) throws IOException {
        HttpLoad.Plan closed =
                HttpLoad.Plan.closed(SATURATING, 1, effort.time()).from(LOAD_CORE);
        HttpLoad.Plan open = HttpLoad.Plan.closed(10, 100, effort.time()).from(LOAD_CORE);
        double peak = goodput(server, () -> HttpLoad.run(target, closed));
        return goodput(server, () -> HttpLoad.offer(target, open.at(OVERLOAD * peak))) / peak;
    }

    private interface Load {
        void run() throws IOException;
    }

    /// Inferences that the server itself counts, by its own processor's clock: from before the load to after it.
    private static double goodput(ServedEnclave server, Load load) throws IOException {
        long before = server.counts().success();
        long began = System.nanoTime();
        load.run();
        return (server.counts().success() - before) * 1e9 / (System.nanoTime() - began);
    }

    /// What sealing bodies costs on top of TLS, by size of the body.
    JsonArray sealed() throws IOException {
        List<JsonValue> rows = new ArrayList<>();
        Map<String, Path> models = new LinkedHashMap<>();
        for (int bytes : SEALED_BYTES) {
            String name = "echo-" + bytes;
            models.put(
                    name, new NoopModel(bytes / Float.BYTES).write(rig.folder().resolve(name + ".tflite")));
        }
        try (ServedEnclave server = rig.service(models).start(1, Optional.of(SERVER_CORE))) {
            for (int bytes : SEALED_BYTES) {
                String name = "echo-" + bytes;
                InferenceRequest request = zeros(server.input(name));
                try (InferenceClient plain = server.rest(name);
                        InferenceClient sealed = server.sealed(name)) {
                    rows.add(sealedRow(server, bytes, new Caller(plain, request), new Caller(sealed, request)));
                }
            }
        }
        return new JsonArray(rows);
    }

    private JsonObject sealedRow(ServedEnclave server, int bytes, Caller plain, Caller sealed) {
        plain.call(server.usage(), effort.time().dividedBy(2));
        sealed.call(server.usage(), effort.time().dividedBy(2));
        List<Double> latency = new ArrayList<>();
        List<Double> processor = new ArrayList<>();
        for (int round = 0; round < effort.rounds(); round++) {
            Caller.Cost clear = plain.call(server.usage(), effort.time());
            Caller.Cost closed = sealed.call(server.usage(), effort.time());
            latency.add(100 * (closed.p50Millis() / clear.p50Millis() - 1));
            processor.add(100 * (closed.processorMillis() / clear.processorMillis() - 1));
        }
        return JsonObject.builder()
                .put("bytes", bytes)
                .put("addedP50Percent", Rounded.thousandth(median(latency)))
                .put("addedServerCpuPercent", Rounded.thousandth(median(processor)))
                .build();
    }

    /// One caller who asks again when he was answered.
    private record Caller(InferenceClient client, InferenceRequest request) {
        /// Of one request.
        ///
        /// @param processorMillis that the server spent
        record Cost(double p50Millis, double processorMillis) {}

        Cost call(Usage server, Duration time) {
            List<Long> took = new ArrayList<>();
            Duration before = server.processorTime();
            long end = System.nanoTime() + time.toNanos();
            do {
                long began = System.nanoTime();
                client.infer(request);
                took.add(System.nanoTime() - began);
            } while (System.nanoTime() < end);
            double spent = server.processorTime().minus(before).toNanos() / 1e6;
            long[] sorted = took.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return new Cost(sorted[sorted.length / 2] / 1e6, spent / sorted.length);
        }
    }

    private static InferenceRequest zeros(LoadTarget.Input input) {
        return InferenceRequest.of(
                input.model(),
                Tensor.of(
                        input.name(),
                        Datatype.named(input.datatype()),
                        input.shape(),
                        ByteBuffer.allocate(input.bytes())));
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
