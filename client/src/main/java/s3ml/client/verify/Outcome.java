package s3ml.client.verify;

/// The three outcomes of a verification, with what they are called and the exit status they have.
public enum Outcome {
    TRUSTED("trusted", 0),
    REJECTED("rejected", 2),
    UNKNOWN("unknown", 3);

    private final String text;
    private final int status;

    Outcome(String text, int status) {
        this.text = text;
        this.status = status;
    }

    /// As in JSON.
    public String text() {
        return text;
    }

    /// Exit status of a command that found this.
    public int status() {
        return status;
    }

    /// Rejected by findings, trusted without.
    static Outcome of(boolean good) {
        return good ? TRUSTED : REJECTED;
    }
}
