"""How long to watch: by hand, and against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from salestrack.stats.watching import watch


def lives(*rows, longest=400):
    return pd.DataFrame(rows, columns=["after", "outcome", "count"]).assign(longest=longest)


def test_by_hand():
    """Of 100: 38 won on day 10, 2 on day 90; 40 lost on day 20; 20 open, of which 10 are 50 days old and 10 are 200.

    F is 0.38 from day 10, then S is 0.62, and 0.22 after day 20. On day 90 the 10 of 50 days are gone: 2 of 12, so F rises by
    0.22 / 6 to 0.4167, and 95 % of that, 0.3958, is reached on day 90 only. Nothing comes after it.
    """
    found = watch(lives((10, "won", 38), (20, "lost", 40), (50, "open", 10), (90, "won", 2), (200, "open", 10)))
    assert (found.watched, found.within, found.yet, found.ripe) == (90, 14, 0.0, True)


def test_those_open_at_the_end_of_the_watch_may_be_won_yet():
    """190 of 200 won on day 10, where the watch ends; 5 are open at 250, and the 5 that were watched longer were won on day 300."""
    found = watch(lives((10, "won", 190), (250, "open", 5), (300, "won", 5)))
    assert found.watched == 10
    assert found.yet == pytest.approx(1.0), "all that were watched longer were won"


def test_where_nothing_is_open_there_is_nothing_to_wait_for():
    assert watch(lives((10, "won", 5), (90, "won", 5), (20, "lost", 5))).watched == 0


def test_nobody_and_nobody_won():
    assert watch(lives()).watched == 0
    assert watch(lives((10, "lost", 5), (20, "open", 5))) == (0, 7, 0.0, True)


def test_a_record_that_is_hardly_longer_than_the_wins_take_is_not_ripe():
    rows = [(day, "won", 1) for day in range(1, 100)] + [(99, "open", 50)]
    assert not watch(lives(*rows, longest=99)).ripe
    assert watch(lives(*rows, longest=400)).ripe


def test_days_are_those_of_statsmodels():
    rng = np.random.default_rng(4)
    won, seen = rng.random(500) < 0.4, rng.integers(0, 300, 500)
    life = np.round(rng.gamma(2, np.where(won, 40, 25))).astype(int)
    kind = np.where(life > seen, 0, np.where(won, 1, 2))
    ages = np.minimum(life, seen)
    with np.errstate(divide="ignore", invalid="ignore"):
        curve = CumIncidenceRight(ages + 0.5 * (kind == 0) + 0.25, kind)
    wanted = int(np.floor(curve.times[np.argmax(curve.cinc[0] >= 0.95 * curve.cinc[0][-1] - 1e-12)]))
    frame = pd.DataFrame({"after": ages, "outcome": np.array(["open", "won", "lost"])[kind], "count": 1, "longest": 300})
    assert watch(frame).watched == wanted
