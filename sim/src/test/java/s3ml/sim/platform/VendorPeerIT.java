package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// The same statements, judged by the verifier dcap-qvl, which others wrote in Rust. It lies in the folder that
/// `s3ml.components` names; without it the test is skipped.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class VendorPeerIT {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void the_verdicts_of_another_verifier_are_the_same_but_where_the_case_says_why() throws Exception {
        Path program = Path.of(System.getProperty("s3ml.components", "."), "dcap-qvl", "bin", "s3ml-peer-dcap-qvl");
        assumeTrue(Files.isExecutable(program), "left out: dcap-qvl was not built; it takes cargo and a C compiler");
        List<VendorCase> cases = VendorCase.all();

        List<JsonObject> theirs = judge(program, cases);

        List<String> unexplained = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            VendorCase each = cases.get(i);
            JsonObject answer = theirs.get(i);
            boolean accepted = answer.bool("ok");
            String they = accepted
                    ? VendorCase.text(
                            answer.string("status"),
                            answer.optionalArray("advisoryIds")
                                    .map(JsonArray::strings)
                                    .orElse(List.of()))
                    : VendorCase.REJECTED;
            boolean same = each.refused() ? !accepted : they.equals(each.verdict());
            if (same != each.peer().isEmpty()) {
                unexplained.add(each + ": we " + each.verdict() + ", they " + they + " "
                        + answer.optionalString("error").orElse(""));
            }
        }
        assertThat(unexplained).isEmpty();
    }

    private List<JsonObject> judge(Path program, List<VendorCase> cases) throws IOException, InterruptedException {
        Path lines = folder.resolve("cases");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            all.add(files(cases.get(i).vendor(), Files.createDirectory(folder.resolve("case" + i))));
        }
        Files.write(lines, all);
        Process process = new ProcessBuilder(program.toString(), "judge")
                .redirectInput(lines.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).isZero();
        return out.stream().map(Json::parseObject).toList();
    }

    private static String files(Vendor vendor, Path own) throws IOException {
        Path root = Files.write(own.resolve("root.der"), vendor.rootCertificate());
        Path quote = Files.write(own.resolve("quote.bin"), vendor.quote());
        Path collateral = Files.writeString(own.resolve("collateral.json"), vendor.collateralJson());
        return root + "\t" + quote + "\t" + collateral + "\t" + Vendor.AT.getEpochSecond();
    }
}
