package s3ml.server.witness;

import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.ServedModel;
import s3ml.server.repository.Serving;

/// Both witnesses, one after the other.
public record RequestWitness(ReceiptDesk receipts, SpanFile spans) implements Serving.Witness {
    @Override
    public Answer watch(ServedModel model, InferenceRequest request, Answer answer) {
        Answer signed = request.terms()
                .receiptSalt()
                .map(salt -> receipts.watch(model.spec().name(), salt, request, answer))
                .orElse(answer);
        return request.terms()
                .trace()
                .map(trace -> spans.watch(model.spec().name(), trace, signed))
                .orElse(signed);
    }
}
