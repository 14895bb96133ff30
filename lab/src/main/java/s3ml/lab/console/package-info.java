/// The operator's console in a real browser: a headless Chromium, driven by the DevTools protocol, before a real
/// control plane that a synthetic fleet reports to.
///
/// Entry type: [s3ml.lab.console.ConsoleCommand] (`s3ml lab console`). Trust: none; experiments are never released.
@NullMarked
package s3ml.lab.console;

import org.jspecify.annotations.NullMarked;
