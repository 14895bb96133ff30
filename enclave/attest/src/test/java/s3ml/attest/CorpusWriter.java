package s3ml.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;

/// Writes the corpus anew: one valid input of each kind. Its arguments are the folder, and nothing else.
final class CorpusWriter {
    private CorpusWriter() {}

    public static void main(String[] arguments) throws IOException, Malformed {
        Path folder = Path.of(arguments[0]);
        TestPlatform platform = new TestPlatform();
        KeyPair keys = TestPki.keys();
        byte[] claims = RaTlsEvidence.claimsFor(keys.getPublic().getEncoded(), new byte[] {1, 2, 3});
        ReportData data = ReportData.ofDigest(Digest.of(claims));
        byte[] sgx = platform.sgxQuote(data);
        Collateral collateral = platform.collateral(TeeType.SGX);
        Policy policy = platform.policy(TestPlatform.codeRule(), ",\"tcbStatuses\":[\"UpToDate\"],\"allowSmt\":true");
        String chain = platform.chain();
        Verdict verdict = new Appraiser(null).appraise(sgx, collateral, policy, TestPlatform.AT);
        write(folder, "quote/sgx-v3.bin", sgx);
        write(folder, "quote/tdx-v4.bin", platform.tdxQuote(data));
        write(
                folder,
                "certificate/pck.der",
                Pem.blocks(text(chain), 0, chain.length(), "CERTIFICATE").getFirst());
        write(
                folder,
                "certificate/root.der",
                Pem.blocks(text(chain), 0, chain.length(), "CERTIFICATE").getLast());
        write(folder, "crl/root.der", collateral.crls().rootCrl());
        write(
                folder,
                "crl/pck.der",
                platform.documents()
                        .revokingTheLeaf()
                        .collateral(TeeType.SGX)
                        .crls()
                        .pckCrl());
        write(folder, "tcbinfo/sgx.json", text(collateral.tcbInfo().text()));
        write(
                folder,
                "tcbinfo/tdx.json",
                text(platform.collateral(TeeType.TDX).tcbInfo().text()));
        write(folder, "ratlsextension/tagged.cbor", RaTlsEvidence.extension(sgx, claims));
        write(folder, "cbor/claims.cbor", claims);
        write(
                folder,
                "ear/trusted.jwt",
                text(new EarIssuer(keys.getPrivate(), "corpus", "1", Duration.ofHours(1))
                        .issue(verdict, policy, "nonce", TestPlatform.AT)));
        write(folder, "bundle/sgx.json", text(new EvidenceBundle(sgx, collateral, policy, TestPlatform.AT).toJson()));
        write(folder, "policy/rules.json", text(policy.json()));
    }

    private static byte[] text(String content) {
        return content.getBytes(StandardCharsets.UTF_8);
    }

    private static void write(Path folder, String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}
