package s3ml.client.options;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonValue;

/// `--json`: a command answers machines instead of people.
public final class JsonOption {
    @Option(names = "--json", description = "print one JSON document on stdout and nothing else")
    private boolean wanted;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    public boolean wanted() {
        return wanted;
    }

    /// Prints the document.
    public void print(JsonValue document) {
        print(Json.write(document));
    }

    /// Prints the document to people, too: indented, where nobody asked for one line.
    public void printAlways(JsonValue document) {
        print(wanted ? Json.write(document) : Json.writePretty(document));
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
