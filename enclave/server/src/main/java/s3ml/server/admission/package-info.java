/// Decides which requests may send their bodies: reading what will be refused takes the time in which others could be
/// answered.
///
/// Entry: [s3ml.server.admission.WaitingLine]. It sees that a request came and nothing of it, so it trusts no caller to
/// send what it announced.
@NullMarked
package s3ml.server.admission;

import org.jspecify.annotations.NullMarked;
