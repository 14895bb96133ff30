package s3ml.lab.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonPrimitive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The console in a real headless Chromium, before a real control plane and a real AECS. Pictures of each view are kept
/// in `lab/target/console`.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class ConsoleIT {
    private static final int HOSTS = 120;

    @TempDir
    static Path folder = Path.of("");

    private static SyntheticFleet fleet;
    private static LoggedAecs aecs;
    private static Chromium browser;
    private static ConsoleProcess console;

    private BrowserPage page;
    private ConsoleUser user;

    @BeforeAll
    static void begin() throws Exception {
        fleet = SyntheticFleet.start(Files.createDirectories(folder.resolve("fleet")), HOSTS, 500);
        aecs = LoggedAecs.start(Files.createDirectories(folder.resolve("aecs")));
        aecs.release(5);
        console = startConsole(0);
        browser = Chromium.start();
    }

    private static ConsoleProcess startConsole(int port) throws Exception {
        return ConsoleProcess.start(
                fleet, port, "--aecs=" + aecs.target(), "--aecs-metrics=" + aecs.metrics(), "--interval-millis=250");
    }

    @AfterAll
    static void end() {
        browser.close();
        console.close();
        aecs.close();
        fleet.close();
    }

    @BeforeEach
    void signIn() {
        page = browser.newPage();
        user = new ConsoleUser(page, console.url());
        user.comeAnew(SyntheticFleet.TOKEN);
    }

    @AfterEach
    void leave() {
        page.close();
    }

    @Test
    void every_view_shows_what_it_is_for_without_an_error_in_the_browsers_log_or_a_request_elsewhere() {
        for (ConsoleUser.View view : ConsoleUser.View.values()) {
            user.show(view);
        }
        ConsoleRun.pictures(page, user, Path.of("target", "console"));

        assertThat(page.takeErrors()).isEmpty();
        assertThat(page.requested()).allMatch(url -> url.startsWith(console.url()) || url.startsWith("blob:"));
        assertThat(Path.of("target", "console", "hosts-phone.png")).exists();
    }

    @Test
    void no_rule_of_axe_core_is_broken_in_light_in_dark_and_on_a_phone() throws Exception {
        Path axe = Path.of(System.getProperty("s3ml.components"), "axe/node_modules/axe-core/axe.min.js");

        assertThat(user.violations(Files.readString(axe))).isEmpty();
    }

    @Test
    void weights_and_their_reasons_change_before_ones_eyes() {
        user.show(ConsoleUser.View.HOST);
        String before = page.text("main table");
        page.await(
                "numbers change", "document.querySelector('main table').textContent !== " + new JsonPrimitive(before));

        page.awaitText("main li", "over the threshold of 1500");
        assertThat(user.updates()).isPositive();
    }

    @Test
    void a_host_whose_name_holds_markup_is_shown_as_a_name() {
        page.evaluate("location.hash = '#/hosts'");
        page.awaitText("main th a", SyntheticFleet.MARKUP);
        page.evaluate(
                "[...document.querySelectorAll('main th a')].find(a => a.textContent.startsWith('<img')).click()");
        page.awaitText("main h1", SyntheticFleet.MARKUP);

        assertThat(page.evaluate("document.querySelectorAll('main img').length").getAsInt())
                .isZero();
        assertThat(page.takeErrors()).isEmpty();
    }

    @Test
    void everything_can_be_reached_and_done_by_keyboard() {
        user.show(ConsoleUser.View.LOG);
        page.evaluate("document.activeElement.blur()");
        for (int i = 0; i < 60 && !active("Check the whole log"); i++) {
            page.press("Tab", 9);
        }
        assertThat(active("Check the whole log")).isTrue();
        page.press("Enter", 13);
        page.awaitText("main p[role=status]", "give the signed root");

        for (int i = 0; i < 60 && !active("Prove"); i++) {
            page.press("Tab", 9);
        }
        page.press("Enter", 13);
        page.awaitText("main td [role=status]", "lead to the signed root");

        user.show(ConsoleUser.View.HOSTS);
        for (int i = 0; i < 60 && !active("host-16"); i++) {
            page.press("Tab", 9);
        }
        page.press("Enter", 13);
        page.awaitText("main h1", "host-16");
    }

    private boolean active(String words) {
        return page.evaluate("document.activeElement.textContent").getAsString().equals(words);
    }

    @Test
    void a_refused_enclave_and_new_leases_appear() {
        user.show(ConsoleUser.View.ATTESTATION);
        String code = aecs.refuse();
        page.awaitText("main td", "refused");
        user.show(ConsoleUser.View.LEASES);
        int before = entries();
        aecs.release(1);
        page.await("one more lease", "document.querySelectorAll('main tbody tr').length > " + before);

        assertThat(code).isNotEmpty();
        assertThat(page.takeErrors()).isEmpty();
    }

    private int entries() {
        return page.evaluate("document.querySelectorAll('main tbody tr').length")
                .getAsInt();
    }

    @Test
    void a_log_that_does_not_extend_the_remembered_one_is_told_and_the_memory_is_kept() {
        user.show(ConsoleUser.View.LOG);
        String key = page.evaluate("Object.keys(localStorage).find(name => name.startsWith('s3ml-log-'))")
                .getAsString();
        for (String forged : List.of(
                "known.root = known.root.replace(/^../, pair => pair === '00' ? '11' : '00')", "known.size += 1000")) {
            user.show(ConsoleUser.View.HOSTS);
            user.show(ConsoleUser.View.LOG);
            page.await("the log is remembered", "localStorage.getItem('" + key + "')");
            user.show(ConsoleUser.View.HOSTS);
            String forging = "(() => { const known = JSON.parse(localStorage.getItem('" + key + "')); " + forged
                    + "; const text = JSON.stringify(known); localStorage.setItem('" + key
                    + "', text); return text; })()";
            String memory = page.evaluate(forging).getAsString();
            page.evaluate("location.hash = '#/log'");
            page.awaitText(".fault", "does not extend the one this browser saw");

            assertThat(page.evaluate("localStorage.getItem('" + key + "')").getAsString())
                    .isEqualTo(memory);
            page.evaluate("localStorage.clear()");
        }
    }

    @Test
    void the_pages_proofs_hold_for_every_entry_and_for_none_that_is_one_bit_off() {
        String failures = page.evaluate("""
                (async () => {
                  const m = await import('/merkle.js'), w = await import('/wire.js'), failures = [];
                  const get = async path => new Uint8Array(await (await fetch('/api/aecs/' + path)).arrayBuffer());
                  const size = w.proof(await get('proof?known=0')).head.size;
                  for (let i = 0; i < size; i++) {
                    const p = w.proof(await get(`proof?known=${i + 1}&entry=${i}`));
                    const off = bytes => { const copy = bytes.slice(); copy[copy.length - 1] ^= 1; return copy; };
                    const tree = new m.GrowingTree();
                    for (const raw of w.page(await get(`entries?first=0&count=${i + 1}`)).entries) await tree.add(raw);
                    const old = await tree.root();
                    const say = (ok, what) => { if (!ok) failures.push(what + ' ' + i); };
                    say(await m.included(p.entry, i, p.head.size, p.inclusion, p.head.root), 'inclusion');
                    say(!await m.included(off(p.entry), i, p.head.size, p.inclusion, p.head.root), 'entry off');
                    say(!await m.included(p.entry, i + 1, p.head.size, p.inclusion, p.head.root), 'index off');
                    say(!await m.included(p.entry, i, p.head.size, p.inclusion, off(p.head.root)), 'root off');
                    say(await m.extended(i + 1, old, p.head.size, p.head.root, p.consistency), 'consistency');
                    say(!await m.extended(i + 1, off(old), p.head.size, p.head.root, p.consistency), 'old root off');
                    for (let j = 0; j < p.inclusion.length; j++) {
                      const path = p.inclusion.map((hash, k) => k === j ? off(hash) : hash);
                      say(!await m.included(p.entry, i, p.head.size, path, p.head.root), 'path off');
                    }
                  }
                  return size + ' entries; ' + failures.join(', ');
                })()""").getAsString();

        assertThat(failures).matches("[1-9][0-9]* entries; ");
    }

    @Test
    void a_console_that_is_started_again_is_found_again_without_signing_in() throws Exception {
        int port = console.port();
        console.close();
        page.awaitText("#state", "lost its console");
        console = startConsole(port);
        user.awaitLive();
        page.takeErrors();

        long updates = user.updates();
        page.await("updates go on", "Number(document.documentElement.dataset.updates) > " + updates);
        assertThat(page.takeErrors()).isEmpty();
    }

    @Test
    void a_control_plane_that_is_away_is_told_with_what_was_known_and_so_is_its_return() throws Exception {
        fleet.stopControl();
        page.awaitText("#state", "CON-104");
        page.awaitText("#state", "Below is what was known at");
        assertThat(page.takeErrors()).isEmpty();

        fleet.startControl();
        user.awaitLive();
    }

    @Test
    void a_wrong_token_is_refused_in_words() {
        page.evaluate("fetch('/logout', {method: 'POST'}).then(answer => answer.text())");
        user.signIn("not the token, but as long");

        page.awaitText("#fault", "CON-102");
    }

    @Test
    void the_control_plane_serves_the_same_console_itself() {
        ConsoleUser other = new ConsoleUser(page, fleet.ownConsole());
        other.signIn(SyntheticFleet.TOKEN);
        other.awaitLive();
        other.show(ConsoleUser.View.HOSTS);
        page.evaluate("location.hash = '#/log'");
        page.awaitText("main", "started without --aecs");

        assertThat(page.takeErrors()).isEmpty();
    }
}
