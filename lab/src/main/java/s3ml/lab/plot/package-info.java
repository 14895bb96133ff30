/// Plots of the lab: lines and bars, as SVG for documents and as PNG for what shows none.
///
/// Entry type: [s3ml.lab.plot.Chart]. Pure: values in, text and pixels out.
@NullMarked
package s3ml.lab.plot;

import org.jspecify.annotations.NullMarked;
