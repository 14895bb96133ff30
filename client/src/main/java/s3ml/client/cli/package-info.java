/// The owners' command line: data owners attest a service and ask it, model owners pack models and rule their service.
///
/// Entry type: [S3mlClient]. People's text goes to stderr; with `--json` a command prints one JSON document to stdout
/// and nothing else. Exit status 0: done; 1: failed; 2: refused, or wrong usage.
///
/// Trust: files on the owner's machine are his own; what comes from the network is judged by `s3ml.protocol` and
/// `s3ml.client` before a command sees it.
@NullMarked
package s3ml.client.cli;

import org.jspecify.annotations.NullMarked;
