package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/// Somebody outside of the cluster who remembers the newest log head: what makes a rolled-back store known at a start.
public record Witness(
        @Required @Pattern("^[^\\s/:]+:[0-9]{1,5}$") @JsonPropertyDescription("HOST:PORT of `s3ml log witness`")
        String address,

        @Required
        @Pattern("^[A-Za-z0-9+/]+=*$")
        @JsonPropertyDescription("its public key (Base64 of SubjectPublicKeyInfo), as the witness prints it")
        String publicKey) {}
