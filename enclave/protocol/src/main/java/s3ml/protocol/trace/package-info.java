/// Distributed traces, as far as parties tell each other of them: W3C Trace Context between them, a file of spans
/// beside each.
///
/// Entry types: [s3ml.protocol.trace.TraceParent], what travels; [s3ml.protocol.trace.CallTrace], the trace of the
/// present call; [s3ml.protocol.trace.SpanFile], what is recorded. Identifiers come from peers and are believed by
/// nobody: they join lines of logs, and decide nothing.
@NullMarked
package s3ml.protocol.trace;

import org.jspecify.annotations.NullMarked;
