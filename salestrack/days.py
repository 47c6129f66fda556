"""What is spread over days: quotas over the days they are for, working time over the days that reps work."""

from datetime import date

import holidays
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from salestrack.book import Settings
from salestrack.errors import suggestion
from salestrack.quota_levels import REP, managers_of, parents_of, read_quotas, with_levels


def quota_days(quotas: ir.Table, reps: ir.Table | None, as_of: date, territories: ir.Table | None = None) -> ir.Table:
    """Return quotas spread evenly over their days, one row for each quota that counts and each of its days.

    Levels are never added: where a book has quotas for reps, those of managers, teams and territories on the same days are left
    out (they would count the same bookings twice), and those of a territory where one below it has a quota
    (`salestrack.quota_levels.with_levels`).

    Returns
    -------
    ibis table
        rep_id, team, territory_id, level (``rep``, ``team`` or ``territory``: whose it is), quota_start, quota_end (first and last
        day of the whole quota), day, amount (that day's part of the quota), prorated_amount (the same, but zero on days after
        `as_of` and on days when the rep was not employed).
    """
    told = with_levels(read_quotas(quotas), managers_of(reps), parents_of(territories))
    counting = told[told["counts"]]
    held = _quotas_in_the_engine(counting).mutate(
        per_day=ibis._.amount / (ibis._.end_date.delta(ibis._.start_date, unit="day") + 1)
    )
    first = counting["start_date"].min() if len(counting) else as_of
    last = counting["end_date"].max() if len(counting) else as_of
    calendar = ibis.memtable(pd.DataFrame({"day": pd.date_range(first, last, freq="D")})).mutate(day=ibis._.day.date())
    daily = held.inner_join(calendar, (held.start_date <= calendar.day) & (calendar.day <= held.end_date))
    employed = ibis.literal(True)
    if reps is not None and (counting["level"] == REP).any():
        side = reps.select(
            _rep=reps.rep_id, _team=reps.team, _territory=reps.territory_id, hired_date=reps.hired_date, left_date=reps.left_date
        )
        daily = daily.left_join(side, daily.rep_id == side["_rep"])
        daily = daily.mutate(
            team=ibis.coalesce(daily.team, daily["_team"]), territory_id=ibis.coalesce(daily.territory_id, daily["_territory"])
        )
        employed = _between(daily.day, daily.hired_date, daily.left_date)
    counts = employed & (daily.day <= as_of)
    return daily.select(
        "rep_id",
        "team",
        "territory_id",
        "level",
        "day",
        quota_start=daily.start_date,
        quota_end=daily.end_date,
        amount=daily.per_day,
        prorated_amount=counts.ifelse(daily.per_day, 0.0),
    )


def _quotas_in_the_engine(rows: pd.DataFrame) -> ir.Table:
    kinds = {"start_date": pa.date32(), "end_date": pa.date32(), "amount": pa.float64()}
    names = ("rep_id", "team", "territory_id", "level", *kinds)
    held = {name: [None if pd.isna(value) else value for value in rows[name]] for name in names}
    return ibis.memtable(pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in held.items()}))


def rep_days(activities: ir.Table, reps: ir.Table | None, time_off: ir.Table | None, settings: Settings) -> ir.Table:
    """Return the working time of reps, one row for each rep and working day on which something is left to work.

    Parameters
    ----------
    activities : ibis table
        As of the day. Its first and its last day are the first and the last of the result: of days before and after nobody
        knows whether they were logged.
    reps : ibis table, optional
        As of the day. A rep works from ``hired_date`` to the day before ``left_date``; one who is not in it (or all, where it is
        None) from the first to the last activity of that rep. Whoever never logged an activity has no row: of that time nothing
        is recorded at all, as of many a manager's. Activities that name no rep are nobody's working time.
    time_off : ibis table, optional
        Absences; several on one day add up.
    settings : Settings
        Working days, hours of each, and whose public holidays are free.

    Returns
    -------
    ibis table
        rep_id, day, hours (of that working day, less time off; above 0).
    """
    span = activities.aggregate(first=activities.started_at.date().min(), last=activities.started_at.date().max())
    ends = span.to_pyarrow().to_pylist()[0]
    days = working_days(ends["first"], ends["last"], settings) if ends["first"] else []
    calendar = ibis.memtable(pa.table({"day": pa.array(days, pa.date32())}))
    people = _people(activities, reps)
    daily = people.inner_join(calendar, _between(calendar.day, people.starts, people.ends))
    hours: ir.Value = ibis.literal(float(settings.working_hours_per_day))
    if time_off is not None:
        away = time_off.inner_join(calendar, (time_off.start_date <= calendar.day) & (calendar.day <= time_off.end_date))
        # A day has no more than 24 hours: all of it.
        away = away.group_by(away_rep=away.rep_id, away_day=away.day).agg(away=away.hours.fill_null(24.0).sum())
        daily = daily.left_join(away, (daily.rep_id == away.away_rep) & (daily.day == away.away_day))
        hours = hours - daily.away.fill_null(0.0)
    found = daily.select("rep_id", "day", hours=hours)
    return found.filter(found.hours > 0)


def working_days(first: date, last: date, settings: Settings) -> list[date]:
    """Return the working days from a first to a last day, both included.

    Parameters
    ----------
    first, last : date
        Ends.
    settings : Settings
        Weekdays on which people work, and whose public holidays are free.

    Examples
    --------
    Good Friday and Easter Monday:

    >>> from salestrack.book import Stage
    >>> stages = (Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost"))
    >>> [str(day) for day in working_days(date(2026, 4, 2), date(2026, 4, 7), Settings(stages=stages, holidays="DE"))]
    ['2026-04-02', '2026-04-07']
    """
    free = _public_holidays(settings.holidays, first, last) if settings.holidays else []
    calendar = np.busdaycalendar(" ".join(day.capitalize() for day in settings.working_days), free)
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return days[np.is_busday(days, busdaycal=calendar)].tolist()


def region_fault(region: str) -> str:
    """Return what is wrong with the name of a region whose public holidays are free; empty when nothing is.

    Examples
    --------
    >>> region_fault("US-CA"), region_fault("SE-AB")
    ('', "SE has no regions: write 'SE' alone.")
    """
    country, _, part = region.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        told = suggestion(country, known)
        near = told if "Did you mean" in told else ""
        return f"the holidays of {country!r} are not known. Write a country as DE, or with a region as US-CA.{near}"
    if part and not known[country]:
        return f"{country} has no regions: write {country!r} alone."
    if part and part not in known[country]:
        return f"{country} has no region {part!r}. It has {', '.join(sorted(known[country]))}."
    return ""


def _public_holidays(region: str, first: date, last: date) -> list[date]:
    country, _, part = region.partition("-")
    return sorted(holidays.country_holidays(country, subdiv=part or None, years=range(first.year, last.year + 1)))


def _people(activities: ir.Table, reps: ir.Table | None) -> ir.Table:
    """Return who works from when until before when; null: without end."""
    activities = activities.filter(activities.rep_id.notnull())
    began = activities.started_at.date()
    active = activities.group_by("rep_id").agg(starts=began.min(), ends=(began.max() + ibis.interval(days=1)).cast("date"))
    if reps is None:
        return active
    listed = reps.semi_join(activities, "rep_id").select("rep_id", starts="hired_date", ends="left_date")
    return ibis.union(listed, active.anti_join(reps, "rep_id"))


def _between(day: ir.Value, first: ir.Value, until: ir.Value) -> ir.BooleanValue:
    return (first.isnull() | (first <= day)) & (until.isnull() | (day < until))
