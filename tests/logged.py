"""Books of logged hours that a test can name: who did what in which week, and on which opportunity."""

from datetime import date, timedelta

import ibis
import pandas as pd

from tests.small_book import book_of, typed

MONDAY = date(2025, 9, 29)
AFTER = date(2026, 3, 31)
DEAL = "opportunity_id rep_id amount created_date close_date stage segment"
DONE = "activity_id rep_id category type started_at minutes opportunity_id"


def book_with(deals=(), done=(), reps=None, as_of=AFTER, **more):
    """Return a book of such opportunities, activities and reps; other tables by name."""
    tables = {"opportunities": table_of("opportunities", deals or [("O0", None, 1, MONDAY, AFTER, "Discovery", None)], DEAL)}
    tables["activities"] = table_of("activities", done, DONE)
    if reps:
        tables["reps"] = table_of("reps", reps, "rep_id name team hired_date left_date")
    return book_of(ibis.duckdb.connect(), tables | more, as_of)


def table_of(name, rows, columns):
    return typed(name, pd.DataFrame(list(rows), columns=columns.split()).astype(object))


def weeks_of(rep, hours, weeks=26, start=MONDAY, jitter=None, opportunity=None):
    """Return one activity of each category a week, of so many hours, with noise from a generator."""
    rows = []
    for week in range(weeks):
        for category, each in hours.items():
            spent = each if jitter is None else each * jitter.lognormal(-0.08, 0.4)
            name = f"{rep}-{week}-{category}"
            rows.append((name, rep, category, f"{category} work", start + timedelta(days=7 * week), spent * 60, opportunity))
    return rows


def roster(n, **more):
    return [(f"R{i}", f"Rep {i:02}", more.get("team", "North"), None, None) for i in range(n)]
