package s3ml.server.repository;

import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Which versions of a model are loaded, of those that keys were released for.
public sealed interface VersionPolicy {
    /// Numbers by value, other texts after them by their characters.
    Comparator<String> ORDER = Comparator.comparing((String version) -> !isNumber(version))
            .thenComparingInt(
                    version -> isNumber(version) ? significant(version).length() : 0)
            .thenComparing(version -> isNumber(version) ? significant(version) : version);

    /// The newest `count` versions, `count` > 0.
    record Latest(int count) implements VersionPolicy {
        public Latest {
            if (count < 1) {
                throw new IllegalArgumentException("latest must be at least 1");
            }
        }
    }

    /// Every version.
    record All() implements VersionPolicy {}

    /// These versions, as far as they are there.
    record Specific(Set<String> versions) implements VersionPolicy {
        public Specific {
            versions = Set.copyOf(versions);
        }
    }

    /// The versions to load of those that are there.
    default List<String> choose(List<String> released) {
        List<String> sorted = released.stream().sorted(ORDER).toList();
        return switch (this) {
            case All ignored -> sorted;
            case Latest latest -> sorted.subList(Math.max(0, sorted.size() - latest.count()), sorted.size());
            case Specific specific ->
                sorted.stream().filter(specific.versions()::contains).toList();
        };
    }

    private static boolean isNumber(String version) {
        return !version.isEmpty() && version.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String significant(String number) {
        return number.replaceFirst("^0+(?=.)", "");
    }
}
