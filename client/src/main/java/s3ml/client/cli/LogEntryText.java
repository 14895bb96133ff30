package s3ml.client.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.HexFormat;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.LogEntry;

/// Entries of the transparency log, for people and as JSON.
///
/// Codes: `CLI-174` bytes that are no entry.
final class LogEntryText {
    private static final int SHORT = 16;

    private LogEntryText() {}

    static LogEntry parse(ByteString bytes) {
        try {
            return LogEntry.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new S3mlException(
                    "CLI-174", "cannot show the entry", "its bytes are no entry", "update this program", e);
        }
    }

    static String line(long index, LogEntry entry) {
        String measurement = hex(entry.getMeasurement());
        return "%8d  %s  %-14s  service %s  %s%s"
                .formatted(
                        index,
                        Instant.ofEpochMilli(entry.getAtUnixMillis()),
                        entry.getKind(),
                        entry.getServicePseudonym().isEmpty() ? "-" : hex(entry.getServicePseudonym()),
                        entry.getAction().isEmpty()
                                ? measurement.substring(0, Math.min(SHORT, measurement.length()))
                                : entry.getAction(),
                        entry.getSimulated() ? "  SIMULATED" : "");
    }

    static JsonObject json(LogEntry entry) {
        return JsonObject.builder()
                .put("kind", entry.getKind().name())
                .put("atUnixMillis", entry.getAtUnixMillis())
                .put("servicePseudonym", hex(entry.getServicePseudonym()))
                .put("leaseSha256", hex(entry.getLeaseSha256()))
                .put("measurement", hex(entry.getMeasurement()))
                .put("policyCommitment", hex(entry.getPolicyCommitment()))
                .put("policyEpoch", entry.getPolicyEpoch())
                .put("simulated", entry.getSimulated())
                .put("commandSha256", hex(entry.getCommandSha256()))
                .put("adminCommitment", hex(entry.getAdminCommitment()))
                .put("action", entry.getAction())
                .build();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
