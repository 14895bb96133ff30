package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.server.ModelServer;
import s3ml.server.ServerConfig;
import s3ml.server.ServerConfigLoader;

/// The model server in a process of its own, with the keys of [RunKeys] in the place of a lease.
final class BareServer {
    private BareServer() {}

    /// Does not return before SIGTERM.
    ///
    /// @param arguments folder of the run, and threads of each model
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[0]);
        JsonObject config = JsonObject.builder()
                .put("service", "lab")
                .put("aecs", JsonArray.ofStrings(List.of("127.0.0.1:1")))
                .put("pccs", "http://127.0.0.1:1")
                .put("packages", folder.toString())
                .put("restPort", 0)
                .put("grpcPort", 0)
                .put("metricsPort", 0)
                .put("threads", Integer.parseInt(arguments[1]))
                .build();
        ServerConfig read = ServerConfigLoader.parse(Json.write(config));
        ModelServer server = new ModelServer(read, RunKeys.read(folder), ModelServer.log(System.err, true));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            server.close();
            ended.countDown();
        }));
        System.out.println(Json.write(JsonObject.builder()
                .put("ready", server.isReady())
                .put("restPort", server.restPort())
                .put("grpcPort", server.grpcPort())
                .build()));
        System.out.flush();
        ended.await();
    }
}
