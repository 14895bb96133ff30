package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every parser of hostile bytes over its corpus and mutants of it, by a fixed seed: whatever is refused is refused
/// with a code or a reason, and nothing else happens. The same targets run without end under Jazzer
/// (`enclave/attest/fuzz`).
final class ParserFuzz {
    private static final long SEED = 20_261_124;
    private static final int MUTANTS_OF_EACH = 4_000;
    private static final Path CORPUS = Path.of("src/test/resources/corpus");

    /// A parser and the folder of its corpus.
    record Target(String name, int mutants, Consumer<byte[]> parser) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Target> targets() {
        return Stream.of(
                new Target("quote", MUTANTS_OF_EACH, FuzzTargets::quote),
                new Target("certificate", MUTANTS_OF_EACH, FuzzTargets::certificate),
                new Target("crl", MUTANTS_OF_EACH, FuzzTargets::revocationList),
                new Target("tcbinfo", MUTANTS_OF_EACH, FuzzTargets::tcbInfo),
                new Target("ratlsextension", MUTANTS_OF_EACH, FuzzTargets::extension),
                new Target("cbor", MUTANTS_OF_EACH, FuzzTargets::cbor),
                new Target("ear", MUTANTS_OF_EACH / 10, FuzzTargets::ear),
                new Target("bundle", MUTANTS_OF_EACH / 10, FuzzTargets::bundle),
                new Target("policy", MUTANTS_OF_EACH, FuzzTargets::policy));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void a_parser_reads_or_refuses_and_does_nothing_else(Target target) throws IOException {
        Mutations mutations = new Mutations(SEED);
        List<Path> corpus;
        try (Stream<Path> files = Files.list(CORPUS.resolve(target.name))) {
            corpus = files.sorted().toList();
        }

        assertThat(corpus).isNotEmpty();
        for (Path file : corpus) {
            byte[] seed = Files.readAllBytes(file);
            target.parser.accept(seed);
            for (int i = 0; i < target.mutants && seed.length > 0; i++) {
                target.parser.accept(mutations.any(seed, 0, seed.length));
            }
        }
    }
}
