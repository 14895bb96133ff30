/// The short report as CI runs it.
@org.jspecify.annotations.NullMarked
package s3ml.lab.report;
