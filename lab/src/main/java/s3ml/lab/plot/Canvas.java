package s3ml.lab.plot;

/// What a chart is drawn on. Lengths in pixels from the upper left corner; colours as 0xRRGGBB.
interface Canvas {
    void line(double x1, double y1, double x2, double y2, int colour, double width);

    void box(double x, double y, double width, double height, int colour);

    void dot(double x, double y, double radius, int colour);

    /// Writes a line of text.
    ///
    /// @param anchor where the point lies: -1 at the text's beginning, 0 in its middle, 1 at its end
    void text(double x, double y, String text, int size, int anchor);

    /// Writes a line of text that is read from below to above, with its middle at the point.
    void upright(double x, double y, String text, int size);
}
