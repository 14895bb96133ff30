package s3ml.attest;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Changes bytes in the ways in which evidence is forged or damaged, by a seed.
final class Mutations {
    private final SplittableRandom random;

    Mutations(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// One bit within a range.
    byte[] flip(byte[] original, int from, int to) {
        byte[] mutant = original.clone();
        mutant[random.nextInt(from, to)] ^= (byte) (1 << random.nextInt(8));
        return mutant;
    }

    /// Some neighbouring bytes within a range, by others.
    byte[] overwrite(byte[] original, int from, int to) {
        byte[] mutant = original.clone();
        int start = random.nextInt(from, to);
        int end = Math.min(to, start + random.nextInt(1, 9));
        for (int i = start; i < end; i++) {
            mutant[i] = (byte) random.nextInt();
        }
        return mutant;
    }

    /// All from some place on is missing.
    byte[] cut(byte[] original, int from, int to) {
        return Arrays.copyOf(original, random.nextInt(from, to));
    }

    /// Some bytes are missing.
    byte[] remove(byte[] original, int from, int to) {
        int start = random.nextInt(from, to);
        int count = random.nextInt(1, Math.min(33, original.length - start + 1));
        return TestPlatform.concat(
                Arrays.copyOf(original, start), Arrays.copyOfRange(original, start + count, original.length));
    }

    /// Some bytes are there twice.
    byte[] repeat(byte[] original, int from, int to) {
        int start = random.nextInt(from, to);
        int count = random.nextInt(1, Math.min(33, original.length - start + 1));
        return TestPlatform.concat(
                Arrays.copyOf(original, start + count), Arrays.copyOfRange(original, start, original.length));
    }

    /// The start of one and the end of another.
    byte[] splice(byte[] one, byte[] other, int from, int to) {
        int at = random.nextInt(from, to);
        return TestPlatform.concat(
                Arrays.copyOf(one, at), Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
    }

    byte[] any(byte[] original, int from, int to) {
        return switch (random.nextInt(5)) {
            case 0 -> flip(original, from, to);
            case 1 -> overwrite(original, from, to);
            case 2 -> cut(original, from, to);
            case 3 -> remove(original, from, to);
            default -> repeat(original, from, to);
        };
    }
}
