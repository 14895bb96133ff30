package s3ml.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import s3ml.policy.FleetException;

/// Where a console's token comes from: a file that only its owner may read, made at the first start.
public final class TokenFile {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private TokenFile() {}

    /// The token of the file, which is made if it is not there; without a file a new one.
    ///
    /// @throws FleetException `CON-103` for a file that cannot be used or that others may read
    public static String token(Optional<Path> file, SecureRandom random) {
        return file.map(path -> readOrCreate(path, random)).orElseGet(() -> Token.generate(random));
    }

    private static String readOrCreate(Path file, SecureRandom random) {
        try {
            if (!Files.exists(file)) {
                create(file, Token.generate(random));
            }
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                throw refused(file, "others than its owner may read or write it", "chmod 600 " + file);
            }
            String token = Files.readString(file).strip();
            if (token.length() < Token.SHORTEST) {
                throw refused(
                        file,
                        "its token has " + token.length() + " characters, fewer than " + Token.SHORTEST,
                        "remove the file: a new one is made");
            }
            return token;
        } catch (IOException unreadable) {
            throw refused(file, String.valueOf(unreadable.getMessage()), "name a file that can be read or made");
        }
    }

    private static void create(Path file, String token) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, token + "\n", StandardOpenOption.WRITE);
    }

    private static FleetException refused(Path file, String why, String next) {
        return new FleetException("CON-103", "cannot use the token file " + file, why, next);
    }
}
