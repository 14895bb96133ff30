package s3ml.server.rest;

import java.util.function.Consumer;
import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.RequestRefused;

/// Turns a model's answer into a reply, on the thread that ran the model.
record Answers(Writer writer, Caller caller, Consumer<RestReply> reply) implements Answer {
    /// How a result is written; differs by protocol.
    interface Writer {
        RestReply write(InferenceResult result);
    }

    /// The connection that waits.
    interface Caller {
        boolean gone();
    }

    @Override
    public void succeed(InferenceResult result) {
        RestReply written;
        try {
            written = writer.write(result);
        } catch (RequestRefused refused) {
            written = RestReply.refusal(refused);
        }
        reply.accept(written);
    }

    @Override
    public void refuse(RequestRefused refused) {
        reply.accept(RestReply.refusal(refused));
    }

    @Override
    public boolean abandoned() {
        return caller.gone();
    }
}
