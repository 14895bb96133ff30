package s3ml.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.ServiceTrust;

/// What a data owner demands of a service before he sends it anything.
///
/// Codes: `CLI-110` a service that does not meet it, `CLI-111` a simulated one that was not asked for.
public final class ModelExpectation {
    private final String model;
    private final String version;
    private final Optional<Digest> modelDigest;
    private final Optional<Digest> policyDigest;
    private final boolean simulatedAccepted;

    private ModelExpectation(
            String model,
            String version,
            Optional<Digest> modelDigest,
            Optional<Digest> policyDigest,
            boolean simulatedAccepted) {
        this.model = model;
        this.version = version;
        this.modelDigest = modelDigest;
        this.policyDigest = policyDigest;
        this.simulatedAccepted = simulatedAccepted;
    }

    /// Any version of this model, under any policy, on real hardware.
    public static ModelExpectation of(String model) {
        return new ModelExpectation(model, "", Optional.empty(), Optional.empty(), false);
    }

    /// This version only.
    public ModelExpectation version(String demanded) {
        return new ModelExpectation(model, demanded, modelDigest, policyDigest, simulatedAccepted);
    }

    /// The model file must have this SHA-256.
    public ModelExpectation modelDigest(Digest demanded) {
        return new ModelExpectation(model, version, Optional.of(demanded), policyDigest, simulatedAccepted);
    }

    /// Keys must be released under exactly this policy, which the owner has read.
    public ModelExpectation policyDigest(Digest demanded) {
        return new ModelExpectation(model, version, modelDigest, Optional.of(demanded), simulatedAccepted);
    }

    /// Accepts a service that protects nothing, because a simulated platform can get its keys: for trying out.
    public ModelExpectation acceptSimulated() {
        return new ModelExpectation(model, version, modelDigest, policyDigest, true);
    }

    /// The model's name.
    public String model() {
        return model;
    }

    /// The version to ask for; empty: the server chooses.
    public String version() {
        return version;
    }

    /// Compares with what the attested AECS signed.
    ///
    /// @throws S3mlException `CLI-110` naming everything that differs, `CLI-111`
    public void check(ServiceTrust trust) {
        List<String> differences = differences(trust.models(), trust.policyDigest());
        if (!differences.isEmpty()) {
            throw new S3mlException(
                    "CLI-110",
                    "sent nothing to service \"" + trust.service() + "\"",
                    String.join("; ", differences),
                    "ask the model owner what changed, then state the new digest");
        }
        if (trust.simulated() && !simulatedAccepted) {
            throw new S3mlException(
                    "CLI-111",
                    "sent nothing to service \"" + trust.service() + "\"",
                    "its keys can be had on SIMULATED evidence, so it protects nothing",
                    "use a service on real hardware, or accept the simulation explicitly for trying out");
        }
    }

    /// What the service has other than demanded; empty if it is as expected.
    List<String> differences(List<ServiceTrust.ModelTrust> models, Digest actualPolicy) {
        List<String> differences = new ArrayList<>();
        List<ServiceTrust.ModelTrust> candidates = models.stream()
                .filter(candidate -> candidate.name().equals(model))
                .filter(candidate -> version.isEmpty() || candidate.version().equals(version))
                .toList();
        if (candidates.isEmpty()) {
            differences.add(
                    "it has no model \"" + model + "\"" + (version.isEmpty() ? "" : " in version \"" + version + "\""));
        }
        // Without a version the server may choose any of them, so each must be the expected one.
        for (ServiceTrust.ModelTrust candidate : candidates) {
            if (modelDigest.isPresent() && !modelDigest.get().equals(candidate.modelDigest())) {
                differences.add("model \"" + model + "\" version \"" + candidate.version() + "\" has SHA-256 "
                        + candidate.modelDigest().hex() + ", expected "
                        + modelDigest.get().hex());
            }
        }
        if (policyDigest.isPresent() && !policyDigest.get().equals(actualPolicy)) {
            differences.add("its policy has SHA-256 " + actualPolicy.hex() + ", expected "
                    + policyDigest.get().hex());
        }
        return differences;
    }
}
