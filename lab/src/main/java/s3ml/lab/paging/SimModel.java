package s3ml.lab.paging;

import java.time.Duration;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingFit;

/// A model as the simulator needs it.
///
/// @param name its name
/// @param serviceMillis one inference alone on a core
/// @param pages what one inference touches, the runtime's pages included
/// @param objectiveMillis objective of p99
record SimModel(String name, double serviceMillis, long pages, double objectiveMillis) {
    static final SimModel FACE = new SimModel("face", 12, 5_500, 60);
    static final SimModel HAND = new SimModel("hand", 25, 7_000, 100);
    static final SimModel POSE = new SimModel("pose", 40, 8_000, 140);
    static final SimModel MOBILENET = new SimModel("mobilenet", 38, 8_500, 140);
    static final SimModel DETECTOR = new SimModel("detector", 60, 9_000, 200);
    static final SimModel OBJECTRON = new SimModel("objectron", 70, 9_500, 230);

    /// Requests a second that one replica can answer without paging.
    double capacity() {
        return 1000 / serviceMillis;
    }

    /// What the policies are told. The threshold is where one request in fifty reloads the working set at half load:
    /// p99 is then such a request.
    ModelProfile profile() {
        double threshold = 0.02 * 0.5 * capacity() * pages;
        return new ModelProfile(
                name,
                nanos(objectiveMillis),
                nanos(serviceMillis),
                pages,
                new PagingFit.Predictive(threshold, threshold / 2, threshold * 2));
    }

    static Duration nanos(double millis) {
        return Duration.ofNanos((long) (millis * 1e6));
    }
}
