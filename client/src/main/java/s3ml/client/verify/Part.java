package s3ml.client.verify;

/// The four things a report is about.
public enum Part {
    SERVER("server", "The server"),
    AECS("aecs", "The configuration service (AECS)"),
    LOG("log", "The transparency log"),
    REFERENCE_VALUES("referenceValues", "The published reference values");

    private final String member;
    private final String title;

    Part(String member, String title) {
        this.member = member;
        this.title = title;
    }

    /// Its member of the JSON document.
    String member() {
        return member;
    }

    String title() {
        return title;
    }
}
