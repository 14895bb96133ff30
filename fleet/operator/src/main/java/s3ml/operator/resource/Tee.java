package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// Where a replica's enclave runs, and how much protected memory it asks of its node.
///
/// @param epc a quantity with a binary unit; absent only where there is no EPC (TDX)
@ValidationRule(
        value = "self.kind == 'TDX' || has(self.epc)",
        message =
                "epc is needed: without it the scheduler places more enclaves on a node than its EPC holds; name the working set, as in 90Mi")
@ValidationRule(
        value = "self.kind != 'TDX' || has(self.runtimeClass)",
        message =
                "runtimeClass is needed for TDX: it is what puts the Pod into a trust domain; name the class of your Kata installation")
public record Tee(
        @Required
        @JsonPropertyDescription(
                "SGX, TDX, or Simulated (no TEE: for trials only, refused by every policy that does not name its root)")
        TeeKind kind,

        @Default("Intel")
        @JsonPropertyDescription(
                "whose device plugin offers the EPC: Intel (sgx.intel.com/*) or Alibaba (alibabacloud.com/sgx_epc_MiB)")
        @Nullable
        DevicePlugin devicePlugin,

        @Pattern("^[1-9][0-9]*(Ki|Mi|Gi)$")
        @JsonPropertyDescription("protected memory of one replica: its working set, as in 90Mi")
        @Nullable
        String epc,

        @JsonPropertyDescription("runtime class of the Pods; needed for TDX") @Nullable
        String runtimeClass) {

    /// The device plugin, with the default that the API server fills in.
    public DevicePlugin plugin() {
        return devicePlugin == null ? DevicePlugin.INTEL : devicePlugin;
    }
}
