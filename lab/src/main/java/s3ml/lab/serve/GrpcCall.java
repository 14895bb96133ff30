package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One gRPC call of a [LoadTarget] by `curl`, of which the trailers are read: a certificate of any CA will do, since
/// the body is zeros.
final class GrpcCall {
    private static final Pattern STATUS = Pattern.compile("grpc-status: *(\\d+)");

    private GrpcCall() {}

    /// What the server refused the call with; empty if it answered.
    static String refusal(LoadTarget target) throws IOException {
        Path headers = Files.createTempFile("s3ml-call", ".headers");
        try {
            String http2 = target.uri().startsWith("https") ? "--http2" : "--http2-prior-knowledge";
            List<String> command = new ArrayList<>(List.of(
                    "curl",
                    "-sS",
                    "-k",
                    http2,
                    "--max-time",
                    "30",
                    "-o",
                    "/dev/null",
                    "-D",
                    headers.toString(),
                    "--data-binary",
                    "@" + target.body()));
            target.headers().forEach(header -> command.addAll(List.of("-H", header)));
            command.add(target.uri());
            Programs.run(command);
            String said = Files.readString(headers).toLowerCase(Locale.ROOT);
            Matcher status = STATUS.matcher(said);
            return status.find() && status.group(1).equals("0") ? "" : said.strip();
        } finally {
            Files.delete(headers);
        }
    }
}
