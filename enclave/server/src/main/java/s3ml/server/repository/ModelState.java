package s3ml.server.repository;

import s3ml.server.engine.ServedModel;

/// Where a model version is in its life here.
public sealed interface ModelState {
    /// Its package is being opened, prepared and warmed.
    record Loading() implements ModelState {}

    /// It answers requests.
    record Ready(ServedModel model) implements ModelState {}

    /// It answers what waits, and takes nothing new.
    record Unloading() implements ModelState {}

    /// It is not loaded.
    ///
    /// @param code of the failure, for example `PRO-115`; empty when nobody asked for it to be loaded
    record Unavailable(String code) implements ModelState {}

    /// The state's name in Triton's repository extension.
    default String label() {
        return switch (this) {
            case Loading ignored -> "LOADING";
            case Ready ignored -> "READY";
            case Unloading ignored -> "UNLOADING";
            case Unavailable ignored -> "UNAVAILABLE";
        };
    }

    /// Why it is not ready, as far as a caller may know: a code.
    default String reason() {
        return switch (this) {
            case Unavailable unavailable -> unavailable.code().isEmpty() ? "unloaded" : unavailable.code();
            case Loading ignored -> "";
            case Ready ignored -> "";
            case Unloading ignored -> "";
        };
    }
}
