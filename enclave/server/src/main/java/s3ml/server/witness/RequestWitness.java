package s3ml.server.witness;

import s3ml.protocol.trace.SpanFile;
import s3ml.protocol.trace.TraceParent;
import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ServedModel;
import s3ml.server.repository.Serving;

/// Both witnesses, one after the other.
public record RequestWitness(ReceiptDesk receipts, SpanFile spans) implements Serving.Witness {
    @Override
    public Answer watch(ServedModel model, InferenceRequest request, Answer answer) {
        ModelName name = model.spec().name();
        Answer signed = request.terms()
                .receiptSalt()
                .map(salt -> receipts.watch(name, salt, request, answer))
                .orElse(answer);
        return request.terms()
                .trace()
                .filter(TraceParent::sampled)
                .<Answer>map(caller -> new SpannedAnswer(
                        spans.under(caller, "infer")
                                .with("s3ml.model", name.name())
                                .with("s3ml.version", name.version()),
                        signed))
                .orElse(signed);
    }
}
