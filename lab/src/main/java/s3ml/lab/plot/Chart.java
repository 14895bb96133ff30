package s3ml.lab.plot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/// A chart with axes, a legend and a title, which begins at zero.
///
/// @param title above it
/// @param xLabel below it
/// @param yLabel beside it
/// @param categories of a bar chart; empty for a line chart
/// @param series what is drawn, at least one
public record Chart(String title, String xLabel, String yLabel, List<String> categories, List<Series> series) {
    private static final int LEAST_WIDTH = 760;
    /// What the longest word below a group of bars takes.
    private static final int GROUP_WIDTH = 72;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 60;
    private static final int LOW = 75;
    private static final int TICKS = 5;
    private static final int BLACK = 0;
    private static final int GREY = 0xdddddd;
    /// Told apart by eyes of all kinds.
    private static final int[] COLOURS = {0x0072b2, 0xe69f00, 0x009e73, 0xd55e00, 0xcc79a7, 0x56b4e9, 0x666666};

    public Chart {
        categories = List.copyOf(categories);
        series = List.copyOf(series);
        if (series.isEmpty()) {
            throw new IllegalArgumentException("no series");
        }
    }

    /// A chart of lines and points.
    public static Chart lines(String title, String xLabel, String yLabel, List<Series> series) {
        return new Chart(title, xLabel, yLabel, List.of(), series);
    }

    /// A chart of bars, one group per category.
    public static Chart bars(String title, String yLabel, List<String> categories, List<Series> series) {
        return new Chart(title, "", yLabel, categories, series);
    }

    /// The chart as SVG.
    public String svg() {
        SvgCanvas canvas = new SvgCanvas(width(), HEIGHT);
        draw(canvas);
        return canvas.text();
    }

    /// Writes NAME.svg and NAME.png.
    public void write(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".svg"), svg(), StandardCharsets.UTF_8);
        PixelCanvas pixels = new PixelCanvas(width(), HEIGHT);
        draw(pixels);
        ImageIO.write(pixels.image(), "png", folder.resolve(name + ".png").toFile());
    }

    private int width() {
        return Math.max(LEAST_WIDTH, LEFT + RIGHT + GROUP_WIDTH * categories.size());
    }

    private void draw(Canvas canvas) {
        canvas.text(width() / 2.0, 20, title, 15, 0);
        double most = rounded(series.stream()
                .flatMapToDouble(s -> java.util.Arrays.stream(s.y()))
                .filter(Double::isFinite)
                .max()
                .orElse(1));
        for (int tick = 0; tick <= TICKS; tick++) {
            double y = y(most * tick / TICKS, most);
            canvas.line(LEFT, y, width() - RIGHT, y, tick == 0 ? BLACK : GREY, 1);
            canvas.text(LEFT - 6, y + 4, number(most * tick / TICKS), 11, 1);
        }
        canvas.upright(16, TOP + (HEIGHT - TOP - LOW) / 2.0, yLabel, 12);
        canvas.text(LEFT + (width() - LEFT - RIGHT) / 2.0, HEIGHT - 12, xLabel, 12, 0);
        if (categories.isEmpty()) {
            drawLines(canvas, most);
        } else {
            drawBars(canvas, most);
        }
        double x = LEFT;
        for (int s = 0; s < series.size(); s++) {
            canvas.box(x, 33, 12, 12, COLOURS[s % COLOURS.length]);
            canvas.text(x + 16, 43, series.get(s).name(), 12, -1);
            x += 30 + 7.2 * series.get(s).name().length();
        }
    }

    private void drawLines(Canvas canvas, double most) {
        double right = rounded(series.stream()
                .flatMapToDouble(s -> java.util.Arrays.stream(s.x()))
                .max()
                .orElse(1));
        for (int tick = 0; tick <= TICKS; tick++) {
            double x = x(right * tick / TICKS, right);
            canvas.line(x, HEIGHT - LOW, x, HEIGHT - LOW + 4, BLACK, 1);
            canvas.text(x, HEIGHT - LOW + 18, number(right * tick / TICKS), 11, 0);
        }
        for (int s = 0; s < series.size(); s++) {
            Series one = series.get(s);
            double[] xs = one.x();
            double[] ys = one.y();
            int colour = COLOURS[s % COLOURS.length];
            for (int i = 0; i < xs.length; i++) {
                if (Double.isFinite(ys[i])) {
                    canvas.dot(x(xs[i], right), y(ys[i], most), 3, colour);
                    if (i > 0 && one.drawn() == Series.Drawn.LINE && Double.isFinite(ys[i - 1])) {
                        canvas.line(
                                x(xs[i - 1], right), y(ys[i - 1], most), x(xs[i], right), y(ys[i], most), colour, 1.5);
                    }
                }
            }
        }
    }

    private void drawBars(Canvas canvas, double most) {
        double group = (double) (width() - LEFT - RIGHT) / categories.size();
        double bar = 0.8 * group / series.size();
        for (int c = 0; c < categories.size(); c++) {
            double from = LEFT + c * group + 0.1 * group;
            for (int s = 0; s < series.size(); s++) {
                double value = series.get(s).y()[c];
                if (Double.isFinite(value)) {
                    double top = y(value, most);
                    canvas.box(from + s * bar, top, bar - 1, HEIGHT - LOW - top, COLOURS[s % COLOURS.length]);
                }
            }
            String[] words = categories.get(c).split("-", -1);
            for (int w = 0; w < words.length; w++) {
                canvas.text(LEFT + (c + 0.5) * group, HEIGHT - LOW + 15 + 12 * w, words[w], 10, 0);
            }
        }
    }

    private double x(double value, double most) {
        return LEFT + (width() - LEFT - RIGHT) * value / most;
    }

    private static double y(double value, double most) {
        return HEIGHT - LOW - (HEIGHT - TOP - LOW) * value / most;
    }

    /// The next of 1, 2, 2.5, 4, 5, 8 times a power of ten.
    static double rounded(double most) {
        if (!(most > 0) || !Double.isFinite(most)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(most)));
        for (double step : new double[] {1, 1.2, 1.5, 2, 2.5, 4, 5, 8}) {
            if (step * power >= most) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String number(double value) {
        String text = value >= 100
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
        return text.endsWith(".0") || text.endsWith(".00") ? text.substring(0, text.indexOf('.')) : text;
    }
}
