package s3ml.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Collateral of another source, kept on disk and in memory until it expires.
///
/// Before it expires it is fetched anew; when that fails, the kept one is served as long as it is valid, and never
/// longer. Only collateral whose signatures verify is kept, so that a source cannot poison the folder; whether its root
/// is trusted is the appraisal's question. Thread-safe; several processes may share the folder.
public final class CachedCollateral implements CollateralSource {
    /// Intel issues anew each day and lets each piece live for thirty: a week leaves room for a long outage.
    public static final Duration REFRESH_BEFORE = Duration.ofDays(7);

    /// After a fetch that failed, the source is left alone for so long while the kept collateral is valid.
    static final Duration RETRY_AFTER = Duration.ofMinutes(5);

    private static final int MOST_IN_MEMORY = 64;

    private final CollateralSource source;
    private final Path folder;
    private final InstantSource clock;
    private final Duration refreshBefore;
    private final Map<String, KeptEntry> memory = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, KeptEntry> eldest) {
            return size() > MOST_IN_MEMORY;
        }
    };

    private record KeptEntry(Collateral collateral, Instant expires, Instant triedLast) {}

    /// Keeps what `source` returns in `folder`, which is made when it does not exist.
    public CachedCollateral(CollateralSource source, Path folder, InstantSource clock) {
        this(source, folder, clock, REFRESH_BEFORE);
    }

    CachedCollateral(CollateralSource source, Path folder, InstantSource clock, Duration refreshBefore) {
        this.source = source;
        this.folder = folder;
        this.clock = clock;
        this.refreshBefore = refreshBefore;
    }

    @Override
    public Collateral collateralFor(Quote quote) {
        String key = key(quote);
        Instant now = clock.instant();
        KeptEntry kept = kept(key, now);
        if (kept != null && (now.isBefore(kept.expires.minus(refreshBefore)) || justTried(kept, now))) {
            return kept.collateral;
        }
        try {
            Collateral fresh = source.collateralFor(quote);
            Instant expires = expiry(fresh);
            if (expires != null && now.isBefore(expires)) {
                store(key, fresh);
                remember(key, new KeptEntry(fresh, expires, now));
            }
            return fresh;
        } catch (S3mlException e) {
            if (kept == null) {
                throw e;
            }
            remember(key, new KeptEntry(kept.collateral, kept.expires, now));
            return kept.collateral;
        }
    }

    private static boolean justTried(KeptEntry kept, Instant now) {
        return kept.triedLast.isAfter(Instant.EPOCH) && now.isBefore(kept.triedLast.plus(RETRY_AFTER));
    }

    /// The kept collateral if it is still valid. What has expired is never returned, whatever the source does.
    private @Nullable KeptEntry kept(String key, Instant now) {
        KeptEntry entry;
        synchronized (memory) {
            entry = memory.get(key);
        }
        if (entry == null) {
            entry = load(key);
        }
        return entry == null || now.isAfter(entry.expires) ? null : entry;
    }

    private @Nullable KeptEntry load(String key) {
        Path file = folder.resolve(key + ".json");
        try {
            if (!Files.exists(file) || Files.size(file) > 4L * Collateral.LARGEST_PIECE) {
                return null;
            }
            Collateral collateral = Collateral.parse(Files.readString(file, StandardCharsets.UTF_8));
            Instant expires = expiry(collateral);
            if (expires == null) {
                return null;
            }
            KeptEntry entry = new KeptEntry(collateral, expires, Instant.EPOCH);
            remember(key, entry);
            return entry;
        } catch (IOException | S3mlException e) {
            // A damaged file is no collateral; the source is asked again and writes it anew.
            return null;
        }
    }

    private void remember(String key, KeptEntry entry) {
        synchronized (memory) {
            memory.put(key, entry);
        }
    }

    private void store(String key, Collateral collateral) {
        try {
            Files.createDirectories(folder);
            Path temporary = Files.createTempFile(folder, key, ".new");
            Files.writeString(temporary, collateral.toJson(), StandardCharsets.UTF_8);
            Files.move(
                    temporary,
                    folder.resolve(key + ".json"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new S3mlException(
                    "ATT-305",
                    "could not keep the collateral",
                    folder + ": " + e,
                    "give the cache a folder that can be written",
                    e);
        }
    }

    /// When the first piece expires; null when it is not what its signatures say.
    private static @Nullable Instant expiry(Collateral collateral) {
        try {
            long first = Long.MAX_VALUE;
            for (Window window :
                    VerifiedCollateral.of(collateral, new Ecdsa(null)).windows()) {
                first = Math.min(first, window.to());
            }
            return Instant.ofEpochSecond(first);
        } catch (Refusal e) {
            return null;
        }
    }

    /// Quotes of one kind of platform share collateral; quotes that name only a platform have their own.
    private static String key(Quote quote) {
        ByteView data = quote.signature().certData();
        if (quote.certificationDataType() == 5) {
            try {
                PkiCertificate leaf = Pem.certificates(data.array(), data.from(), data.from() + data.length())
                        .getFirst();
                String authority = Digest.of(leaf.issuer().copy()).hex().substring(0, 16);
                ByteView fmspc = ByteView.of(PckExtension.of(leaf).platform().fmspc());
                return quote.teeType() + "-" + fmspc.hex() + "-" + authority;
            } catch (Malformed | java.util.NoSuchElementException e) {
                return quote.teeType() + "-" + Digest.of(data.copy()).hex();
            }
        }
        return quote.teeType() + "-" + Digest.of(data.copy()).hex();
    }
}
