package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// More than a hundred thousand mutants of evidence, by a fixed seed: none is accepted unless all of it is what valid
/// evidence says, none crashes the appraiser, and each is refused by a check that guards the changed place.
///
/// With the vectors at hand they are mutants of every vector; without, of this package's own platform.
final class MutantsTest {
    private static final long SEED = 20_261_124;
    private static final int ENOUGH = 100_000;
    /// Of each part of a vector that is accepted.
    private static final int OF_VALID = 24;
    /// Of each part of a vector that is refused as it is: its mutants mostly fail by the same fault.
    private static final int OF_REFUSED = 8;
    private static final int OF_OWN_BESIDE_VECTORS = 400;
    private static final int OF_OWN_ALONE = 2_800;

    /// What keeps verified material gives the same verdicts as what keeps nothing ([KeptMaterialTest]), ten times as
    /// fast.
    private final Appraiser appraiser = new Appraiser(TestProvider.fastest(), Keep.PLATFORMS);

    private int mutants;

    @Test
    void mutants_of_our_own_platforms_evidence_are_refused_by_the_check_of_the_changed_place() {
        boolean alone = Vectors.folder().isEmpty();
        List<EvidenceCase> cases = new TestPlatform().cases();
        List<EvidenceCase> donors = new ArrayList<>(cases);
        donors.addAll(new TestPlatform().cases());

        judge(cases, donors, alone ? OF_OWN_ALONE : OF_OWN_BESIDE_VECTORS);

        assertThat(mutants).isGreaterThan(alone ? ENOUGH : ENOUGH / 10);
    }

    @Test
    void mutants_of_every_vector_are_refused_by_the_check_of_the_changed_place() {
        Optional<Path> folder = Vectors.folder();
        assumeTrue(folder.isPresent(), "left out: no vectors; name their folder by S3ML_VECTORS");
        List<EvidenceCase> cases =
                Vectors.cases(folder.get()).stream().map(Vectors.Case::evidence).toList();
        List<EvidenceCase> donors = cases.stream()
                .filter(each -> each.examinedBy(appraiser).claims().isPresent())
                .toList();

        judge(cases, donors, OF_VALID);

        assertThat(mutants).isGreaterThan(ENOUGH);
    }

    private void judge(List<EvidenceCase> cases, List<EvidenceCase> donors, int ofValid) {
        ValidParts valid = new ValidParts();
        donors.forEach(valid::add);
        for (EvidenceCase each : cases) {
            Set<String> known = new HashSet<>();
            each.examinedBy(appraiser).findings().forEach(finding -> known.add(finding.code()));
            new EvidenceMutants(SEED + each.toString().hashCode(), donors, mutant -> judge(mutant, each, valid, known))
                    .make(each, known.isEmpty() ? ofValid : OF_REFUSED);
        }
    }

    private void judge(EvidenceMutants.Mutant mutant, EvidenceCase original, ValidParts valid, Set<String> known) {
        mutants++;
        Examination examination = mutant.evidence().examinedBy(appraiser);
        String what = mutant.what() + " of " + mutant.evidence() + ", seed " + SEED;
        if (examination.claims().isPresent()) {
            boolean stands =
                    valid.hold(mutant.evidence()) || (!known.isEmpty() && valid.mended(mutant.evidence(), original));
            assertThat(stands).as("accepted: " + what).isTrue();
            return;
        }
        boolean named = examination.findings().stream()
                .map(Finding::code)
                .anyMatch(code -> known.contains(code) || mutant.checks().contains(Check.of(code)));
        assertThat(named).as("%s: %s", what, examination.findings()).isTrue();
    }
}
