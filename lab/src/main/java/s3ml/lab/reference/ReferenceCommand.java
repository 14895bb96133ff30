package s3ml.lab.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `s3ml lab reference`: writes the generated pages below `docs/reference`.
@Command(
        name = "reference",
        description = "Write docs/reference from the code: commands, errors, metrics, configuration.",
        mixinStandardHelpOptions = true)
public final class ReferenceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public ReferenceCommand() {}

    @Override
    public Integer call() throws IOException {
        Path home = Path.of(System.getProperty("s3ml.home", "."));
        Path folder = Files.createDirectories(home.resolve(ReferencePages.FOLDER));
        for (Map.Entry<String, String> page : ReferencePages.of(home).entrySet()) {
            Files.writeString(folder.resolve(page.getKey()), page.getValue());
            spec.commandLine().getErr().println("wrote " + folder.resolve(page.getKey()));
        }
        return 0;
    }
}
