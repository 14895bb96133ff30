package s3ml.server.tensor;

import java.util.Arrays;

/// Dimensions of a tensor, outermost first; -1 stands for a free dimension in a declared shape.
public final class Shape {
    /// TensorFlow Lite's own kernels stop at 8; a request with more is nonsense, however small.
    public static final int MAX_RANK = 16;

    private final int[] dims;

    private Shape(int[] dims) {
        this.dims = dims;
    }

    /// A shape of these dimensions.
    ///
    /// @throws IllegalArgumentException for more than [#MAX_RANK] dimensions or one below -1
    public static Shape of(int... dims) {
        if (dims.length > MAX_RANK) {
            throw new IllegalArgumentException("more than " + MAX_RANK + " dimensions");
        }
        for (int dim : dims) {
            if (dim < -1) {
                throw new IllegalArgumentException("dimension " + dim);
            }
        }
        return new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    public int dim(int index) {
        return dims[index];
    }

    /// A copy.
    public int[] dims() {
        return dims.clone();
    }

    /// Number of elements; 1 for a scalar, -1 when a dimension is free or the product leaves the `long` range.
    public long elements() {
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) {
                return -1;
            }
            if (dim == 0) {
                return 0;
            }
            if (product > Long.MAX_VALUE / dim) {
                return -1;
            }
            product *= dim;
        }
        return product;
    }

    /// The same with another outermost dimension.
    public Shape withBatch(int batch) {
        int[] copy = dims.clone();
        copy[0] = batch;
        return new Shape(copy);
    }

    /// Whether a concrete shape fits this declared one.
    public boolean admits(Shape concrete) {
        if (concrete.dims.length != dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] >= 0 && dims[i] != concrete.dims[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /// As in JSON: `[1,300,300,3]`.
    @Override
    public String toString() {
        return Arrays.toString(dims).replace(" ", "");
    }
}
