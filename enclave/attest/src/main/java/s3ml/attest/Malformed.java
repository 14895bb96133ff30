package s3ml.attest;

/// Says why bytes are not what they should be. It has no stack trace: refusing hostile input must be cheap.
final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String why) {
        super(why, null, false, false);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
