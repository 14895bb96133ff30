package s3ml.client;

import java.security.cert.X509Certificate;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.ServiceTrust;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.protocol.receipt.TensorDigest;

/// Believes an answer only with a receipt that is right: signed by the service, about this question and this answer, by
/// a model that the attested AECS names.
///
/// Code: `CLI-128` a receipt for another model; and those of [InferenceReceipt].
record ReceiptCheck(List<X509Certificate> authorities, List<ServiceTrust.ModelTrust> models) {
    /// Believes no receipt: nothing is known of the service.
    static final ReceiptCheck NOBODY = new ReceiptCheck(List.of(), List.of());

    ReceiptCheck {
        authorities = List.copyOf(authorities);
        models = List.copyOf(models);
    }

    void check(Digest salt, InferenceRequest request, InferenceResponse response) {
        InferenceReceipt receipt = InferenceReceipt.verify(response.receipt(), authorities)
                .about(salt, digest(salt, request.inputs()), digest(salt, response.outputs()));
        InferenceReceipt.Model ran = receipt.model();
        boolean known = ran.name().equals(request.model())
                && models.stream()
                        .anyMatch(model -> model.name().equals(ran.name())
                                && model.version().equals(ran.version())
                                && model.modelDigest().equals(ran.digest()));
        if (!known) {
            throw new S3mlException(
                    "CLI-128",
                    "refused the answer of model \"" + request.model() + "\"",
                    "its receipt says that model \"" + ran.name() + "\" version \"" + ran.version() + "\" with SHA-256 "
                            + ran.digest().hex() + " ran, which the AECS does not name",
                    "fetch the service description again");
        }
    }

    private static Digest digest(Digest salt, List<Tensor> tensors) {
        TensorDigest digest = new TensorDigest(salt);
        for (Tensor tensor : tensors) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            digest.add(tensor.name(), tensor.datatype().name(), shape, tensor.data());
        }
        return digest.digest();
    }
}
