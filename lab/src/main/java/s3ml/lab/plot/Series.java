package s3ml.lab.plot;

/// One series of a chart.
///
/// @param name as in the legend
/// @param x places; ignored by bars, whose places are the categories
/// @param y values, as many as places
/// @param drawn how
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Series(String name, double[] x, double[] y, Drawn drawn) {
    /// How a series of a line chart is drawn.
    public enum Drawn {
        LINE,
        POINTS
    }

    public Series {
        if (x.length != y.length) {
            throw new IllegalArgumentException("x and y differ in length: " + x.length + ", " + y.length);
        }
        x = x.clone();
        y = y.clone();
    }

    public static Series line(String name, double[] x, double[] y) {
        return new Series(name, x, y, Drawn.LINE);
    }

    public static Series points(String name, double[] x, double[] y) {
        return new Series(name, x, y, Drawn.POINTS);
    }

    /// For a bar chart.
    public static Series bars(String name, double[] y) {
        return new Series(name, new double[y.length], y, Drawn.LINE);
    }

    @Override
    public double[] x() {
        return x.clone();
    }

    @Override
    public double[] y() {
        return y.clone();
    }
}
