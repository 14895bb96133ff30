package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The AECS's store. It is untrusted: what it holds is sealed, and a rollback or fork is detected by the AECS.
@ValidationRule(
        value = "self.kind != 'etcd' || (has(self.endpoints) && size(self.endpoints) > 0)",
        message =
                "endpoints are needed: the etcd that holds the sealed records is not part of this resource; name it, as in etcd:2379")
public record Store(
        @Required
        @JsonPropertyDescription("SQLite (one replica, a volume of its own) or etcd (a cluster that is there already)")
        StoreKind kind,

        @JsonPropertyDescription("HOST:PORT of each etcd member") @Nullable
        List<@Pattern("^[^\\s/:]+:[0-9]{1,5}$") String> endpoints,

        @Pattern("^[a-z0-9/-]{1,100}$")
        @JsonPropertyDescription("what every key in etcd begins with; NAMESPACE/NAME of the resource when absent")
        @Nullable
        String prefix) {}
