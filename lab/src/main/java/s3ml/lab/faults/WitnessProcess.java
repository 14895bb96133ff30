package s3ml.lab.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;
import s3ml.lab.emulated.Child;

/// A witness of logs (`s3ml log witness`) as a process of its own. Ends it when closed.
final class WitnessProcess implements AutoCloseable {
    private final Child child;

    private WitnessProcess(Child child) {
        this.child = child;
    }

    /// Starts one, or starts it again over what it remembers.
    ///
    /// @param state its folder; its log lies beside it
    static WitnessProcess start(Path state) {
        try {
            return new WitnessProcess(Child.java(
                    state.resolveSibling(state.getFileName() + ".log"),
                    S3mlClient.class.getName(),
                    "log",
                    "witness",
                    "--state=" + state,
                    "--admit-any"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How `aecs.json` names it.
    JsonObject named() {
        return JsonObject.builder()
                .put("address", "127.0.0.1:" + child.ready().number("port"))
                .put("publicKey", child.ready().string("publicKey"))
                .build();
    }

    @Override
    public void close() {
        child.close();
    }
}
