package s3ml.lab.follow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LoadHistoryTest {
    private static final double MOST = 0.15;

    private final LoadHistory history = new LoadHistory();
    private double seconds;
    private long there;
    private long all;

    /// Half a second, ten calls.
    private void half(int callsThere) {
        seconds += 0.5;
        there += callsThere;
        all += 10;
        history.add(new LoadHistory.Sample(seconds, there, all));
    }

    private void halves(int count, int callsThere) {
        for (int i = 0; i < count; i++) {
            half(callsThere);
        }
    }

    @Test
    void load_that_leaves_follows_from_the_first_second_without_too_much_of_it() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        halves(6, 5);
        halves(6, 1);

        assertThat(history.followsAfter(MOST)).hasValue(3);
        assertThat(history.lastShare(2)).isEqualTo(0.1);
    }

    @Test
    void load_that_was_never_there_follows_at_once() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        halves(6, 1);

        assertThat(history.followsAfter(MOST)).hasValue(0);
    }

    @Test
    void load_that_comes_back_follows_from_when_it_left_for_good() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        halves(4, 0);
        halves(2, 10);
        halves(4, 0);

        assertThat(history.followsAfter(MOST)).hasValue(3);
    }

    @Test
    void load_that_is_there_in_the_last_second_does_not_follow() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        halves(8, 0);
        half(10);

        assertThat(history.followsAfter(MOST)).isEmpty();
    }

    @Test
    void a_share_of_just_what_is_allowed_follows_and_a_call_more_does_not() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        history.add(new LoadHistory.Sample(1, 15, 100));
        assertThat(history.followsAfter(MOST)).hasValue(0);

        history.add(new LoadHistory.Sample(2, 31, 200));
        assertThat(history.followsAfter(MOST)).isEmpty();
    }

    @Test
    void a_second_without_answers_is_not_one_in_which_load_followed() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        halves(2, 0);
        history.add(new LoadHistory.Sample(2, there, all));

        assertThat(history.followsAfter(MOST)).isEmpty();
    }

    @Test
    void counters_that_were_not_read_at_once_make_no_share_below_none() {
        history.add(new LoadHistory.Sample(0, 1, 1));
        history.add(new LoadHistory.Sample(1, 0, 100));

        assertThat(history.lastShare(1)).isEqualTo(0.0);
        assertThat(history.followsAfter(MOST)).hasValue(0);
    }

    @Test
    void less_than_a_second_tells_nothing() {
        history.add(new LoadHistory.Sample(0, 0, 0));
        half(0);

        assertThat(history.followsAfter(MOST)).isEmpty();
    }
}
