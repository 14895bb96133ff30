package s3ml.lab.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The Java sources of the product: no tests, nothing that a build generated, and not the lab.
///
/// @param files sorted by path
record Sources(List<File> files) {
    private static final List<String> WINGS = List.of("enclave", "client", "fleet", "sim", "deploy/images");

    Sources {
        files = List.copyOf(files);
    }

    /// One source.
    ///
    /// @param type its public name, for example `s3ml.attest.Quote`
    record File(String type, String text) {}

    static Sources below(Path home) throws IOException {
        List<File> files = new ArrayList<>();
        for (String wing : WINGS) {
            try (Stream<Path> all = Files.walk(home.resolve(wing))) {
                for (Path file : all.filter(path -> path.toString().endsWith(".java")
                                && path.toString().contains("/src/main/java/"))
                        .sorted()
                        .toList()) {
                    String path = file.toString();
                    String type = path.substring(path.indexOf("/src/main/java/") + "/src/main/java/".length())
                            .replace(".java", "")
                            .replace('/', '.');
                    files.add(new File(type, Files.readString(file)));
                }
            }
        }
        return new Sources(files);
    }
}
