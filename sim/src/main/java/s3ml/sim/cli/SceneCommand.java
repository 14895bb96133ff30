package s3ml.sim.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;

/// `s3ml sim scene`: a picture for trials, the one that the quickstart sends.
@Command(
        name = "scene",
        description =
                "Draw the quickstart's scene, a cube and a ball, into a PNG file: something for `s3ml infer --image`.",
        mixinStandardHelpOptions = true)
final class SceneCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the PNG file to write")
    private Path file = Path.of("");

    private SceneCommand() {}

    @Override
    public Integer call() throws IOException {
        Pictures.writePng(SceneDrawing.draw(), file);
        return 0;
    }
}
