/// Whole deployments on one machine, wired as an operator and the owners would wire them: the simulated platform, the
/// AECS, a service with its policy and models, and model servers, each a process of its own
/// ([s3ml.sim.deployment.Deployment]). The quickstart, the tests and the lab start their systems here.
///
/// It plays every party at once, so it holds every key: nothing here is a model for how keys are kept.
@NullMarked
package s3ml.sim.deployment;

import org.jspecify.annotations.NullMarked;
