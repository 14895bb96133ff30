package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelStatus;

final class ModelDiagnosisTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    @Test
    void enough_ready_replicas_are_a_model_that_serves() {
        SecureModelStatus status = diagnose(READY, READY);

        assertThat(status.readyReplicas()).isEqualTo(2);
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("Serving");
    }

    @Test
    void a_replica_without_EPC_is_told_with_what_it_asks_for() {
        SecureModelStatus status = diagnose(READY, """
                status:
                  conditions:
                  - {type: PodScheduled, status: "False", reason: Unschedulable, message: "0/2 nodes are available: 2 Insufficient sgx.intel.com/epc."}
                """);

        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("InsufficientEpc");
        assertThat(condition(status, "Scheduled").getMessage())
                .contains("1 of 2 replicas have no node", "90Mi", "Insufficient sgx.intel.com/epc", "lower tee.epc");
    }

    @Test
    void an_unknown_package_is_told_by_the_name_of_its_claim() {
        SecureModelStatus status = diagnose("""
                status:
                  conditions:
                  - {type: PodScheduled, status: "False", reason: Unschedulable, message: "0/2 nodes are available: persistentvolumeclaim \\"detector-packages\\" not found."}
                """);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("PackageMissing");
        assertThat(condition(status, "Ready").getMessage()).contains("PersistentVolumeClaim detector-packages");
    }

    @Test
    void a_refused_measurement_is_told_in_the_words_of_the_refused_server() {
        SecureModelStatus status = diagnose("""
                status:
                  conditions:
                  - {type: PodScheduled, status: "True"}
                  containerStatuses:
                  - name: server
                    image: registry.example/s3ml-server:1
                    ready: false
                    state: {waiting: {reason: CrashLoopBackOff}}
                    lastState:
                      terminated:
                        exitCode: 1
                        message: |
                          starts
                          AECS-204: refused key for service "detector": the measurement is not allowed
                """);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("KeyReleaseRefused");
        assertThat(condition(status, "Ready").getMessage())
                .contains("AECS-204: refused key for service", "s3ml measure")
                .doesNotContain("starts");
    }

    @Test
    void an_enclave_that_cannot_start_is_not_told_to_be_refused_its_keys() {
        SecureModelStatus status = diagnose("""
                status:
                  conditions:
                  - {type: PodScheduled, status: "True"}
                  containerStatuses:
                  - name: aecs
                    image: registry.example/s3ml-aecs:1
                    ready: false
                    state: {waiting: {reason: CrashLoopBackOff}}
                    lastState:
                      terminated:
                        exitCode: 1
                        message: "AECS-105: this replica cannot start: the storage is empty; start another one first"
                """);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("ProcessEnded");
        assertThat(condition(status, "Ready").getMessage()).doesNotContain("s3ml measure");
    }

    @Test
    void a_missing_image_is_told_with_its_name() {
        SecureModelStatus status = diagnose("""
                spec: {nodeName: n1}
                status:
                  containerStatuses:
                  - {name: server, image: "registry.example/none:1", ready: false, state: {waiting: {reason: ImagePullBackOff}}}
                """);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("ImageMissing");
        assertThat(condition(status, "Ready").getMessage()).contains("registry.example/none:1", "node n1");
    }

    @Test
    void a_condition_keeps_its_time_while_its_status_stays() {
        SecureModel model = Resources.model("");
        model.setStatus(ModelDiagnosis.of(model, Resources.aecs(""), Plan.asWritten(model), List.of(), NOW));

        SecureModelStatus later =
                ModelDiagnosis.of(model, Resources.aecs(""), Plan.asWritten(model), List.of(), NOW.plusSeconds(60));
        SecureModelStatus serving = ModelDiagnosis.of(
                model, Resources.aecs(""), Plan.asWritten(model), List.of(pod(READY), pod(READY)), NOW.plusSeconds(60));

        assertThat(later).isEqualTo(model.getStatus());
        assertThat(condition(serving, "Ready").getLastTransitionTime()).isEqualTo("2026-11-24T10:01:00Z");
    }

    @Test
    void without_its_AECS_a_model_says_which_one_is_missing() {
        SecureModelStatus status = ModelDiagnosis.withoutAecs(Resources.model(""), List.of(), NOW);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("ConfigurationServiceMissing");
        assertThat(condition(status, "Ready").getMessage()).contains("\"keys\"", "namespace models");
    }

    @Test
    void a_replica_whose_host_pages_still_counts_and_is_told() {
        SecureModelStatus status = diagnose(READY, """
                status:
                  conditions:
                  - {type: Ready, status: "False"}
                  - {type: ContainersReady, status: "True"}
                  - {type: s3ml.internal/takes-load, status: "False"}
                """);

        assertThat(condition(status, "Ready").getReason()).isEqualTo("Serving");
        assertThat(condition(status, "Ready").getMessage())
                .isEqualTo("1 of 2 replicas serve, 1 get no new connections because their hosts page");
    }

    @Test
    void the_policys_last_reason_stays_until_it_has_another_one() {
        SecureModel model = Resources.model("  scaledBy: PagingPolicy\n");
        model.setStatus(diagnose(model, "2 -> 3 replicas: paging"));

        assertThat(condition(diagnose(model, ""), "Scaled").getMessage()).isEqualTo("2 -> 3 replicas: paging");
        assertThat(diagnose(model, "").wantedReplicas()).isEqualTo(3);
    }

    private static SecureModelStatus diagnose(SecureModel model, String reason) {
        Plan plan = new Plan(3, java.util.Optional.of(reason), java.util.Optional.empty(), java.util.Map.of());
        return ModelDiagnosis.of(model, Resources.aecs(""), plan, List.of(), NOW);
    }

    private static final String READY = """
            status:
              conditions:
              - {type: PodScheduled, status: "True"}
              - {type: Ready, status: "True"}
            """;

    private static SecureModelStatus diagnose(String... pods) {
        return ModelDiagnosis.of(
                Resources.model(""),
                Resources.aecs(""),
                Plan.asWritten(Resources.model("")),
                java.util.Arrays.stream(pods).map(ModelDiagnosisTest::pod).toList(),
                NOW);
    }

    private static Pod pod(String rest) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: detector-v1-abc, labels: {s3ml.internal/version: v1}}\n"
                        + rest,
                Pod.class);
    }

    private static Condition condition(SecureModelStatus status, String type) {
        Condition found = Finding.find(status.conditions(), type);
        assertThat(found).as(type).isNotNull();
        return java.util.Objects.requireNonNull(found);
    }
}
