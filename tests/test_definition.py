"""A metric that somebody defines in a cell gets all that the kit's own have, and is refused with the reason where it cannot."""

import re

import pytest

import salestrack as st
from salestrack.errors import DefinitionError, StatisticsError, UnknownNameError
from tests.kit import Q2


def test_a_metric_defined_in_a_cell_gets_everything(registry, small_book):
    @st.metric(unit=st.SHARE, clock="close_date", better=st.HIGHER)
    def big_win_share(opportunities):
        """Share of won opportunities of 1,000 or more."""
        valued = opportunities.won & opportunities.amount.notnull()
        return st.Ratio(of=valued & (opportunities.amount >= 1000), over=valued)

    measured = st.measure(small_book, big_win_share, during=Q2, by="rep")
    value = measured.frame.set_index("rep")["value"].to_dict()
    assert value["Ada"] == 1.0  # O1 1000 and O2 3000
    assert value["Ben"] == 0.0  # O4 500; O5 has no amount
    whole = st.measure(small_book, "big_win_share", during=Q2)
    assert whole.value() == 3 / 4  # O1 O2 O8 of O1 O2 O4 O8
    assert whole.frame["low"].notna().all()
    assert "Big win share" in str(whole)
    assert whole.definitions.records()[0]["definition"] == "Share of won opportunities of 1,000 or more."
    assert registry["big_win_share"] is big_win_share


def test_a_metric_may_give_its_own_label_and_be_defined_anew_in_a_cell(registry, book):
    for _ in range(2):

        @st.metric(unit=st.MONEY, clock="close_date", label="Net bookings")
        def net_bookings(opportunities):
            """Amount won, a tenth taken off."""
            return st.Total(of=opportunities.amount * 0.9, where=opportunities.won)

    measured = st.measure(book, net_bookings, during=Q2)
    assert "Net bookings" in str(measured)
    assert measured.value() == pytest.approx(0.9 * 5700)


def wordless(opportunities):
    return st.Total(of=opportunities.won)


def misspelt_table(oportunities):
    """Number of opportunities."""


def plain(opportunities):
    """Number of opportunities."""


def two_tables(opportunities, quota_days):
    """Number of opportunities for each quota."""


def no_table():
    """Number of nothing."""


def in_need(opportunities):
    """Number of opportunities, all with an amount."""


REFUSED = [
    (wordless, None, DefinitionError, "'wordless' has no docstring: its docstring is its definition"),
    (misspelt_table, None, UnknownNameError, "No table 'oportunities' in a book. Did you mean 'opportunities'?"),
    (plain, "closedate", DefinitionError, "has no column 'closedate' to be its clock. Did you mean 'close_date'"),
    (two_tables, {"opportunities": "close_date"}, DefinitionError, "no clock for the table quota_days. Known for: opportunities."),
    (in_need, None, DefinitionError, "'in_need' needs 'ammount', which is no column of its tables. Did you mean 'amount'?"),
    (no_table, None, DefinitionError, "'no_table' takes no table. Name the tables that it needs as parameters"),
]


@pytest.mark.parametrize(("function", "clock", "error", "message"), REFUSED, ids=[case[0].__name__ for case in REFUSED])
def test_a_definition_that_does_not_say_what_is_needed_is_refused(registry, function, clock, error, message):
    with pytest.raises(error, match=re.escape(message)):
        st.metric(unit=st.COUNT, clock=clock, needs="ammount" if function is in_need else ())(function)
    assert function.__name__ not in registry


def test_a_definition_of_the_kit_stays_what_it_is(registry):
    with pytest.raises(DefinitionError, match="'win_rate' is a definition of the kit"):

        @st.metric(unit=st.SHARE)
        def win_rate(opportunities):
            """Won over everything, as some have it."""

    assert registry["win_rate"] is st.win_rate


def test_a_metric_must_return_a_formula(registry, book):
    @st.metric(unit=st.COUNT, clock="close_date")
    def a_sum(opportunities):
        """Number of won opportunities, summed by the function itself."""
        return opportunities.won.sum()

    with pytest.raises(DefinitionError, match=r"'a_sum' returns .*; it must return one of Total, Ratio"):
        st.measure(book, a_sum, during=Q2)


def test_a_metric_may_not_bring_a_table_of_its_own(registry, book):
    foreign = book.table("activities")

    @st.metric(unit=st.RATIO, clock="close_date")
    def foreign_part(opportunities):
        """Activities for each opportunity."""
        return st.Ratio(of=foreign.hours, over=opportunities.won.cast("float64"))

    with pytest.raises(DefinitionError, match="not made of the tables that the metric takes"):
        st.measure(book, foreign_part, during=Q2)


def test_a_share_whose_parts_do_not_nest_is_refused(registry, book):
    @st.metric(unit=st.SHARE, clock="close_date")
    def upside_down(opportunities):
        """Closed over won: more than all."""
        return st.Ratio(of=opportunities.closed, over=opportunities.won)

    with pytest.raises(StatisticsError, match="0 <= k <= n"):
        st.measure(book, upside_down, during=Q2)
