package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Whose extended resources name the EPC of a node.
public enum DevicePlugin {
    /// `sgx.intel.com/epc` in bytes, with `sgx.intel.com/enclave` and `sgx.intel.com/provision` for the devices.
    @JsonProperty("Intel")
    INTEL,
    /// `alibabacloud.com/sgx_epc_MiB`, one device for each MiB.
    @JsonProperty("Alibaba")
    ALIBABA
}
