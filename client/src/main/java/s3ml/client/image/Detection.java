package s3ml.client.image;

/// One object that a model found.
///
/// @param label name of its class, or `class N` if no name is known
/// @param score 0 to 1
/// @param box where it is
public record Detection(String label, double score, Box box) {
    /// A rectangle in fractions of the picture's height and width, 0 to 1, origin top left.
    public record Box(double yMin, double xMin, double yMax, double xMax) {
        /// Whether the point, in the same fractions, lies inside.
        public boolean contains(double y, double x) {
            return y >= yMin && y <= yMax && x >= xMin && x <= xMax;
        }
    }
}
