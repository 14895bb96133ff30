/// Tests with real servers, agents, a control plane and Envoy on emulated hosts.
@org.jspecify.annotations.NullMarked
package s3ml.lab.emulated;
