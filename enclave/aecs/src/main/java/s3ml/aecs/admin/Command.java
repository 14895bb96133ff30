package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.util.Set;
import s3ml.wire.aecs.AdminCommand;

/// A command whose signatures were verified.
///
/// @param command what is commanded
/// @param digest SHA-256 of its signed bytes
/// @param signers SubjectPublicKeyInfo of everybody who signed; the first signed as sender
record Command(AdminCommand command, ByteString digest, ByteString sender, Set<ByteString> signers) {
    Command {
        signers = Set.copyOf(signers);
    }

    long expectedVersion() {
        return command.getExpectedVersion();
    }

    String action() {
        return command.getActionCase().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
