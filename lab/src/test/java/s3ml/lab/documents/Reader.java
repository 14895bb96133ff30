package s3ml.lab.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Somebody who follows documents in one folder, in which the tree's files lie by name.
final class Reader implements AutoCloseable {
    /// Far more than any document takes; a busy machine is slow.
    private static final long PATIENCE_SECONDS = 300;

    private final Path folder;
    private final List<Process> background = new ArrayList<>();

    /// @param folder empty; commands run in it
    Reader(Path root, Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("s3ml"), "#!/bin/sh\nexec '" + root + "/s3ml' \"$@\"\n");
        Files.setPosixFilePermissions(folder.resolve("s3ml"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : List.of("deploy", "docs", "sim", "client")) {
            Files.createSymbolicLink(folder.resolve(name), root.resolve(name));
        }
        builtNow(root);
    }

    /// The launcher builds a wing whose stamp is older than its sources; the build that runs this has just built all.
    private static void builtNow(Path root) throws IOException {
        Path stamps = Files.createDirectories(root.resolve("target/s3ml"));
        for (String wing : List.of("client", "sim", "lab", "fleet-agent", "fleet-control", "fleet-console")) {
            Files.writeString(stamps.resolve(wing + ".stamp"), "");
        }
    }

    /// Runs the blocks of a document in order, in one shell.
    ///
    /// @return what went wrong; empty when all was as shown
    String follow(String document, List<Block> blocks) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder("set -eu\n");
        String prefix = document.replaceAll("\\W", "_") + ".";
        for (Block block : blocks) {
            Path out = folder.resolve(prefix + block.line());
            if (block.isBackground()) {
                String fault = run(document, script.toString());
                if (!fault.isEmpty()) {
                    return fault;
                }
                script = new StringBuilder("set -eu\n");
                start(block, out);
            } else if (block.runs()) {
                script.append("echo ").append(block.line()).append(" >at\n{\n");
                script.append(block.text())
                        .append("} >")
                        .append(out.getFileName())
                        .append(" 2>&1\n");
            }
        }
        String fault = run(document, script.toString());
        return fault.isEmpty() ? shown(document, prefix, blocks) : fault;
    }

    private String run(String document, String script) throws IOException, InterruptedException {
        Process shell = shell(script, folder.resolve("shell"));
        if (!shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            end(shell);
            return document + " did not end; it was at line " + at();
        }
        if (shell.exitValue() == 0) {
            return "";
        }
        Path out = folder.resolve(document.replaceAll("\\W", "_") + "." + at());
        return document + ":" + at() + " ended with " + shell.exitValue() + " and said:\n"
                + Files.readString(folder.resolve("shell")) + (Files.exists(out) ? Files.readString(out) : "");
    }

    private String at() throws IOException {
        Path at = folder.resolve("at");
        return Files.exists(at) ? Files.readString(at).strip() : "its beginning";
    }

    private void start(Block block, Path out) throws IOException, InterruptedException {
        Process process = shell("exec " + block.text(), out);
        background.add(process);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.readString(out).contains(block.readyText())) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("line " + block.line() + " did not say \"" + block.readyText() + "\" but:\n"
                        + Files.readString(out));
            }
            Thread.sleep(100);
        }
    }

    private Process shell(String script, Path out) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    /// Compares what was printed with what the document shows.
    private String shown(String document, String prefix, List<Block> blocks) throws IOException {
        for (int i = 1; i < blocks.size(); i++) {
            Block shown = blocks.get(i);
            Block commands = blocks.get(i - 1);
            if (shown.language().equals("output") && (commands.runs() || commands.isBackground())) {
                String said = Files.readString(folder.resolve(prefix + commands.line()));
                String missing = firstMissing(shown.lines(), said.lines().toList());
                if (!missing.isEmpty()) {
                    return document + ":" + shown.line() + " shows a line that was not printed:\n" + missing
                            + "\nwhat was printed:\n" + said;
                }
            }
        }
        return "";
    }

    /// The first line that does not come, in this order; empty when all do.
    static String firstMissing(List<String> shown, List<String> said) {
        int at = 0;
        for (String line : shown) {
            if (line.isBlank() || line.strip().equals("…")) {
                continue;
            }
            Pattern wanted = Pattern.compile(
                    Stream.of(evened(line).split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
            while (at < said.size() && !wanted.matcher(evened(said.get(at))).matches()) {
                at++;
            }
            if (at == said.size()) {
                return line;
            }
            at++;
        }
        return "";
    }

    /// Columns are as wide as what they hold, which differs.
    private static String evened(String line) {
        return line.stripTrailing().replaceAll("\\s+", " ");
    }

    private static void end(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroy);
    }

    /// Ends what stayed: what documents started beside and wrote down as NAME.pid, then background blocks, the last
    /// first.
    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".pid")).toList()) {
                ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).ifPresent(ProcessHandle::destroy);
            }
        }
        for (Process process : background.reversed()) {
            end(process);
        }
    }
}
