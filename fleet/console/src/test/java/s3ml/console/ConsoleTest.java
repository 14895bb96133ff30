package s3ml.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.PagingRates;

final class ConsoleTest {
    private static final String TOKEN = "a-token-that-is-long-enough";
    private static final String MARKUP = "<img src=x onerror=alert(1)>";

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<FleetSource> source = new AtomicReference<>(() -> explanation(1));
    private final Console console = start(InstantSource.system());

    @AfterEach
    void end() {
        console.close();
        client.shutdownNow();
    }

    private Console start(InstantSource clock) {
        return Console.start(
                settings("127.0.0.1"),
                new Console.Sources(() -> source.get().explain(), "control:1", Optional.empty(), Optional.empty()),
                clock);
    }

    private static Console.Settings settings(String bind) {
        return new Console.Settings(bind, 0, Optional.empty(), TOKEN, Duration.ofMillis(50));
    }

    private static Explanation explanation(double weight) {
        return Explanation.newBuilder()
                .setAt("2026-11-25T00:00:00Z")
                .setLeader(true)
                .addHosts(HostExplanation.newBuilder()
                        .setHost(MARKUP)
                        .setWeight(weight)
                        .setReport(HostReport.newBuilder()
                                .setPaging(PagingRates.newBuilder().setLoadedPerSecond(Double.NaN))))
                .addHosts(HostExplanation.newBuilder().setHost("steady").setWeight(1))
                .build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(console.url()).resolve(path)).timeout(Duration.ofSeconds(10));
    }

    private HttpRequest.Builder authorized(String path) {
        return to(path).header("Authorization", "Bearer " + TOKEN);
    }

    private HttpResponse<String> get(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> signIn(String token) throws IOException, InterruptedException {
        return get(to("/login").POST(HttpRequest.BodyPublishers.ofString("token=" + token)));
    }

    @Test
    void a_page_opened_without_signing_in_leads_to_the_sign_in_and_its_data_is_refused_with_a_code() throws Exception {
        HttpResponse<String> page = get(to("/"));
        HttpResponse<String> data = get(to("/api/fleet"));
        HttpResponse<String> script = get(to("/app.js"));

        assertThat(page.statusCode()).isEqualTo(303);
        assertThat(page.headers().firstValue("Location")).contains("/login");
        assertThat(get(to("/login")).body()).contains("You are not signed in");
        assertThat(data.statusCode()).isEqualTo(401);
        assertThat(data.body()).contains("CON-101").contains("not signed in").doesNotContain("steady");
        assertThat(script.statusCode()).isEqualTo(401);
    }

    @Test
    void the_token_gives_a_session_cookie_that_scripts_and_other_sites_cannot_use() throws Exception {
        HttpResponse<String> answer = signIn(TOKEN);
        String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
        String session = cookie.substring(0, cookie.indexOf(';'));

        assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/");
        assertThat(get(to("/").header("Cookie", session)).statusCode()).isEqualTo(200);
        assertThat(get(to("/").header("Cookie", session + "A")).statusCode()).isEqualTo(303);
        assertThat(get(to("/").header("Cookie", "s3ml-console-" + console.port() + "="))
                        .statusCode())
                .isEqualTo(303);
    }

    @Test
    void a_wrong_token_is_refused_and_many_of_them_are_no_longer_looked_at() throws Exception {
        HttpResponse<String> wrong = signIn(TOKEN + "x");
        for (int i = 0; i < 9; i++) {
            signIn("another-wrong-token-" + i);
        }
        HttpResponse<String> right = signIn(TOKEN);

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("CON-102");
        assertThat(right.statusCode()).isEqualTo(429);
        assertThat(right.body()).contains("CON-109");
    }

    @Test
    void a_session_ends_with_the_day_and_with_its_token() {
        Token token = Token.of(TOKEN);
        Instant now = Instant.parse("2026-11-25T00:00:00Z");
        String session = token.newSession(now);

        assertThat(token.isSession(session, now)).isTrue();
        assertThat(Token.of(TOKEN).isSession(session, now)).isTrue();
        assertThat(token.isSession(session, now.plus(Token.SESSION))).isFalse();
        assertThat(Token.of(TOKEN + "2").isSession(session, now)).isFalse();
    }

    @Test
    void every_answer_forbids_what_is_not_the_consoles_own() throws Exception {
        for (String path : new String[] {"/login", "/", "/api/session", "/nothing"}) {
            HttpResponse<String> answer = get(authorized(path));

            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .as(path)
                    .contains("default-src 'none'")
                    .contains("script-src 'self'")
                    .contains("frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        assertThat(get(authorized("/nothing")).body()).contains("CON-107");
    }

    @Test
    void no_page_holds_a_script_or_style_of_its_own() throws Exception {
        for (String path : new String[] {"/", "/login"}) {
            String html = get(authorized(path)).body();

            assertThat(html).doesNotContainPattern("<script(?![^>]*\\bsrc=)");
            assertThat(html).doesNotContain("<style").doesNotContain("style=\"").doesNotContain("onclick");
            assertThat(html).doesNotContainPattern("(src|href)=\"(https?:)?//");
        }
    }

    @Test
    void the_feed_begins_with_everything_and_goes_on_with_what_changed() throws Exception {
        try (BufferedReader feed = feed()) {
            String whole = event(feed, "fleet");
            source.set(() -> explanation(0.5));
            String change = event(feed, "fleet");
            while (!change.contains("0.5")) {
                change = event(feed, "fleet");
            }

            assertThat(whole).contains("\"whole\":true").contains("steady").contains(MARKUP.substring(5));
            assertThat(whole).contains("\"loaded\":null");
            assertThat(change).contains("\"whole\":false").doesNotContain("steady");
        }
    }

    @Test
    void a_control_plane_that_is_away_is_told_and_so_is_its_return() throws Exception {
        try (BufferedReader feed = feed()) {
            event(feed, "fleet");
            source.set(() -> {
                throw new FleetException("CON-104", "the control plane at control:1 does not answer", "gone", "look");
            });
            String away = event(feed, "away");
            source.set(() -> explanation(1));
            String back = event(feed, "fleet");

            assertThat(away).contains("CON-104").contains("control:1 does not answer");
            assertThat(back).contains("\"at\"");
        }
    }

    private BufferedReader feed() throws IOException, InterruptedException {
        HttpResponse<InputStream> answer =
                client.send(authorized("/api/fleet").build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    /// Data of the next event of this name.
    private static String event(BufferedReader feed, String name) throws IOException {
        for (String line = feed.readLine(); line != null; line = feed.readLine()) {
            if (line.equals("event: " + name)) {
                return feed.readLine();
            }
        }
        throw new IOException("the feed ended");
    }

    @Test
    void only_so_many_pages_are_open_at_once() throws Exception {
        try (FleetFeed feed = FleetFeed.start(() -> explanation(1), Duration.ofSeconds(1), InstantSource.system())) {
            for (int i = 0; i < FleetFeed.MOST_PAGES; i++) {
                assertThat(feed.subscribe()).isPresent();
            }

            assertThat(feed.subscribe()).isEmpty();
        }
    }

    @Test
    void a_page_that_reads_slowly_gets_the_whole_picture_instead_of_all_changes() throws Exception {
        Subscription slow = new Subscription(() -> Optional.of(new Subscription.Event("fleet", "whole")));
        for (int i = 0; i < 100; i++) {
            slow.offer(new Subscription.Event("fleet", "change " + i));
        }

        assertThat(slow.next(Duration.ofSeconds(1)).orElseThrow().data()).isEqualTo("whole");
    }

    @Test
    void without_an_AECS_its_pages_say_so_and_a_wrong_request_is_refused() throws Exception {
        assertThat(get(authorized("/api/aecs/entries?first=0&count=1")).body()).contains("CON-112");
        assertThat(get(authorized("/api/aecs/attest?nonce=zz")).body()).contains("CON-112");
        assertThat(get(authorized("/api/aecs/counters")).body()).contains("CON-112");
        assertThat(get(authorized("/api/aecs/entries?" + "x".repeat(300))).body())
                .contains("CON-106");
    }

    @Test
    void plain_HTTP_is_refused_where_others_could_read_along() {
        Console.Sources nothing = new Console.Sources(() -> explanation(1), "", Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> Console.start(settings("0.0.0.0"), nothing, InstantSource.system()))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("CON-111");
    }

    @Test
    void a_token_file_is_made_for_its_owner_only_and_one_that_others_may_read_is_refused(@TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("token");
        String made = TokenFile.token(Optional.of(file), new SecureRandom());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(TokenFile.token(Optional.of(file), new SecureRandom())).isEqualTo(made);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> TokenFile.token(Optional.of(file), new SecureRandom()))
                .hasMessageContaining("CON-103");
    }
}
