package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/// One version of what is served: the measured image and the encrypted packages that it opens.
public record ModelVersion(
        @Required
        @Pattern("^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$")
        @JsonPropertyDescription("name of this version, part of its Deployment's name: v1")
        String name,

        @Required
        @Pattern("^\\S+$")
        @JsonPropertyDescription(
                "image of the model server; its measurement must be allowed by the service's policy in the AECS")
        String image,

        @Required
        @Pattern("^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$")
        @JsonPropertyDescription("PersistentVolumeClaim that holds the model packages; mounted read-only")
        String packages,

        @Pattern("^[^/.][^:]*$")
        @JsonPropertyDescription("folder in that volume; the volume's root when absent")
        @org.jspecify.annotations.Nullable
        String folder) {}
