package s3ml.client.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import s3ml.attest.Platform;
import s3ml.attest.PlatformDetection;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.attest.BundleCommand;
import s3ml.client.attest.QuoteCommand;
import s3ml.client.attest.VerifyCommand;

/// The root of the owners' commands.
@Command(
        name = "s3ml",
        description = "Private inference on attested model servers: the owners' commands.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TrustCommand.class,
            VerifyCommand.class,
            QuoteCommand.class,
            BundleCommand.class,
            InferCommand.class,
            ProbeCommand.class,
            KeyCommand.class,
            ModelCommand.class,
            ServiceCommand.class,
            PolicyCommand.class,
            SecretCommand.class,
            EnclaveCommand.class,
            AecsCommand.class,
            FetchSecretsCommand.class,
            LogCommand.class,
            CompletionCommand.class
        })
public final class S3mlClient {
    private S3mlClient() {}

    /// Exit status: 0 done, 1 failed, 2 refused or wrong usage.
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, arguments));
    }

    /// As [#main], with other streams, and the exit status as result.
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    /// The whole command line of the owners.
    public static CommandLine commandLine() {
        return commandLine(PlatformDetection::detect);
    }

    /// As [#commandLine()], wired to another platform than the one which is found: to the simulated one, whose evidence
    /// production never makes.
    ///
    /// @param platform asked by commands that run in an enclave
    public static CommandLine commandLine(Supplier<Platform> platform) {
        CommandLine.IFactory standard = CommandLine.defaultFactory();
        CommandLine.IFactory factory = new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == FetchSecretsCommand.class
                        ? type.cast(new FetchSecretsCommand(platform))
                        : standard.create(type);
            }
        };
        return S3mlVersion.answeredBy(new CommandLine(new S3mlClient(), factory))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(S3mlClient::report);
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (!(failure instanceof S3mlException known)) {
            throw failure;
        }
        CommandLine.ParseResult own = command.getParseResult();
        if (own != null && own.hasMatchedOption("--json")) {
            command.getOut()
                    .println(Json.write(JsonObject.builder()
                            .put(
                                    "error",
                                    JsonObject.builder()
                                            .put("code", known.code())
                                            .put("message", String.valueOf(known.getMessage()))
                                            .build())
                            .build()));
        } else {
            command.getErr().println("s3ml: " + known.getMessage());
        }
        return ExitStatus.of(known);
    }
}
