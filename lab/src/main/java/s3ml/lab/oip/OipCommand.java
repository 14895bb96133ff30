package s3ml.lab.oip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.lab.serve.ComponentCache;
import s3ml.lab.serve.Folders;

/// `s3ml lab oip`: each operation of the Open Inference Protocol by each client.
@Command(
        name = "oip",
        description = {
            "Try each operation of the Open Inference Protocol by real clients against an attested (SIMULATED) server:",
            "tritonclient (http, grpc, asyncio), kserve, curl, grpcurl, and the library of this tree.",
            "deploy/test/components tritonclient kserve grpcurl fetches what it needs."
        },
        mixinStandardHelpOptions = true)
public final class OipCommand implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Option(
            names = "--components",
            paramLabel = "DIR",
            description = "where the clients are (default: components in S3ML_CACHE, or ~/.cache/s3ml)")
    private Path components = ComponentCache.folder("");

    @Option(names = "--write", paramLabel = "FILE", description = "also write the table into a document with its marks")
    private @Nullable Path document;

    @Option(names = "--json", description = "print one JSON document instead of the table")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public OipCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        Conformance conformance = run(home, components);
        spec.commandLine().getOut().println(json ? Json.write(conformance.json()) : conformance.markdown());
        if (document != null) {
            Files.writeString(document, conformance.writtenInto(Files.readString(document)));
        }
        conformance.broken().forEach(row -> spec.commandLine().getErr().println("not as it should be: " + row));
        return conformance.broken().isEmpty() ? 0 : BROKEN;
    }

    /// Starts a server and tries everything.
    ///
    /// @param home root of the built tree
    /// @param components as `deploy/test/components` fills it
    /// @throws s3ml.attest.S3mlException `LAB-181`, `LAB-182` when a client is missing
    public static Conformance run(Path home, Path components) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("s3ml-lab-oip");
        try (ProbedServer server = ProbedServer.start(home, folder)) {
            List<Conformance.Row> rows = new ArrayList<>();
            OtherClients programs = new OtherClients(components, server);
            rows.addAll(programs.script("tritonclient", "triton.py"));
            rows.addAll(programs.script("kserve", "kserve_client.py"));
            rows.addAll(programs.curl());
            rows.addAll(programs.grpcurl());
            OwnClient own = new OwnClient(server);
            rows.addAll(own.rows("REST"));
            rows.addAll(own.rows("gRPC"));
            return new Conformance(rows);
        } finally {
            Folders.remove(folder);
        }
    }
}
