package s3ml.server.witness;

import s3ml.protocol.trace.SpanFile;
import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.RequestRefused;

/// Ends a span when the answer comes.
record SpannedAnswer(SpanFile.Span span, Answer answer) implements Answer {
    @Override
    public void succeed(InferenceResult result) {
        span.end();
        answer.succeed(result);
    }

    @Override
    public void refuse(RequestRefused refused) {
        span.end(refused.fault().code());
        answer.refuse(refused);
    }

    @Override
    public boolean abandoned() {
        return answer.abandoned();
    }
}
