/// What the chart renders, by the real Helm, against the programs that it starts.
@NullMarked
package s3ml.lab.chart;

import org.jspecify.annotations.NullMarked;
