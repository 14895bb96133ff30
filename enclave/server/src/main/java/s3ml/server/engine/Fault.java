package s3ml.server.engine;

/// Every way in which a request is refused, with its stable code and its HTTP status.
///
/// | code | meaning |
/// | --- | --- |
/// | `SRV-201` | no such path |
/// | `SRV-202` | the path does not take this method |
/// | `SRV-203` | the body's encoding or type is not understood |
/// | `SRV-204` | no such model, or no key for it was released to this server |
/// | `SRV-205` | the model has no such version |
/// | `SRV-206` | the model is not ready |
/// | `SRV-207` | the server is not ready, or is shutting down |
/// | `SRV-208` | no such shared memory region: this server has none |
/// | `SRV-211` | the body is not the JSON document that the protocol demands |
/// | `SRV-212` | the request is larger, deeper or longer than the limits |
/// | `SRV-213` | the binary part does not fit its description |
/// | `SRV-214` | an input is missing, unknown or given twice |
/// | `SRV-215` | an input has another datatype than the model |
/// | `SRV-216` | an input has a shape that the model does not take |
/// | `SRV-217` | an input's contents do not fill its shape |
/// | `SRV-218` | an unknown output is requested |
/// | `SRV-219` | a parameter has a wrong type or value |
/// | `SRV-231` | too many requests are waiting; try again after the time that `Retry-After` names |
/// | `SRV-232` | the request's time ran out before it was started |
/// | `SRV-233` | the caller went away |
/// | `SRV-241` | not offered by this server |
/// | `SRV-242` | the caller did not prove who it is |
/// | `SRV-243` | the caller may not do this |
/// | `SRV-251` | the sealed body cannot be opened |
/// | `SRV-291` | the model failed on this input |
/// | `SRV-292` | a fault of this server |
public enum Fault {
    NO_SUCH_PATH("SRV-201", 404),
    WRONG_METHOD("SRV-202", 405),
    UNKNOWN_ENCODING("SRV-203", 415),
    NO_SUCH_MODEL("SRV-204", 404),
    NO_SUCH_VERSION("SRV-205", 404),
    MODEL_NOT_READY("SRV-206", 503),
    SERVER_NOT_READY("SRV-207", 503),
    NO_SUCH_REGION("SRV-208", 404),
    MALFORMED("SRV-211", 400),
    TOO_LARGE("SRV-212", 413),
    WRONG_BINARY("SRV-213", 400),
    WRONG_INPUTS("SRV-214", 400),
    WRONG_DATATYPE("SRV-215", 400),
    WRONG_SHAPE("SRV-216", 400),
    WRONG_SIZE("SRV-217", 400),
    WRONG_OUTPUT("SRV-218", 400),
    WRONG_PARAMETER("SRV-219", 400),
    OVERLOADED("SRV-231", 429),
    DEADLINE_EXCEEDED("SRV-232", 504),
    CANCELLED("SRV-233", 499),
    NOT_OFFERED("SRV-241", 501),
    UNAUTHENTICATED("SRV-242", 401),
    FORBIDDEN("SRV-243", 403),
    NOT_OPENED("SRV-251", 400),
    MODEL_FAILED("SRV-291", 500),
    INTERNAL("SRV-292", 500);

    private final String code;
    private final int httpStatus;

    Fault(String code, int httpStatus) {
        this.code = code;
        this.httpStatus = httpStatus;
    }

    /// Stable, for example `SRV-216`.
    public String code() {
        return code;
    }

    public int httpStatus() {
        return httpStatus;
    }
}
