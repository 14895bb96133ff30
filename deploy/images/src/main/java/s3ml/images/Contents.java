package s3ml.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What an image holds and how it is started.
///
/// @param name the image's name without registry and tag
/// @param files by absolute path in the image: the file here that is put there
/// @param command what is started, with absolute paths in the image; the container's arguments follow it
/// @param jvm how the process itself is started when nothing stands in front of it: what a library OS runs; empty for a
/// program that is no Java
record Contents(String name, Map<String, Path> files, List<String> command, Jvm jvm) {
    Contents {
        files = new TreeMap<>(files);
        command = List.copyOf(command);
    }

    /// How the enclave's JVM is called, without a loader in between: what a library OS starts.
    ///
    /// @param options options before the class path
    /// @param classPath jars by their paths in the image
    /// @param mainClass the main class
    record Jvm(List<String> options, List<String> classPath, String mainClass) {
        Jvm {
            options = List.copyOf(options);
            classPath = List.copyOf(classPath);
        }

        /// The whole command.
        List<String> command() {
            List<String> command = new ArrayList<>();
            command.add(JAVA);
            command.addAll(options);
            command.add("-cp");
            command.add(String.join(":", classPath));
            command.add(mainClass);
            return command;
        }
    }

    /// Where a program that is no Java lies.
    static final String PROGRAMS = "/usr/local/bin/";

    /// The run-time image in every image but those of such programs.
    static final String JAVA_HOME = "/opt/java";

    static final String JAVA = JAVA_HOME + "/bin/java";
}
