package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/// The reader of request bodies and its limits.
final class JsonLimits {
    /// A tensor of the highest rank inside `inputs`, and no more.
    private static final int DEEPEST = 24;

    /// Longer than any decimal form of a 64-bit number.
    private static final int LONGEST_NUMBER = 64;

    /// Names of members: the protocol's longest has 20 characters, parameters are free within reason.
    private static final int LONGEST_NAME = 256;

    /// The parser holds a text several times while it puts it together.
    private static final int LONGEST_TEXT = 4 << 20;

    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNameLength(LONGEST_NAME)
                    .maxStringLength(LONGEST_TEXT)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            // Interned names of hostile documents would stay for ever.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private JsonLimits() {}
}
