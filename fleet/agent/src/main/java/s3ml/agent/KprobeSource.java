package s3ml.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Return probes on the mainline driver's `sgx_encl_ewb` and `sgx_encl_eldu`, through tracefs.
///
/// The mainline driver has no counters. A histogram trigger counts returns by value, so that only successful ones
/// count; where the kernel has no histograms, the profile's hits serve, which include retries. The functions may be
/// inlined in a given kernel: then installing fails, and there is no such source.
///
/// @param tracing the tracefs folder
record KprobeSource(Path tracing) implements PagingSource {
    private static final String GROUP = "s3ml";
    private static final String LOAD = "epc_eldu";
    private static final String EVICT = "epc_ewb";
    /// `{ ret:          0 } hitcount:      12345`
    private static final Pattern SUCCESSES =
            Pattern.compile("\\{ ret:\\s+0 (?:\\[[^]]*\\] )?}\\s+hitcount:\\s+(\\d{1,18})");

    @Override
    public String name() {
        return "kprobe";
    }

    @Override
    public int bits() {
        return 64;
    }

    /// Installs the probes and their triggers; takes root. Probes that are there already are left alone.
    ///
    /// @throws IOException when tracefs cannot be written, or the kernel does not know the functions
    void install() throws IOException {
        Path events = tracing.resolve("kprobe_events");
        String present = Texts.read(events).orElse("");
        for (String[] probe : List.of(new String[] {LOAD, "sgx_encl_eldu"}, new String[] {EVICT, "sgx_encl_ewb"})) {
            if (!present.contains(GROUP + "/" + probe[0] + " ")) {
                append(events, "r:" + GROUP + "/" + probe[0] + " " + probe[1] + " ret=$retval:s32\n");
            }
            Path event = tracing.resolve("events").resolve(GROUP).resolve(probe[0]);
            if (Files.exists(event.resolve("hist"))) {
                append(event.resolve("trigger"), "hist:keys=ret\n");
            } else {
                append(event.resolve("enable"), "1\n");
            }
        }
    }

    private static void append(Path file, String line) throws IOException {
        Files.writeString(file, line, StandardOpenOption.APPEND);
    }

    @Override
    public Optional<PagingCounters> read() {
        String profile = Texts.read(tracing.resolve("kprobe_profile")).orElse("");
        OptionalLong loaded = count(LOAD, profile);
        OptionalLong evicted = count(EVICT, profile);
        if (loaded.isEmpty() || evicted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PagingCounters(
                loaded.getAsLong(), evicted.getAsLong(), PagingCounters.UNKNOWN, PagingCounters.UNKNOWN));
    }

    private OptionalLong count(String probe, String profile) {
        Optional<String> histogram = Texts.read(
                tracing.resolve("events").resolve(GROUP).resolve(probe).resolve("hist"));
        return histogram.isPresent() && histogram.get().contains("hist:keys")
                ? successes(histogram.get())
                : hits(profile, probe);
    }

    /// Returns of 0 in a histogram; 0 when none has happened yet.
    static OptionalLong successes(String histogram) {
        Matcher matcher = SUCCESSES.matcher(histogram);
        return OptionalLong.of(matcher.find() ? Long.parseLong(matcher.group(1)) : 0);
    }

    /// A line of `kprobe_profile` is the event, its hits, and how many were missed.
    static OptionalLong hits(String profile, String probe) {
        for (String line : profile.split("\n", -1)) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length == 3 && fields[0].equals(probe)) {
                return Texts.number(fields[1]);
            }
        }
        return OptionalLong.empty();
    }
}
