package s3ml.server.engine;

/// Told when a model comes, is about to run, and goes; for whoever accounts for the memory that a run touches.
///
/// In a TEE the processor pages the enclave by itself and nobody needs telling: production wires [#UNWATCHED]. The
/// first and the last call for a model never overlap with others of it, [#runs] may where a model has several
/// instances; a run waits for its call.
public interface ModelUse {
    /// Tells nobody.
    ModelUse UNWATCHED = new ModelUse() {
        @Override
        public void attached(ModelName model) {}

        @Override
        public void runs(ModelName model) {}

        @Override
        public void detached(ModelName model) {}
    };

    /// The model is loaded and about to take requests.
    void attached(ModelName model);

    /// The model is about to run once.
    void runs(ModelName model);

    /// The model's memory is given back.
    void detached(ModelName model);
}
