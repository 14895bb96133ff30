package s3ml.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Asks Gramine for quotes and sealing keys, by the pseudo-files under `/dev/attestation`.
/// Unverified on hardware until someone ran it there.
public final class GramineIssuer implements EvidenceIssuer, SealingKeys {
    /// Where Gramine shows the files.
    public static final Path FOLDER = Path.of("/dev/attestation");

    private static final int SGX_KEY_BYTES = 16;

    private final Path folder;

    GramineIssuer(Path folder) {
        this.folder = folder;
    }

    /// Whether Gramine runs this process in an enclave with DCAP attestation.
    static boolean present(Path folder) {
        Path type = folder.resolve("attestation_type");
        try {
            return Files.exists(type)
                    && Files.readString(type, StandardCharsets.US_ASCII).strip().equals("dcap");
        } catch (IOException e) {
            return false;
        }
    }

    /// One at a time: the report data and the quote are two files of the whole process.
    @Override
    public synchronized byte[] issue(ReportData reportData) {
        try {
            Files.write(folder.resolve("user_report_data"), reportData.bytes());
            return IssuedQuote.checked(Files.readAllBytes(folder.resolve("quote")), reportData, name());
        } catch (IOException e) {
            throw IssuedQuote.failed(name(), folder + ": " + e, e);
        }
    }

    @Override
    public SecretBytes derive(SealTo to, byte[] context) {
        String key = switch (to) {
            case ENCLAVE -> "_sgx_mrenclave";
            case SIGNER -> "_sgx_mrsigner";
        };
        Path file = folder.resolve("keys").resolve(key);
        try (SecretBytes root = SecretBytes.takeOver(Files.readAllBytes(file))) {
            if (root.length() != SGX_KEY_BYTES) {
                throw IssuedQuote.failed(name(), file + " holds " + root.length() + " bytes, not 16", null);
            }
            return SealingKeyDerivation.derive(root, to, context);
        } catch (IOException e) {
            throw IssuedQuote.failed(name(), file + ": " + e, e);
        }
    }

    @Override
    public String name() {
        return "gramine";
    }

    @Override
    public boolean simulated() {
        return false;
    }
}
