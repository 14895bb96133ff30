/// Commands of the admins: signed, fresh, checked against the version the admin saw, and logged.
///
/// Entry type: [AdminDesk].
///
/// Trust: A command is anybody's until its signature, nonce and role are verified; what it carries (policies, sealed
/// keys) is then checked for form, because an admin can err too.
@NullMarked
package s3ml.aecs.admin;

import org.jspecify.annotations.NullMarked;
