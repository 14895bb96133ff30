/// One report of all experiments on paging: Markdown and HTML with plots inside, each figure with the command and the
/// seed that made it.
///
/// Entry type: [s3ml.lab.report.ReportCommand]. A claim that fails is told as such, with its figure.
@NullMarked
package s3ml.lab.report;

import org.jspecify.annotations.NullMarked;
