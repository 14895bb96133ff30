package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import s3ml.attest.json.Json;
import s3ml.lab.paging.ProbeRun;
import s3ml.lab.serve.Folders;
import s3ml.sim.epc.ModelWalk;

/// Runs the designed experiment of one model on an emulated host, and goes on where it stopped.
///
/// @param name the model is called so in its profile
/// @param model a `.tflite` file
/// @param objective of p99
/// @param effort how much is run
record OfflineAnalysis(String name, Path model, Duration objective, Effort effort) {
    /// How much is run.
    ///
    /// @param runs of the model
    /// @param seconds measured per run
    /// @param epcPages of the emulated host
    /// @param runtimePages touched beside the model
    /// @param seed of all that is random
    record Effort(int runs, int seconds, int epcPages, int runtimePages, long seed) {
        static final int USUAL_EPC_PAGES = 23_936;

        /// On a host with 93.5 MiB of EPC.
        static Effort usual(int runs, int seconds, long seed) {
            return new Effort(runs, seconds, USUAL_EPC_PAGES, ModelWalk.RUNTIME_PAGES, seed);
        }
    }

    /// @param folder where the runs are kept, and the profile is written
    /// @param people are told how far it is
    ModelAnalysis run(Path folder, PrintWriter people) throws IOException, InterruptedException {
        int count = effort.runs();
        RunFile file = new RunFile(folder.resolve("runs.jsonl"));
        Map<Integer, ProbeRun> done = file.begin(command());
        Path scratch = Files.createTempDirectory("s3ml-profile-");
        try (ProfileRig rig = ProfileRig.start(model, scratch, effort.epcPages(), effort.runtimePages(), objective)) {
            List<ProfileDesign> designs =
                    ProfileDesign.draw(count, rig.replicas(), effort.epcPages(), new SplittableRandom(effort.seed()));
            Progress progress = new Progress(people, name, count - done.size());
            List<ProbeRun> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ProbeRun run = done.get(i);
                if (run == null) {
                    run = rig.run(designs.get(i), Duration.ofSeconds(effort.seconds()), effort.seed() * 1000 + i);
                    file.append(i, run);
                    progress.ended(i + 1, count, designs.get(i), run);
                }
                all.add(run);
            }
            ModelAnalysis analysis = ModelAnalysis.of(
                    new ModelAnalysis.Subject(name, objective.toMillis(), rig.serviceMillis(), rig.pages(), command()),
                    all,
                    effort.seed());
            Files.writeString(folder.resolve("profile.json"), Json.writePretty(analysis.profile()));
            return analysis;
        } finally {
            Folders.remove(scratch);
        }
    }

    private String command() {
        return String.format(
                Locale.ROOT,
                "./s3ml profile %s --slo \"p99<%dms\" --runs %d --seconds %d --epc-pages %d --runtime-pages %d --seed %d",
                model.getFileName(),
                objective.toMillis(),
                effort.runs(),
                effort.seconds(),
                effort.epcPages(),
                effort.runtimePages(),
                effort.seed());
    }

    /// Tells how far it is.
    private static final class Progress {
        private final PrintWriter people;
        private final String name;
        private final int all;
        private final long began = System.nanoTime();
        private int ended;

        private Progress(PrintWriter people, String name, int all) {
            this.people = people;
            this.name = name;
            this.all = all;
        }

        private void ended(int number, int count, ProfileDesign design, ProbeRun run) {
            ended++;
            long left = (System.nanoTime() - began) / ended * (all - ended) / 1_000_000_000L;
            people.printf(
                    Locale.ROOT,
                    "%s: run %d of %d, %d min %02d s left: load %.2f, %d pages beside, %d replicas: %.0f pages/s, p99 %.0f ms%s%n",
                    name,
                    number,
                    count,
                    left / 60,
                    left % 60,
                    design.load(),
                    design.antagonistPages(),
                    design.replicas(),
                    run.paging(),
                    run.p99Millis(),
                    run.violated() ? " (missed)" : "");
            people.flush();
        }
    }
}
