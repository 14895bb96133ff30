package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import s3ml.operator.resource.Exposure;

/// Services, network policies and disruption budgets.
final class Network {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int DNS = 53;

    private Network() {}

    static ServicePort port(String name, int number) {
        return new ServicePortBuilder()
                .withName(name)
                .withPort(number)
                .withNewTargetPort(name)
                .withProtocol("TCP")
                .build();
    }

    /// A port of a Service that leads to another one of its Pods.
    static ServicePort port(String name, int number, int target) {
        return new ServicePortBuilder()
                .withName(name)
                .withPort(number)
                .withNewTargetPort(target)
                .withProtocol("TCP")
                .build();
    }

    /// An L4 service over the ready Pods.
    static Service service(HasMetadata owner, String key, String name, Exposure exposure, List<ServicePort> ports) {
        return serviceOver(Labels.meta(owner, key, name), Labels.selector(key, owner), exposure, ports);
    }

    /// An L4 service over the ready Pods with those labels.
    static Service serviceOver(
            ObjectMeta metadata, Map<String, String> selector, Exposure exposure, List<ServicePort> ports) {
        return new ServiceBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withType(exposure.serviceType())
                .withSelector(selector)
                .withPorts(ports)
                .endSpec()
                .build();
    }

    /// Drains take one Pod at a time.
    static PodDisruptionBudget disruptionBudget(HasMetadata owner, String key, String name) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(Labels.meta(owner, key, name))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                // A replica that cannot start must not keep a node from being drained.
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .withNewSelector()
                .withMatchLabels(Labels.selector(key, owner))
                .endSelector()
                .endSpec()
                .build();
    }

    /// In: only these ports. Out: names, and what `out` lists.
    static NetworkPolicy policy(
            HasMetadata owner, String key, String name, List<Integer> in, List<NetworkPolicyEgressRule> out) {
        List<NetworkPolicyEgressRule> all = new ArrayList<>(out);
        all.add(new NetworkPolicyEgressRuleBuilder()
                .withPorts(networkPort("UDP", DNS), networkPort("TCP", DNS))
                .build());
        return new NetworkPolicyBuilder()
                .withMetadata(Labels.meta(owner, key, name))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Labels.selector(key, owner))
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .addNewIngress()
                .withPorts(in.stream().map(number -> networkPort("TCP", number)).toList())
                .endIngress()
                .withEgress(all)
                .endSpec()
                .build();
    }

    /// Traffic to the Pods with these labels.
    static NetworkPolicyEgressRule toPods(Map<String, String> labels, int port) {
        return new NetworkPolicyEgressRuleBuilder()
                .withPorts(networkPort("TCP", port))
                .addNewTo()
                .withNewPodSelector()
                .withMatchLabels(labels)
                .endPodSelector()
                .endTo()
                .build();
    }

    /// Traffic to that port anywhere: an address outside the cluster cannot be named by labels.
    static NetworkPolicyEgressRule toPort(int port) {
        return new NetworkPolicyEgressRuleBuilder()
                .withPorts(networkPort("TCP", port))
                .build();
    }

    /// The port of an http or https address.
    static int portOf(String address) {
        URI uri = URI.create(address);
        if (uri.getPort() > 0) {
            return uri.getPort();
        }
        return "https".equals(uri.getScheme()) ? HTTPS : HTTP;
    }

    private static NetworkPolicyPort networkPort(String protocol, int number) {
        return new NetworkPolicyPortBuilder()
                .withProtocol(protocol)
                .withPort(new IntOrString(number))
                .build();
    }
}
