package s3ml.lab.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The trust boundary is the tree: these rules are the borders of ARCHITECTURE.md, held against the compiled classes.
final class BordersTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("s3ml");

    @Test
    void attest_imports_nothing_but_the_JDK() {
        classes()
                .that()
                .resideInAPackage("s3ml.attest..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax..", "s3ml.attest..", "org.jspecify..")
                .check(HOUSE);
    }

    @Test
    void wire_holds_messages_and_no_logic_of_ours() {
        noClasses()
                .that()
                .resideInAPackage("s3ml.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("s3ml.attest..", "s3ml.protocol..", "s3ml.aecs..", "s3ml.server..", "s3ml.client..")
                .check(HOUSE);
    }

    @Test
    void the_enclave_imports_nothing_from_outside_itself() {
        noClasses()
                .that()
                .resideInAnyPackage("s3ml.attest..", "s3ml.wire..", "s3ml.protocol..", "s3ml.aecs..", "s3ml.server..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "s3ml.client..",
                        "s3ml.sim..",
                        "s3ml.lab..",
                        "s3ml.policy..",
                        "s3ml.agent..",
                        "s3ml.control..",
                        "s3ml.console..",
                        "s3ml.operator..",
                        "picocli..")
                .check(HOUSE);
    }

    @Test
    void the_AECS_and_the_model_server_do_not_know_each_other() {
        noClasses()
                .that()
                .resideInAPackage("s3ml.aecs..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("s3ml.server..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideInAPackage("s3ml.server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("s3ml.aecs..")
                .check(HOUSE);
    }

    @Test
    void the_fleet_never_sees_attestation_keys_or_requests() {
        noClasses()
                .that()
                .resideInAnyPackage("s3ml.policy..", "s3ml.agent..", "s3ml.control..", "s3ml.operator..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "s3ml.attest..",
                        "s3ml.protocol..",
                        "s3ml.aecs..",
                        "s3ml.server..",
                        "s3ml.client..",
                        "s3ml.wire.aecs..",
                        "s3ml.wire.inference..")
                .allowEmptyShould(true)
                .check(HOUSE);
    }

    @Test
    void the_console_sees_of_an_AECS_what_is_told_to_anybody() {
        noClasses()
                .that()
                .resideInAPackage("s3ml.console..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "s3ml.attest..",
                        "s3ml.protocol..",
                        "s3ml.aecs..",
                        "s3ml.server..",
                        "s3ml.client..",
                        "s3ml.wire.inference..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideInAPackage("s3ml.console..")
                .should()
                .dependOnClassesThat(resideInAPackage("s3ml.wire.aecs..")
                        .and(not(nameMatching(".*\\.(TrustGrpc.*|(Attest|ProveLog|ReadLog)(Request|Response).*)"))))
                .check(HOUSE);
    }

    @Test
    void policy_is_pure_and_imports_nothing_but_java_lang_util_and_time() {
        classes()
                .that()
                .resideInAPackage("s3ml.policy..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java.lang..", "java.util..", "java.time..", "s3ml.policy..", "org.jspecify..")
                .allowEmptyShould(true)
                .check(HOUSE);
    }

    @Test
    void only_the_lab_imports_the_lab_and_only_the_lab_the_simulation() {
        noClasses()
                .that()
                .resideOutsideOfPackage("s3ml.lab..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("s3ml.lab..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideOutsideOfPackages("s3ml.lab..", "s3ml.sim..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("s3ml.sim..")
                .check(HOUSE);
    }

    @Test
    void wings_form_no_cycle() {
        slices().matching("s3ml.(*)..").should().beFreeOfCycles().check(HOUSE);
    }
}
