package s3ml.client.image;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// Reading, scaling and annotating pictures.
///
/// Codes: `CLI-132` a file that is no readable picture, `CLI-133` a picture that cannot be written.
public final class Pictures {
    private static final float HALF_RANGE = 127.5f;
    private static final int CHANNELS = 3;
    /// A decoded picture takes 4 bytes a pixel: 40 million pixels are 160 MB.
    private static final long MAX_PIXELS = 40_000_000;

    private static final Color[] COLOURS = {
        new Color(220, 40, 40), new Color(30, 110, 220), new Color(20, 150, 70), new Color(200, 110, 0)
    };

    private Pictures() {}

    /// Reads a PNG, JPEG, GIF or BMP file.
    ///
    /// @throws S3mlException `CLI-132`
    public static BufferedImage read(Path file) {
        try (var input = ImageIO.createImageInputStream(Files.newInputStream(file))) {
            var readers = ImageIO.getImageReaders(input);
            if (!readers.hasNext()) {
                throw unreadable(file, "it is none of PNG, JPEG, GIF, BMP", null);
            }
            var reader = readers.next();
            try {
                reader.setInput(input);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MAX_PIXELS) {
                    throw unreadable(file, "it has " + pixels + " pixels, more than " + MAX_PIXELS, null);
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw unreadable(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static S3mlException unreadable(Path file, String why, @Nullable Throwable cause) {
        return new S3mlException("CLI-132", "cannot read the picture " + file, why, "give a PNG or JPEG file", cause);
    }

    /// Writes a PNG file.
    ///
    /// @throws S3mlException `CLI-133`
    public static void writePng(BufferedImage picture, Path file) {
        try {
            if (!ImageIO.write(picture, "png", file.toFile())) {
                throw new IOException("no PNG writer for this kind of picture");
            }
        } catch (IOException e) {
            throw new S3mlException(
                    "CLI-133",
                    "cannot write the picture " + file,
                    String.valueOf(e.getMessage()),
                    "check the folder",
                    e);
        }
    }

    /// Scales to `width` × `height` and maps each colour from 0..255 to [-1, 1]: rows, columns, then red, green, blue.
    public static float[] normalised(BufferedImage picture, int width, int height) {
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(picture, 0, 0, width, height, null);
        graphics.dispose();
        int[] pixels = scaled.getRGB(0, 0, width, height, null, 0, width);
        float[] values = new float[pixels.length * CHANNELS];
        for (int i = 0; i < pixels.length; i++) {
            values[CHANNELS * i] = normalised(pixels[i] >> 16);
            values[CHANNELS * i + 1] = normalised(pixels[i] >> 8);
            values[CHANNELS * i + 2] = normalised(pixels[i]);
        }
        return values;
    }

    private static float normalised(int colour) {
        return ((colour & 0xff) - HALF_RANGE) / HALF_RANGE;
    }

    /// A copy of the picture with a frame and a caption for each detection.
    public static BufferedImage annotated(BufferedImage picture, List<Detection> detections) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        BufferedImage copy = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = copy.createGraphics();
        graphics.drawImage(picture, 0, 0, null);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        float unit = Math.max(1f, Math.min(width, height) / 200f);
        graphics.setStroke(new BasicStroke(unit));
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.round(7 * unit)));
        for (int i = 0; i < detections.size(); i++) {
            annotate(graphics, detections.get(i), COLOURS[i % COLOURS.length], width, height);
        }
        graphics.dispose();
        return copy;
    }

    private static void annotate(Graphics2D graphics, Detection detection, Color colour, int width, int height) {
        Detection.Box box = detection.box();
        int left = (int) Math.round(box.xMin() * width);
        int top = (int) Math.round(box.yMin() * height);
        graphics.setColor(colour);
        graphics.drawRect(left, top, (int) Math.round((box.xMax() - box.xMin()) * width), (int)
                Math.round((box.yMax() - box.yMin()) * height));
        String caption = String.format(Locale.ROOT, "%s %.2f", detection.label(), detection.score());
        FontMetrics metrics = graphics.getFontMetrics();
        int captionTop = Math.max(0, top - metrics.getHeight());
        graphics.fillRect(
                left, captionTop, metrics.stringWidth(caption) + metrics.getHeight() / 2, metrics.getHeight());
        graphics.setColor(Color.WHITE);
        graphics.drawString(caption, left + metrics.getHeight() / 4, captionTop + metrics.getAscent());
    }
}
