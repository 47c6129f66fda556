"""The goal sheet: what it may say, every fault with its way out, every warning, the menu, the way from objectives to targets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

import salestrack as st
from salestrack import formats
from salestrack.definition import METRICS, find_metric
from salestrack.errors import GoalError, UnknownNameError
from salestrack.goals import GOAL_MENU, Goals, Objective, Target, check_goals, menu, new_goals, read_goals, suggest
from tests.small_book import NASTY

SHEET = """
period: 2026-Q2
objectives:
  - name: Grow without discounts
    achieve: Sell more at the price it is worth.
    use: See early whether the pace is enough.
    owner: VP Sales
    review: weekly
    metrics:
      - {metric: bookings, target: 12_000_000, where: {segment: Enterprise}, period: 2026-05}
      - {metric: win_rate, target: "30%"}
      - {metric: sales_cycle, target: 60}
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text: str) -> Goals:
        path = tmp_path / "goals.yaml"
        path.write_text(text, encoding="utf-8")
        return read_goals(path)

    return read_text


@pytest.fixture
def faults(read):
    """From a sheet that cannot be used to what is said about it, without the path."""

    def told(text: str) -> list[str]:
        with pytest.raises(GoalError) as caught:
            read(text)
        first, *rest = str(caught.value).splitlines()
        assert "goals.yaml" in first
        return [line.removeprefix("  - ") for line in rest] or [first]

    return told


def objective(*metrics: str, about: str = "achieve: a, use: b, owner: c, review: weekly", name: str = "One") -> str:
    return f"{{name: {name}, {about}, metrics: [{', '.join(metrics)}]}}"


def sheet(*objectives: str) -> str:
    return "period: 2026-Q2\nobjectives:\n" + "".join(f"  - {each}\n" for each in objectives)


# --- what a sheet may say


def test_a_sheet_is_read_as_it_is_written(read):
    goals = read(SHEET)
    (one,) = goals.objectives
    assert (goals.period, one.name, one.owner, one.review) == ("2026-Q2", "Grow without discounts", "VP Sales", "weekly")
    assert [(t.metric, t.target, t.direction, t.where, t.period) for t in one.metrics] == [
        ("bookings", 12_000_000, "at_least", {"segment": "Enterprise"}, "2026-05"),
        ("win_rate", 0.3, "at_least", {}, None),
        ("sales_cycle", 60, "at_most", {}, None),  # shorter is better
    ]
    assert goals.warnings == []


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("0.30", 0.3),
        ('"30%"', 0.3),
        ("30%", 0.3),
        ('" 31.5 % "', 0.315),
        ("1", 1.0),
        ('"100%"', 1.0),
        ('"0.3"', 0.3),
        ("3e-1", 0.3),
    ],
)
def test_a_share_may_be_written_as_a_share_or_as_percent(read, written, target):
    goals = read(sheet(objective(f"{{metric: win_rate, target: {written}}}")))
    assert goals.objectives[0].metrics[0].target == pytest.approx(target, abs=1e-12)


@given(share=some.integers(1, 1000))
def test_percent_and_share_mean_the_same(share):
    def target(written: object) -> float:
        one = {"name": "One", "metrics": [{"metric": "win_rate", "target": written}]}
        return Goals.model_validate({"objectives": [one]}).objectives[0].metrics[0].target

    assert target(f"{share / 10}%") == pytest.approx(target(share / 1000), abs=1e-12)


def test_a_ratio_may_exceed_one(read):
    assert read(sheet(objective("{metric: quota_attainment, target: 110%}"))).objectives[0].metrics[0].target == pytest.approx(1.1)


def test_what_yaml_reads_as_something_else_is_taken_as_the_text_that_was_written(read):
    goals = read(
        "period: 2026\nobjectives:\n  - {name: 7, owner: , metrics: [{metric: bookings, target: 1, "
        "where: {team: [1, ~, North]}, period: 2026-09-30}]}"
    )
    (_, target), *_ = goals.targets
    assert (goals.period, goals.objectives[0].name, goals.objectives[0].owner) == ("2026", "7", "")
    assert (target.where, target.period) == ({"team": ["1", None, "North"]}, "2026-09-30")


def test_a_bare_name_is_a_metric_without_a_target(read):
    target = read(sheet(objective("pipeline"))).objectives[0].metrics[0]
    assert (target.metric, target.target, target.direction) == ("pipeline", None, None)


def test_an_objective_may_still_be_without_metrics(read):
    assert read(sheet("{name: One, metrics: }")).objectives[0].metrics == ()


def test_no_path_is_no_goals():
    goals = read_goals("")
    assert (goals.objectives, goals.targets) == ((), ())
    assert goals.warnings == goals.advice(st.FIVE) == ["No goals are set."]
    assert str(goals) == "No goals are set."


def test_a_byte_order_mark_changes_nothing(tmp_path, read):
    path = tmp_path / "marked.yaml"
    path.write_text(SHEET, encoding="utf-8-sig")
    assert read_goals(str(path)) == read(SHEET)


def test_the_sheet_in_the_documentation_can_be_used(read):
    page = (Path(__file__).parents[1] / "docs" / "goals.md").read_text(encoding="utf-8")
    goals = read(page.partition("```yaml\n")[2].partition("```")[0])
    assert goals.warnings == []
    assert [target.metric for _, target in goals.targets] == ["bookings", "average_deal_size", "selling_time_share"]


def test_the_documentation_names_every_setting():
    page = (Path(__file__).parents[1] / "docs" / "goals.md").read_text(encoding="utf-8")
    for model in (Goals, Objective, Target):
        assert all(f"`{name}`" in page or f"{name}:" in page for name in model.model_fields)


# --- what it may not


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path):
    (tmp_path / "goals.yaml").write_text(SHEET)
    with pytest.raises(GoalError, match=r"There is no goal sheet .*gaols\.yaml\. Did you mean 'goals\.yaml'\?"):
        read_goals(tmp_path / "gaols.yaml")


def test_a_missing_file_in_an_empty_place_says_how_to_start(tmp_path):
    with pytest.raises(GoalError, match=r"There is no goal sheet .* docs/goals\.md shows one to start from"):
        read_goals(tmp_path / "nowhere" / "goals.yaml")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "---\n"])
def test_an_empty_file_says_how_to_start(faults, text):
    (told,) = faults(text)
    assert told.endswith("is empty. docs/goals.md shows one to start from, and salestrack.goals.menu() common objectives.")


@pytest.mark.parametrize("text", ["- name: One", "just a text"])
def test_a_sheet_must_hold_objectives(faults, text):
    assert "must begin with 'objectives:'" in faults(text)[0]


@pytest.mark.parametrize("text", ["period: 2026-Q2", "objectives:", "objectives: []"])
def test_no_objectives(faults, text):
    assert faults(text)[0].startswith("There are no objectives.")


def test_broken_yaml_is_told_with_its_line(faults):
    (told,) = faults("period: 2026-Q2\nobjectives:\n  - name: [One\n    owner: x: y\n")
    assert "is not YAML, line 4:" in told
    assert told.endswith("Check indents, colons and quotes.")


@pytest.mark.parametrize("content", [b"period: \xff\xfe", b"period: \x00"])
def test_what_is_no_text_is_told(tmp_path, content):
    path = tmp_path / "goals.yaml"
    path.write_bytes(content)
    with pytest.raises(GoalError, match=r"is not UTF-8 text\. Save it as UTF-8\."):
        read_goals(path)


NUMBER = 'is not a number. Write it as 12000000, 0.30 or "30%".'
COMMA = "has a comma, and numbers are written without thousands signs and with a decimal point:"
ONE = "Objective 1 (One), metric 1"


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        ("{metric: bookigns, target: 1}", f"{ONE} (bookigns): There is no metric 'bookigns'. Did you mean 'bookings'?"),
        ("bookigns", f"{ONE} (bookigns): There is no metric 'bookigns'. Did you mean 'bookings'?"),
        ("{target: 1}", f"{ONE}: metric is missing."),
        ("{metric: bookings, traget: 1}", f"{ONE} (bookings): There is no setting 'traget'. Did you mean 'target'?"),
        (
            "{metric: bookings, target: 1, direction: atleast}",
            f"{ONE} (bookings): direction: 'atleast' is not known. Did you mean 'at_least'?",
        ),
        (
            "{metric: pipeline, target: 1}",
            f"{ONE} (pipeline): direction: more of pipeline is not good or bad in itself; say direction: at_least or at_most.",
        ),
        (
            "{metric: win_rate, target: 30}",
            f'{ONE} (win_rate): target: a share lies between 0 and 1, and 30 is more. For 30 % write 0.3 or "30%".',
        ),
        (
            "{metric: win_rate, target: 130%}",
            f"{ONE} (win_rate): target: a share lies between 0 and 1, and 130% is more. It ends at 1, or 100%.",
        ),
        (
            "{metric: bookings, target: 5%}",
            f"{ONE} (bookings): target: '5%' is a percent, but the metric is measured in money. Write a plain number.",
        ),
        (
            "{metric: bookings, target: 12 million}",
            f"{ONE} (bookings): target: '12 million' {NUMBER}",
        ),
        (
            "{metric: win_rate, target: '0,35'}",
            f"{ONE} (win_rate): target: '0,35' {COMMA} 0.35.",
        ),
        (
            "{metric: bookings, target: '12,000,000'}",
            f"{ONE} (bookings): target: '12,000,000' {COMMA} 12000000.",
        ),
        ("{metric: bookings, target: yes}", f"{ONE} (bookings): target: 'True' {NUMBER}"),
        ("{metric: bookings, target: .nan}", f"{ONE} (bookings): target: 'nan' {NUMBER}"),
        ("{metric: bookings, target: .inf}", f"{ONE} (bookings): target: 'inf' {NUMBER}"),
        ("{metric: bookings, target: -5}", f"{ONE} (bookings): target: -5 is below zero, which no metric can be."),
        ("{metric: bookings, target: 0}", f"{ONE} (bookings): direction: a target of at least 0 is reached by doing nothing."),
        (
            "{metric: bookings, target: 1, where: Enterprise}",
            f"{ONE} (bookings): where: a scope is a column with the value that it must have, as in {{segment: Enterprise}}.",
        ),
        (
            "{metric: bookings, target: 1, where: {country: NO}}",
            f"{ONE} (bookings): YAML reads no, off and false as False; put the text in quotes.",
        ),
    ],
)  # fmt: skip
def test_each_fault_of_a_metric_is_told_with_its_place(faults, metric, told):
    assert faults(sheet(objective(metric))) == [told]


def test_a_period_that_is_none_is_told(faults):
    (told,) = faults("period: Q3 2026\nobjectives: [{name: One}]")
    assert told.startswith("period: 'Q3 2026' is not a period. Use 2026, 2026-Q3,")


def test_a_setting_that_does_not_exist_is_told_wherever_it_stands(faults):
    assert faults("perod: 2026\nobjectives: [{name: One, onwer: x}]") == [
        "Objective 1 (One): There is no setting 'onwer'. Did you mean 'owner'?",
        "There is no setting 'perod'. Did you mean 'period'?",
    ]


def test_a_rhythm_of_review_that_is_not_known_is_told(faults):
    assert faults(sheet("{name: One, review: weakly}")) == [
        "Objective 1 (One): review: 'weakly' is not known. Did you mean 'weekly'?"
    ]


def test_an_objective_needs_a_name(faults):
    assert faults(sheet("{owner: x}", "{name: '', owner: x}")) == [
        "Objective 1: name is missing.",
        "Objective 2: name: String should have at least 1 character.",
    ]


def test_two_objectives_of_one_name_are_told(faults):
    assert faults(sheet("{name: One}", "{name: One}")) == ["Two objectives are named 'One'."]


def test_a_key_said_twice_is_told_instead_of_winning_silently(faults):
    assert faults("period: 2026-Q2\nperiod: 2026-Q3\nobjectives: [{name: One}]") == [
        "Line 1: 'period' is said twice; only one can hold."
    ]


def test_all_faults_are_told_at_once(faults):
    told = faults(
        "period: soon\nowner: x\nobjectives:\n"
        "  - {name: One, metrics: [{metric: bookigns}, {metric: win_rate, target: 40}, {metric: pipeline, target: ten}]}\n"
        "  - {name: One, review: daily}\n"
    )
    assert len(told) == 7
    for part in ("soon", "'owner'", "bookigns", '"40%"', "'ten' is not a number", "'daily'", "Two objectives are named 'One'"):
        assert sum(part in line for line in told) == 1, part


def test_a_goal_error_is_also_a_value_error(read):
    with pytest.raises(ValueError, match="is empty"):
        read("")


def test_a_metric_of_ones_own_may_be_a_goal_once_it_is_defined(read, registry):
    text = sheet(objective("{metric: big_win_share, target: 20%}"))
    with pytest.raises(GoalError, match="There is no metric 'big_win_share'"):
        read(text)

    @st.metric(unit=st.SHARE, clock="close_date", better=st.HIGHER)
    def big_win_share(opportunities):
        """Share of won opportunities above 10,000."""
        return st.Ratio(of=opportunities.won & (opportunities.amount > 10_000), over=opportunities.won)

    assert read(text).targets[0][1].target == pytest.approx(0.2)


# --- a sheet against a book


def test_a_sheet_that_fits_the_book(read, book):
    check_goals(book, read(sheet(objective("{metric: bookings, target: 1, where: {account.segment: SMB}}", "leakage"))))


def test_scopes_that_the_book_does_not_have_are_told_at_once(read, book):
    goals = read(
        sheet(
            objective("{metric: bookings, target: 1, where: {team: Nort}}"),
            objective("{metric: win_rate, target: 0.3, where: {teem: North}}", name="Two"),
        )
    )
    with pytest.raises(GoalError) as caught:
        check_goals(book, goals)
    first, *told = str(caught.value).splitlines()
    assert first == "The goals do not fit the book of Small & Co."
    assert told[0] == "  - 'One', bookings: No team is called 'Nort'. Did you mean 'North'?"
    assert told[1].startswith("  - 'Two', win_rate: No column 'teem' for opportunities")
    assert len(told) == 2


# --- warnings


def test_an_objective_without_metrics_is_told_with_common_ones(read):
    bare = "achieve: a, use: b, owner: c, review: weekly"
    assert read(sheet(f"{{name: Sell larger deals, {bare}}}")).warnings == [
        '"Sell larger deals" has no metric yet: nothing will show whether it is reached. '
        "Often used: average_deal_size, median_deal_size, win_rate."
    ]
    assert read(sheet(f"{{name: Xyzzy, {bare}}}")).warnings == [
        '"Xyzzy" has no metric yet: nothing will show whether it is reached.'
    ]


def test_a_metric_without_a_target_is_told(read):
    assert read(sheet(objective("{metric: win_rate, where: {team: North}}"))).warnings == [
        '"One": Win rate (Team: North) has no target, so it cannot be on or off track.'
    ]


def test_what_an_objective_leaves_open_is_told(read):
    goals = read(sheet("{name: One, metrics: [{metric: win_rate, target: 0.3}]}"))
    assert goals.warnings == [
        '"One" does not say what we want to achieve.',
        '"One" does not say what we want to do with the data.',
        '"One" has no owner: nobody will act on it.',
        '"One" does not say how often it is reviewed: weekly, monthly or quarterly.',
    ]


SEVEN = ("bookings", "win_rate", "average_deal_size", "leakage", "sales_cycle", "created_leads", "selling_time_share")


def likely(name: str) -> str:
    """Return a metric with a target that looks like none that was misspelt."""
    return f"{{metric: {name}, target: {500 if METRICS[name].unit == st.MONEY else 0.5}}}"


def in_twos(metrics: tuple[str, ...]) -> str:
    targets = [likely(name) for name in metrics]
    pairs = [targets[i : i + 2] for i in range(0, len(targets), 2)]
    return sheet(*(objective(*pair, name=f"O{i}") for i, pair in enumerate(pairs)))


def test_seven_metrics_are_enough_and_eight_too_many(read):
    assert read(in_twos(SEVEN)).warnings == []
    assert read(in_twos((*SEVEN, "won_opportunities"))).warnings == [
        "8 metrics are tracked; more than 7 are hard to keep in mind. Track what matters most, not everything."
    ]


def test_the_same_metric_under_two_objectives_is_one_metric(read):
    assert read(in_twos((*SEVEN, "bookings"))).warnings == []


def test_more_than_three_metrics_of_one_objective_are_told(read):
    four = [likely(name) for name in SEVEN[:4]]
    assert read(sheet(objective(*four[:3]))).warnings == []
    assert read(sheet(objective(*four))).warnings == ['"One" has 4 metrics; choose the 3 that show best whether it is reached.']


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("target: 0.3", "target: 0.35", True),
        ("target: 0.3", "target: 0.3", False),
        ("target: 0.3", "target: 0.35, period: 2026-Q3", False),
        ("target: 0.3", "target: 0.35, period: 2026-Q2", True),
        ("target: 0.3", "target: 0.35, where: {team: North}", False),
        ("target: 0.3, where: {team: [North, South]}", "target: 0.35, where: {team: [South, North]}", True),
    ],
)
def test_two_targets_for_the_same_thing_are_told(read, first, second, told):
    goals = read(sheet(objective(f"{{metric: win_rate, {first}}}"), objective(f"{{metric: win_rate, {second}}}", name="Two")))
    assert len(goals.warnings) == told
    if told:
        assert "has different targets for the same period: 30.0%, 35.0%. Keep one." in goals.warnings[0]


def test_a_band_is_no_contradiction(read):
    goals = read(
        sheet(objective(*(f"{{metric: pipeline, target: {n}, direction: {d}}}" for n, d in [(500, "at_least"), (900, "at_most")])))
    )
    assert goals.warnings == []


def test_a_target_against_the_good_direction_is_told(read):
    goals = read(
        sheet(
            objective("{metric: win_rate, target: 0.3, direction: at_most}", "{metric: leakage, target: 0.3, direction: at_least}")
        )
    )
    assert goals.warnings == [
        '"One": Win rate is better when higher, but its target is an upper limit.',
        '"One": Leakage is better when lower, but its target is a lower limit.',
    ]


def test_a_ratio_that_looks_like_a_percent_is_told(read):
    assert read(sheet(objective("{metric: quota_attainment, target: 95}"))).warnings == [
        '"One": the target of Quota attainment reads as 9,500%. If 95% is meant, write it so.'
    ]
    assert read(sheet(objective("{metric: quota_attainment, target: 1.05}"))).warnings == []


@pytest.mark.parametrize(
    ("metric", "read_as", "meant"),
    [
        ("{metric: win_rate, target: 0.35%}", "0.35%", "0.35 or 35%"),
        ("{metric: win_rate, target: 1}", "100%", "1%"),
        ("{metric: bookings, target: 12}", "12", "12000"),
    ],
)
def test_a_target_that_looks_like_a_slip_is_told(read, metric, read_as, meant):
    (told,) = read(sheet(objective(metric))).warnings
    assert f" reads as {read_as}. If {meant} is meant, write it so." in told


@pytest.mark.parametrize(
    "metric", ["{metric: win_rate, target: 1%}", "{metric: win_rate, target: 0.01}", "{metric: won_opportunities, target: 12}",
               "{metric: bookings, target: 100}", "{metric: average_deal_size, target: 450}"]
)  # fmt: skip
def test_small_targets_that_make_sense_are_no_slips(read, metric):
    assert read(sheet(objective(metric))).warnings == []


def test_metrics_that_serve_no_goal_are_told(read):
    goals = read(SHEET)
    assert goals.unused([st.win_rate, "leakage", st.bookings, "leakage", st.pipeline]) == ["leakage", "pipeline"]
    assert goals.advice([st.win_rate, "leakage"]) == ["Leakage is reported but serves no goal."]
    assert goals.advice(["leakage", "pipeline"]) == ["2 reported metrics serve no goal: Leakage, Pipeline."]
    assert goals.advice([st.win_rate]) == ["Nothing to improve: every objective has its metrics, targets, owner and review."]


def test_unused_wants_metrics_that_exist(read):
    with pytest.raises(UnknownNameError, match="Did you mean 'leakage'"):
        read(SHEET).unused(["leekage"])


def test_advice_shows_itself_and_escapes_names(read):
    advice = read(sheet('{name: "<script>"}')).advice()
    assert str(advice).splitlines() == list(advice)
    assert advice._repr_html_().startswith('<p class="st-note">&quot;&lt;script&gt;&quot; has no metric yet')


# --- the menu


def test_the_menu_proposes_one_to_three_metrics_of_the_kit_each():
    assert menu() is GOAL_MENU
    assert 8 <= len(GOAL_MENU) <= 10
    for each in GOAL_MENU:
        assert 1 <= len(each.metrics) <= 3
        assert all(METRICS[metric.name] is metric for metric in each.metrics)
        assert each.objective
        assert each.achieve
        assert each.use
    assert len({each.objective for each in GOAL_MENU}) == len(GOAL_MENU)


def test_the_menu_as_a_frame_and_as_a_page():
    frame = GOAL_MENU.frame
    assert list(frame.columns) == ["objective", "achieve", "use", "metric", "direction"]
    assert len(frame) == sum(len(each.metrics) for each in GOAL_MENU)
    directions = frame.drop_duplicates("metric").set_index("metric")["direction"].fillna("")
    assert (directions["bookings"], directions["sales_cycle"], directions["pipeline"]) == ("at_least", "at_most", "")
    for page in (str(GOAL_MENU), GOAL_MENU._repr_html_()):
        assert all(each.objective in page and each.metrics[0].name in page for each in GOAL_MENU)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Improve the conversion of marketing leads", "leads"),
        ("Increase revenue growth", "grow"),
        ("Win rate", "win"),
        ("shorten our sales cycle by ten days", "faster"),
        ("More time for SELLING", "time"),
        ("bigger average deals", "larger"),
        ("fair quotas for our people", "quota"),
        ("win new customers", "new"),
        ("신규 고객을 늘린다", "new"),
        ("매출을 20% 늘린다", "grow"),
        ("영업 기간을 단축한다", "faster"),
        ("승률을 높인다", "win"),
    ],
)
def test_an_objective_in_ones_own_words_finds_common_ones(text, first):
    found = suggest(text)
    assert found[0].key == first
    assert len(found) <= 3


@pytest.mark.parametrize("text", ["", "xyzzy", "a be", "!?"])
def test_nothing_near_is_nothing_found(text):
    assert list(suggest(text)) == []


@pytest.mark.parametrize("text", ["reduce churn", "retain our customers", "해지를 줄인다"])
def test_keeping_customers_is_said_to_be_no_figure_of_the_kit(text):
    found = suggest(text)
    assert "begins after the sale" in found.note
    assert found.note in str(found)
    assert "begins after the sale" in found._repr_html_()


def test_nothing_near_says_so():
    assert str(suggest("xyzzy")) == suggest("xyzzy").note
    assert "st.goal_menu()" in suggest("xyzzy")._repr_html_()
    assert suggest("Increase revenue growth").note == ""


@given(some.text(max_size=80))
def test_any_text_may_be_asked_for(text):
    assert {each.key for each in suggest(text)} <= {each.key for each in GOAL_MENU}


# --- from objectives to targets


def test_the_way_from_objectives_to_targets(read):
    goals = read(SHEET + "  - {name: Later}\n")
    frame = goals.table().frame
    assert frame["metric"].fillna("").tolist() == ["bookings", "win_rate", "sales_cycle", ""]
    assert frame["objective"].tolist() == ["Grow without discounts"] * 3 + ["Later"]
    assert frame["target"].tolist()[:3] == [12_000_000, 0.3, 60]
    assert frame["period"].tolist()[:3] == ["2026-05", "2026-Q2", "2026-Q2"]
    assert frame["scope"].tolist()[:3] == ["Segment: Enterprise", "", ""]
    shown = str(goals)
    for text in ("at least 12,000,000", "at least 30.0%", "at most 60 days", "Later", "What do we want to achieve?", "VP Sales"):
        assert text in shown
    assert shown.count("Grow without discounts") == 1
    assert "at least €12,000,000" in str(goals.table("EUR"))


def test_names_in_a_sheet_are_escaped_on_the_page(read):
    goals = read("objectives:\n  - name: 'O''Neil, \"<script>alert(1)</script>\"'\n    owner: <b>김</b>\n    metrics: [win_rate]\n")
    for page in (goals._repr_html_(), goals.table()._repr_html_()):
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "김" in page


def test_a_scope_with_a_nasty_name_is_written_as_it_is(read):
    goals = Goals.model_validate(
        {"objectives": [{"name": "One", "metrics": [{"metric": "bookings", "where": {"rep": [NASTY, None]}}]}]}
    )
    assert goals.targets[0][1].label == f"Bookings (Rep: {NASTY}, (not recorded))"
    assert find_metric("bookings") is goals.targets[0][1].measures


# --- the first sheet


def test_a_first_sheet_can_be_read_and_says_where_figures_stand(book, tmp_path):
    text = new_goals(book)
    path = tmp_path / "goals.yaml"
    path.write_text(text, encoding="utf-8")
    goals = read_goals(path)
    assert [each.name for each in goals.objectives] == [
        each.objective for each in GOAL_MENU if each.key in ("grow", "win", "leak")
    ]  # fmt: skip
    assert all(target.target is None for _, target in goals.targets), "what was is no target"
    assert goals.period == "2026-Q3", "on its last day the second quarter is over"
    # All others stand there to be chosen from.
    assert all(each.objective in text for each in GOAL_MENU)
    line = next(line for line in text.splitlines() if "{metric: bookings," in line)
    now, before = (st.measure(book, st.bookings, during=period) for period in ("2026-Q2", "2026-Q1"))
    assert now.value() != before.value()
    for measured, period in ((now, "2026-Q2"), (before, "2026-Q1")):
        said = formats.alone(measured.value(), st.MONEY, book.settings.currency)
        assert f"{said} in {period}" in line


def test_a_first_sheet_from_the_two_questions(book, tmp_path):
    text = new_goals(book, ["Sell larger deals: no discounts", "retain our customers", "xyzzy"], ["Coach"])
    path = tmp_path / "goals.yaml"
    path.write_text(text, encoding="utf-8")
    goals = read_goals(path)
    one, other, none = goals.objectives
    assert (one.name, one.use) == ("Sell larger deals: no discounts", "Coach")
    assert one.metrics[0].metric == "average_deal_size"
    assert "begins after the sale" in text
    assert other.use == ""
    assert none.metrics == ()


def test_a_first_sheet_can_be_filled_in_for_every_objective(book, tmp_path):
    """Whatever is chosen from the comments reads as it stands, but for its target."""
    lines = new_goals(book).splitlines()
    start = lines.index("objectives:")
    chosen = [line.removeprefix("# ") if line.startswith("# ") else line for line in lines[start:]]
    path = tmp_path / "goals.yaml"
    path.write_text("\n".join([*lines[:start], *chosen]).replace("target: ", "target: 0.5"), encoding="utf-8")
    goals = read_goals(path)
    assert len(goals.objectives) == len(GOAL_MENU)
    assert {target.metric for _, target in goals.targets} == {metric.name for each in GOAL_MENU for metric in each.metrics}
