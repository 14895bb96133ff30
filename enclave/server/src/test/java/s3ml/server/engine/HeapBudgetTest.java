package s3ml.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

final class HeapBudgetTest {
    private final HeapBudget budget = new HeapBudget(100);

    @Test
    void what_all_hold_together_stays_within_the_budget() {
        HeapBudget.Share one = budget.share();
        HeapBudget.Share other = budget.share();
        one.take(60);
        other.take(40);

        RequestRefused refused = catchThrowableOfType(RequestRefused.class, () -> other.take(1));
        one.close();
        other.take(60);

        assertThat(refused.fault()).isEqualTo(Fault.OVERLOADED);
        assertThatThrownBy(() -> one.take(1)).isInstanceOf(RequestRefused.class);
    }

    @Test
    void more_than_there_ever_is_is_too_large_for_one_request() {
        HeapBudget.Share share = budget.share();
        share.take(60);

        RequestRefused refused = catchThrowableOfType(RequestRefused.class, () -> share.take(41));
        share.take(40);

        assertThat(refused.fault()).isEqualTo(Fault.TOO_LARGE);
    }

    @Test
    void what_is_given_back_is_there_for_others_once() {
        HeapBudget.Share share = budget.share();
        share.take(100);
        share.giveBack(70);
        share.close();
        share.close();

        budget.share().take(100);

        assertThatThrownBy(() -> budget.share().take(1)).isInstanceOf(RequestRefused.class);
    }
}
