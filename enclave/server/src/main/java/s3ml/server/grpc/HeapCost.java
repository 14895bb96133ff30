package s3ml.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import java.util.List;
import s3ml.wire.inference.InferTensorContents;
import s3ml.wire.inference.ModelInferRequest;

/// What an infer request without its raw contents takes of the heap once the protobuf library has read it, at most.
///
/// Few bytes can be much there: two an empty message of a hundred, one a number of eight. So fields are counted before
/// they are read.
final class HeapCost {
    /// An object with its place in a list or map, whatever it holds.
    private static final int OBJECT = 200;
    /// A list grows by copying itself, and its numbers are copied once more into the tensor.
    private static final int COPIES = 3;

    private HeapCost() {}

    /// @param parts of the message, one after the other; read to their ends
    /// @throws InvalidProtocolBufferException if they are no fields
    static long of(List<ByteBuf> parts) throws InvalidProtocolBufferException {
        long cost = 0;
        for (ByteBuf part : parts) {
            ByteBuf fields = part.duplicate();
            // The bytes themselves, in one piece.
            cost += fields.readableBytes();
            while (fields.isReadable()) {
                int tag = (int) Fields.varint(fields);
                ByteBuf field = Fields.next(fields, WireFormat.getTagWireType(tag));
                cost += OBJECT + field.readableBytes();
                if (WireFormat.getTagFieldNumber(tag) == ModelInferRequest.INPUTS_FIELD_NUMBER) {
                    cost += input(field);
                }
            }
        }
        return cost;
    }

    private static long input(ByteBuf fields) throws InvalidProtocolBufferException {
        long cost = 0;
        while (fields.isReadable()) {
            int tag = (int) Fields.varint(fields);
            ByteBuf field = Fields.next(fields, WireFormat.getTagWireType(tag));
            cost += OBJECT;
            cost += switch (WireFormat.getTagFieldNumber(tag)) {
                case ModelInferRequest.InferInputTensor.CONTENTS_FIELD_NUMBER -> contents(field);
                case ModelInferRequest.InferInputTensor.SHAPE_FIELD_NUMBER ->
                    (long) COPIES * Long.BYTES * field.readableBytes();
                default -> field.readableBytes();
            };
        }
        return cost;
    }

    private static long contents(ByteBuf fields) throws InvalidProtocolBufferException {
        long cost = 0;
        while (fields.isReadable()) {
            int tag = (int) Fields.varint(fields);
            int type = WireFormat.getTagWireType(tag);
            ByteBuf field = Fields.next(fields, type);
            long bytes = field.readableBytes();
            cost += switch (WireFormat.getTagFieldNumber(tag)) {
                case InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER -> OBJECT + 2 * bytes;
                // Packed: each byte may be a number. Alone: a number for each tag.
                case InferTensorContents.INT_CONTENTS_FIELD_NUMBER, InferTensorContents.UINT_CONTENTS_FIELD_NUMBER ->
                    COPIES * Integer.BYTES * Math.max(1, bytes);
                case InferTensorContents.INT64_CONTENTS_FIELD_NUMBER,
                        InferTensorContents.UINT64_CONTENTS_FIELD_NUMBER -> COPIES * Long.BYTES * Math.max(1, bytes);
                default -> COPIES * Math.max(Long.BYTES, bytes);
            };
        }
        return cost;
    }
}
