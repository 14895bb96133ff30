package s3ml.lab.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import s3ml.lab.console.LyingAecs.Lie;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.ProveLogResponse;

/// What the console's page says, in a real headless Chromium, when the AECS behind it lies, or somebody before it does.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class ConsoleLiesIT {
    @TempDir
    static Path folder = Path.of("");

    private static SyntheticFleet fleet;
    private static LoggedAecs aecs;
    private static LyingAecs liar;
    private static ConsoleProcess console;
    private static Chromium browser;

    private BrowserPage page;
    private ConsoleUser user;

    @BeforeAll
    static void begin() throws Exception {
        fleet = SyntheticFleet.start(Files.createDirectories(folder.resolve("fleet")), 20, 500);
        Path state = Files.createDirectories(folder.resolve("aecs"));
        try (LoggedAecs begun = LoggedAecs.start(state)) {
            begun.release(3);
        }
        copy(state, folder.resolve("fork"));
        aecs = LoggedAecs.resume(state);
        aecs.release(2);
        liar = LyingAecs.before(aecs);
        console = ConsoleProcess.start(fleet, 0, "--aecs=" + liar.target());
        browser = Chromium.start();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    @AfterAll
    static void end() {
        browser.close();
        console.close();
        liar.close();
        aecs.close();
        fleet.close();
    }

    @BeforeEach
    void signIn() throws Exception {
        liar.tell(Lie.NONE);
        liar.ask(aecs);
        page = browser.newPage();
        user = new ConsoleUser(page, console.url());
        user.comeAnew(SyntheticFleet.TOKEN);
        user.show(ConsoleUser.View.LOG);
        page.awaitText(".checks", "is signed by the identity key");
    }

    @AfterEach
    void leave() {
        assertThat(page.takeErrors()).isEmpty();
        page.close();
    }

    private static Lie head(UnaryOperator<LogHead.Builder> change) {
        return Lie.ofHeads(said -> said.toBuilder()
                .setHead(change.apply(said.getHead().toBuilder()))
                .build());
    }

    /// About who the AECS is or what its log's head is, with what the page says of it.
    static Stream<Arguments> liesAboutHeads() {
        AtomicReference<Optional<AttestResponse>> first = new AtomicReference<>(Optional.empty());
        return Stream.of(
                arguments(
                        named("another signature", head(head -> head.setSignature(flipped(head.getSignature())))),
                        "is not signed by this AECS"),
                arguments(
                        named("another root", head(head -> head.setRootHash(flipped(head.getRootHash())))),
                        "is not signed by this AECS"),
                arguments(
                        named("another size", head(head -> head.setTreeSize(head.getTreeSize() + 1))),
                        "is not signed by this AECS"),
                arguments(
                        named("an old answer", Lie.ofEvidence(said -> {
                            return first.updateAndGet(kept -> kept.or(() -> Optional.of(said)))
                                    .orElseThrow();
                        })),
                        "holds another nonce than the one this page made"),
                arguments(
                        named(
                                "one claim more",
                                Lie.ofEvidence(said -> said.toBuilder()
                                        .setClaims(said.getClaims()
                                                .concat(ByteString.copyFrom(new byte[] {(byte) 0xf8, 7, 1})))
                                        .build())),
                        "The quote does not cover this answer"));
    }

    @ParameterizedTest
    @MethodSource("liesAboutHeads")
    void a_lie_about_the_AECS_or_the_head_of_its_log_is_told_in_words_of_its_own(Lie lie, String words) {
        liar.tell(lie);

        page.awaitText(".fault", words);
        assertThat(page.text(".checks")).contains("REFUSED");
        assertThat(page.evaluate("document.querySelectorAll('main .fault').length")
                        .getAsInt())
                .as(page.text("main"))
                .isBetween(1, 2);
        page.evaluate("location.hash = '#/attestation'");
        page.awaitText(".fault", words);
        page.awaitText(".fault", "does not hold together");

        liar.tell(Lie.NONE);
        user.show(ConsoleUser.View.LOG);
        page.await("the truth is shown without a fault", "!document.querySelector('main .fault')");
    }

    private static Arguments proof(String name, UnaryOperator<ProveLogResponse.Builder> change, String words) {
        return arguments(
                named(name, Lie.ofProofs(said -> change.apply(said.toBuilder()).build())), "REFUSED: " + words);
    }

    /// In the proof of one entry, with what the page says of it.
    static Stream<Arguments> wrongProofs() {
        return Stream.of(
                proof(
                        "another path",
                        said -> said.setInclusion(0, flipped(said.getInclusion(0))),
                        "the path does not lead to the signed root"),
                proof("no path", ProveLogResponse.Builder::clearInclusion, "the path does not lead to the signed root"),
                proof(
                        "another entry",
                        said -> said.setEntry(flipped(said.getEntry())),
                        "another entry stands there than the one shown"),
                proof(
                        "another signature",
                        said -> said.setHead(said.getHead().toBuilder()
                                .setSignature(flipped(said.getHead().getSignature()))),
                        "the head is not signed by this AECS"),
                proof(
                        "another extension",
                        said -> said.addConsistency(said.getHead().getRootHash()),
                        "the log does not extend the one this page saw"));
    }

    @ParameterizedTest
    @MethodSource("wrongProofs")
    void a_wrong_proof_of_an_entry_is_refused_in_words_of_its_own(Lie lie, String words) {
        liar.tell(lie);
        prove();
        page.awaitText("main td [role=status]", words);

        liar.tell(Lie.NONE);
        prove();
        page.awaitText("main td [role=status]", "lead to the signed root");
    }

    private void prove() {
        page.evaluate("document.querySelector('main td button').click()");
    }

    @Test
    void entries_that_were_changed_or_kept_back_do_not_give_the_signed_root() {
        liar.tell(Lie.ofEntries(said ->
                said.toBuilder().setEntries(0, flipped(said.getEntries(0))).build()));
        check();
        page.awaitText("main p[role=status]", "REFUSED: the entries do not give the signed root");

        liar.tell(Lie.ofEntries(said -> said.toBuilder().clearEntries().build()));
        check();
        page.awaitText("main p[role=status]", "REFUSED: the AECS gave 0 entries instead of");

        liar.tell(Lie.NONE);
        check();
        page.awaitText("main p[role=status]", "give the signed root");
    }

    private void check() {
        page.await("the check can be asked for", "!document.querySelector('main button').disabled");
        page.evaluate(
                "[...document.querySelectorAll('main button')].find(b => b.textContent.startsWith('Check')).click()");
    }

    @Test
    void a_log_that_the_AECS_itself_forked_is_told_and_the_memory_is_kept() throws Exception {
        LogHead seen = seenHead();
        try (LoggedAecs fork = LoggedAecs.resume(folder.resolve("fork"))) {
            liar.ask(fork);
            page.awaitText(".fault", "does not extend the one this browser saw");
            page.awaitText(".fault", "Remembered: " + seen.getTreeSize() + " entries");

            fork.release(4);
            page.awaitText(".fault", "Shown now: " + (seen.getTreeSize() + 2) + " entries");
            assertThat(page.text(".checks"))
                    .contains("checked: the log's head of " + (seen.getTreeSize() + 2) + " entries is signed");
            String memory = page.evaluate(
                            "localStorage.getItem(Object.keys(localStorage).find(key => key.startsWith('s3ml-log-')))")
                    .getAsString();
            assertThat(memory).contains("\"size\":" + seen.getTreeSize() + ",");
            liar.ask(aecs);
        }
    }

    private LogHead seenHead() {
        AtomicReference<LogHead> seen = new AtomicReference<>();
        liar.tell(Lie.ofHeads(said -> {
            seen.set(said.getHead());
            return said;
        }));
        Pause.until("the page asks again", BrowserPage.PATIENCE, () -> seen.get() != null);
        liar.tell(Lie.NONE);
        return seen.get();
    }

    private static ByteString flipped(ByteString bytes) {
        byte[] changed = bytes.toByteArray();
        changed[changed.length - 1] ^= 1;
        return ByteString.copyFrom(changed);
    }
}
