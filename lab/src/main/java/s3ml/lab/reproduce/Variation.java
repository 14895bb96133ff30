package s3ml.lab.reproduce;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The conditions of a build which its result must not depend on.
///
/// @param folder below the scratch folder, where the clone lies
/// @param user name of the user, as programs see it
/// @param umask as `umask` takes it
/// @param touched the date that all source files bear, as `touch -d` takes it
record Variation(String folder, String user, String timeZone, String locale, String umask, String touched) {
    static final List<Variation> ALL = List.of(
            new Variation("a", "alice", "UTC", "C.UTF-8", "022", "2026-11-24T12:00:00Z"),
            new Variation(
                    "b/a-folder-with-another-longer-name",
                    "bob",
                    "Asia/Kathmandu",
                    "tr_TR.UTF-8",
                    "077",
                    "2001-02-03T04:05:06Z"));

    /// Environment of every program of the build.
    ///
    /// @param locales a folder of compiled locales, besides those of the system
    Map<String, String> environment(Path locales) {
        return Map.of(
                "TZ",
                timeZone,
                "LC_ALL",
                locale,
                "LOCPATH",
                locales.toString(),
                "USER",
                user,
                "LOGNAME",
                user,
                "MAVEN_OPTS",
                String.join(" ", javaOptions()));
    }

    /// The same for a JVM, which asks the system's user data for some of it.
    List<String> javaOptions() {
        boolean turkish = locale.startsWith("tr");
        return List.of(
                "-Duser.name=" + user,
                "-Duser.timezone=" + timeZone,
                "-Duser.language=" + (turkish ? "tr" : "en"),
                "-Duser.country=" + (turkish ? "TR" : "US"));
    }

    /// In words.
    String told() {
        return "folder " + folder + ", user " + user + ", time zone " + timeZone + ", locale " + locale + ", umask "
                + umask + ", sources dated " + touched;
    }
}
