/// Looks at a host before it serves, and says what is wrong with it and what to do.
///
/// Entry type: [s3ml.agent.doctor.DoctorMain] (`s3ml doctor`). Trust: none; it runs on the operator's side, reads what
/// the kernel shows, and proves nothing to anybody. A host that it finds fit still has to prove what it runs.
@NullMarked
package s3ml.agent.doctor;

import org.jspecify.annotations.NullMarked;
