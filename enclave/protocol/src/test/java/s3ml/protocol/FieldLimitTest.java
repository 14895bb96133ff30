package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import org.junit.jupiter.api.Test;
import s3ml.wire.aecs.CoSignature;
import s3ml.wire.aecs.SignedCommand;

final class FieldLimitTest {
    private static void check(SignedCommand message) throws InvalidProtocolBufferException {
        FieldLimit.check(SignedCommand.getDescriptor(), message.toByteString());
    }

    private static UnknownFieldSet unknown(int fields) {
        UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
        for (int i = 0; i < fields; i++) {
            unknown.mergeVarintField(1000 + i, 0);
        }
        return unknown.build();
    }

    @Test
    void a_long_message_of_few_fields_passes() {
        SignedCommand command = SignedCommand.newBuilder()
                .setCommand(ByteString.copyFrom(new byte[1_000_000]))
                .addCoSignatures(CoSignature.getDefaultInstance())
                .build();

        assertThatCode(() -> check(command)).doesNotThrowAnyException();
    }

    @Test
    void fields_that_nobody_knows_count_at_each_level() {
        SignedCommand few =
                SignedCommand.newBuilder().setUnknownFields(unknown(2_000)).build();
        SignedCommand many =
                SignedCommand.newBuilder().setUnknownFields(unknown(2_001)).build();
        SignedCommand within = SignedCommand.newBuilder()
                .addCoSignatures(CoSignature.newBuilder().setUnknownFields(unknown(2_000)))
                .build();

        assertThatCode(() -> check(few)).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(many)).hasMessageContaining("2000 fields");
        assertThatThrownBy(() -> check(within)).hasMessageContaining("2000 fields");
    }

    @Test
    void empty_messages_count() {
        SignedCommand.Builder command = SignedCommand.newBuilder();
        for (int i = 0; i < 2_001; i++) {
            command.addCoSignatures(CoSignature.getDefaultInstance());
        }

        assertThatThrownBy(() -> check(command.build())).hasMessageContaining("2000 fields");
    }

    @Test
    void groups_hide_nothing() {
        UnknownFieldSet group = UnknownFieldSet.newBuilder()
                .addField(
                        77,
                        UnknownFieldSet.Field.newBuilder().addGroup(unknown(3)).build())
                .build();

        assertThatThrownBy(() ->
                        check(SignedCommand.newBuilder().setUnknownFields(group).build()))
                .hasMessageContaining("group");
    }

    @Test
    void what_is_no_message_is_refused() {
        assertThatThrownBy(() ->
                        FieldLimit.check(SignedCommand.getDescriptor(), ByteString.copyFrom(new byte[] {0x22, 100, 1})))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }
}
