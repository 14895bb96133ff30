package s3ml.server.repository;

import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Which versions of a model are loaded, of those that keys were released for.
public sealed interface VersionPolicy {
    /// Numbers by value, other texts after them by their characters. Each request is looked up by it.
    Comparator<String> ORDER = VersionPolicy::compare;

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

    private static int compare(String one, String other) {
        int first = significantFrom(one);
        int second = significantFrom(other);
        if (first < 0 || second < 0) {
            return first < 0 && second < 0 ? one.compareTo(other) : Integer.compare(second, first);
        }
        int lengths = Integer.compare(one.length() - first, other.length() - second);
        return lengths != 0 ? lengths : one.substring(first).compareTo(other.substring(second));
    }

    /// Where a number's digits begin that count; -1 if it is no number.
    private static int significantFrom(String version) {
        int from = 0;
        for (int i = 0; i < version.length(); i++) {
            char digit = version.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            if (digit == '0' && i == from && i < version.length() - 1) {
                from++;
            }
        }
        return version.isEmpty() ? -1 : from;
    }
}
