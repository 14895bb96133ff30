package s3ml.attest;

/// The result of an appraisal: a value, so that nobody can forget to look at it.
public sealed interface Verdict permits Trusted, Rejected {}
