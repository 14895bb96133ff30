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
import s3ml.server.engine.ModelUse;
import s3ml.sim.epc.PagedModels;

/// The model server in a process of its own, with the keys of [RunKeys] in the place of a lease.
public final class BareServer {
    private BareServer() {}

    /// Does not return before SIGTERM.
    ///
    /// @param arguments folder of the run, threads of each model, and perhaps a file of [PagedModels] and the
    /// configuration's section `models`
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
                .put("models", Json.parseObject(arguments.length < 4 ? "{}" : arguments[3]))
                .build();
        ServerConfig read = ServerConfigLoader.parse(Json.write(config));
        ModelUse use = arguments.length < 3 ? ModelUse.UNWATCHED : PagedModels.open(Path.of(arguments[2]));
        ModelServer server = new ModelServer(read, RunKeys.read(folder), ModelServer.log(System.err, true), use);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            server.close();
            ended.countDown();
        }));
        System.out.println(Json.write(JsonObject.builder()
                .put("ready", server.isReady())
                .put("restPort", server.restPort())
                .put("grpcPort", server.grpcPort())
                .put("metricsPort", server.metricsPort())
                .build()));
        System.out.flush();
        ended.await();
    }
}
