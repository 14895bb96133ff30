package s3ml.lab.options;

/// How figures are told.
public final class Rounded {
    private Rounded() {}

    /// To a thousandth: more digits say nothing.
    public static double thousandth(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
