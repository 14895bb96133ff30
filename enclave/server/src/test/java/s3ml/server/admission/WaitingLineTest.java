package s3ml.server.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import s3ml.server.engine.Fault;
import s3ml.server.engine.Outlook;
import s3ml.server.engine.RequestRefused;

/// Who gets a place, who waits for one and in which order, and that places come back.
final class WaitingLineTest {
    private static final long PATIENT = TimeUnit.MINUTES.toNanos(1);
    private static final Duration HOLD = Duration.ofSeconds(1);

    private final Deque<Runnable> looks = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private long now = 1;
    private int room;
    private boolean idle;
    private long waitNanos;
    private long eachNanos;
    private long longestWaitNanos = Long.MAX_VALUE;

    private final WaitingLine line = new WaitingLine(
            () -> new Outlook(room, idle, waitNanos, eachNanos, longestWaitNanos),
            new WaitingLine.Ticks() {
                @Override
                public long nanos() {
                    return now;
                }

                @Override
                public void later(Runnable look) {
                    looks.add(look);
                }
            },
            HOLD);

    private WaitingLine.Place ask(WaitingLine.Party party, String name) {
        return party.ask(PATIENT, new WaitingLine.Caller() {
            @Override
            public void admitted() {
                told.add(name);
            }

            @Override
            public void refused(RequestRefused why) {
                told.add(name + " refused");
            }
        });
    }

    private RequestRefused refusal(WaitingLine.Party party, long timeNanos) {
        return catchThrowableOfType(
                RequestRefused.class,
                () -> party.ask(timeNanos, new WaitingLine.Caller() {
                    @Override
                    public void admitted() {}

                    @Override
                    public void refused(RequestRefused why) {}
                }));
    }

    private void pass(Duration time) {
        now += time.toNanos();
        List<Runnable> due = List.copyOf(looks);
        looks.clear();
        due.forEach(Runnable::run);
    }

    /// Room for so many more than have a place.
    private void makeRoom(int places) {
        room = places;
        line.room();
    }

    @Test
    void bodies_that_are_on_their_way_and_the_queue_share_its_places() {
        room = 2;
        WaitingLine.Place first = ask(line.party(), "first");
        WaitingLine.Place second = ask(line.party(), "second");
        WaitingLine.Place third = ask(line.party(), "third");

        assertThat(first.waits()).isFalse();
        assertThat(second.waits()).isFalse();
        assertThat(third.waits()).isTrue();

        // It lies in the queue now.
        room = 1;
        first.arrived();
        assertThat(told).isEmpty();

        // And was taken out.
        makeRoom(2);
        assertThat(told).containsExactly("third");
    }

    @Test
    void held_requests_take_turns_by_connection() {
        WaitingLine.Party greedy = line.party();
        WaitingLine.Party modest = line.party();
        WaitingLine.Party late = line.party();
        for (int i = 0; i < 3; i++) {
            ask(greedy, "greedy" + i);
        }
        ask(modest, "modest");
        ask(late, "late");

        for (int places = 1; places <= 5; places++) {
            // As many as came before, for nobody may have more than is left.
            makeRoom(2 * places);
        }

        assertThat(told).startsWith("greedy0", "modest", "late").endsWith("greedy1", "greedy2");
    }

    @Test
    void a_connection_leaves_to_others_as_many_places_as_it_has() {
        room = 8;
        WaitingLine.Party greedy = line.party();
        long taken = 0;
        for (int i = 0; i < 8; i++) {
            taken += ask(greedy, "greedy").waits() ? 0 : 1;
        }

        assertThat(taken).isEqualTo(4);
        assertThat(ask(line.party(), "other").waits()).isFalse();
    }

    @Test
    void no_more_bodies_come_at_once_than_the_runs_of_a_quarter_of_a_second_need() {
        room = 64;
        eachNanos = TimeUnit.MILLISECONDS.toNanos(50);
        int coming = 0;
        List<WaitingLine.Place> places = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            places.add(ask(line.party(), "call" + i));
            coming += places.getLast().waits() ? 0 : 1;
        }

        assertThat(coming).isEqualTo(5);
        // There will be room for all of them, so nobody is refused.
        room = 63;
        places.getFirst().arrived();
        assertThat(told).containsExactly("call5");
    }

    @Test
    void a_connection_leaves_to_others_as_much_of_the_line_as_it_has() {
        WaitingLine.Party greedy = line.party();
        int greedily = 0;
        while (refusal(greedy, PATIENT) == null) {
            greedily++;
        }

        int others = 0;
        while (refusal(line.party(), PATIENT) == null) {
            others++;
        }

        assertThat(greedily).isEqualTo(128);
        assertThat(others).isEqualTo(128);
        assertThat(line.held()).isEqualTo(256);
    }

    @Test
    void the_line_is_as_long_as_will_be_admitted_in_half_of_the_time() {
        eachNanos = HOLD.toNanos() / 20;
        int taken = 0;
        RequestRefused refused = refusal(line.party(), PATIENT);
        while (refused == null) {
            taken++;
            refused = refusal(line.party(), PATIENT);
        }

        assertThat(taken).isEqualTo(10);
        assertThat(refused.fault()).isEqualTo(Fault.OVERLOADED);
    }

    @Test
    void a_request_is_refused_that_would_wait_longer_than_its_time_or_than_models_allow() {
        waitNanos = 100;

        assertThat(refusal(line.party(), 99)).hasMessageContaining("for the time you allow");
        longestWaitNanos = 99;
        assertThat(refusal(line.party(), PATIENT)).hasMessageContaining("longer than models allow");
        longestWaitNanos = 100;
        assertThat(refusal(line.party(), 100)).isNull();
    }

    @Test
    void who_announces_bodies_and_sends_none_loses_his_places_and_comes_last() {
        room = 2;
        WaitingLine.Party announcer = line.party();
        WaitingLine.Place mute = ask(announcer, "mute");
        WaitingLine.Place honest = ask(line.party(), "honest");
        ask(announcer, "announced");
        ask(line.party(), "patient");

        pass(Duration.ofMillis(199));
        assertThat(told).isEmpty();
        pass(Duration.ofMillis(1));
        // Both places were taken for too long; whoever sent nothing is asked last.
        assertThat(told).containsExactly("patient", "announced");

        honest.arrived();
        mute.arrived();
        assertThat(told).hasSize(2);
    }

    @Test
    void who_lost_a_place_takes_turns_again_when_a_body_of_his_came() {
        for (boolean came : new boolean[] {false, true}) {
            told.clear();
            room = 1;
            WaitingLine.Party lame = line.party();
            WaitingLine.Place slow = ask(lame, "slow");
            WaitingLine.Place other = ask(line.party(), "other");
            pass(Duration.ofMillis(300));
            assertThat(told).containsExactly("other");

            if (came) {
                slow.arrived();
            }
            WaitingLine.Place again = ask(lame, "again");
            WaitingLine.Place late = ask(line.party(), "late");
            other.arrived();

            assertThat(told).containsExactly("other", came ? "again" : "late");
            again.givenUp();
            late.givenUp();
        }
    }

    @Test
    void an_idle_engine_is_not_kept_so_by_places_that_are_taken() {
        room = 1;
        idle = true;
        ask(line.party(), "mute");

        assertThat(ask(line.party(), "other").waits()).isFalse();

        idle = false;
        assertThat(ask(line.party(), "third").waits()).isTrue();
    }

    @Test
    void places_come_back_once() {
        room = 1;
        WaitingLine.Place place = ask(line.party(), "first");
        for (int i = 0; i < 3; i++) {
            ask(line.party(), "held" + i);
        }

        place.arrived();
        place.givenUp();
        place.arrived();

        assertThat(told).containsExactly("held0");
    }

    @Test
    void a_held_request_that_is_given_up_leaves_the_line() {
        WaitingLine.Party party = line.party();
        WaitingLine.Place first = ask(party, "first");
        ask(party, "second");
        ask(line.party(), "third");

        first.givenUp();
        first.givenUp();

        assertThat(line.held()).isEqualTo(2);
        makeRoom(9);
        assertThat(told).containsExactly("second", "third");
    }

    @Test
    void a_held_request_is_refused_after_the_longest_hold_and_not_before() {
        ask(line.party(), "first");
        pass(HOLD.minusMillis(1));
        ask(line.party(), "second");
        assertThat(told).isEmpty();

        pass(Duration.ofMillis(1));

        assertThat(told).containsExactly("first refused");
        makeRoom(1);
        assertThat(told).containsExactly("first refused", "second");
    }

    @Test
    void time_is_looked_at_only_while_a_request_is_held() {
        room = 1;
        WaitingLine.Place place = ask(line.party(), "first");
        assertThat(looks).isEmpty();
        ask(line.party(), "second");
        ask(line.party(), "third");
        assertThat(looks).hasSize(1);

        pass(WaitingLine.TICK);
        assertThat(looks).hasSize(1);
        place.givenUp();
        makeRoom(9);
        pass(WaitingLine.TICK);

        assertThat(looks).isEmpty();
    }

    @Test
    void peers_are_to_send_little_at_once_while_a_request_waits_longer_than_a_round_trip_takes() {
        room = 64;
        eachNanos = 1;
        waitNanos = Duration.ofMillis(250).toNanos();
        ask(line.party(), "first");
        assertThat(line.isPressed()).isFalse();

        ask(line.party(), "second");

        assertThat(line.isPressed()).isTrue();
    }

    @Test
    void peers_are_to_send_little_at_once_from_a_lack_of_room_until_a_while_after_it() {
        room = 1;
        ask(line.party(), "first");
        assertThat(line.isPressed()).isFalse();
        WaitingLine.Place held = ask(line.party(), "second");
        assertThat(line.isPressed()).isTrue();

        held.givenUp();
        now += Duration.ofSeconds(10).toNanos();
        assertThat(line.isPressed()).isTrue();
        now++;
        assertThat(line.isPressed()).isFalse();
    }
}
