package s3ml.client.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// Runs one command and keeps what it printed.
record Shell(int status, String out, String err) {
    static Shell run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = S3mlClient.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Shell(status, out.toString(), err.toString());
    }

    /// What was printed must be one document and nothing else.
    JsonObject json() {
        return Json.parseObject(out);
    }
}
