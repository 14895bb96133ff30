package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import s3ml.attest.json.JsonArray;

/// Every case of the vectors, against what Intel's library says of it.
final class VectorsTest {
    private final Appraiser appraiser = new Appraiser(TestProvider.fastest());

    @TestFactory
    Stream<DynamicTest> never_laxer_than_Intel_equal_where_both_accept_and_stricter_only_as_listed() {
        Optional<Path> folder = Vectors.folder();
        assumeTrue(folder.isPresent(), "left out: no vectors; name their folder by S3ML_VECTORS");
        return Vectors.cases(folder.get()).stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> judge(each)));
    }

    private void judge(Vectors.Case each) {
        Examination ours = each.evidence().examinedBy(appraiser);

        if (!each.intel().bool("ok")) {
            assertThat(ours.claims()).as("accepted what Intel rejects").isEmpty();
        } else if (ours.claims().isPresent()) {
            Claims claims = ours.claims().get();
            assertThat(claims.tcbStatus().text()).isEqualTo(each.intel().string("status"));
            List<String> advisories = each.intel()
                    .optionalArray("advisoryIds")
                    .map(JsonArray::strings)
                    .orElse(List.of());
            assertThat(claims.advisoryIds()).containsExactlyInAnyOrderElementsOf(advisories);
        } else {
            assertThat(ours.findings())
                    .allSatisfy(finding -> assertThat(Stream.of(Check.values())
                                    .filter(check -> check.code().equals(finding.code()))
                                    .findFirst()
                                    .flatMap(Check::stricterThanIntel))
                            .as(finding.toString())
                            .isPresent());
        }
    }
}
