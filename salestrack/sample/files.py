"""The sample company as a folder of files: what a CRM would export, a book file, a goal sheet, and the truth."""

import gzip
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from salestrack.periods import Period, containing
from salestrack.sample.company import CURRENCY, NAME, PLANTED, STAGES, STANDARD, TIME_ZONE, Company, Facts
from salestrack.sample.dirt import spoil
from salestrack.sample.making import SEED, make
from salestrack.sample.mess import TIDY, Mess
from salestrack.sample.truth import Tables, truth
from salestrack.tables import CONTRACTS


def write(folder: str | Path, seed: int = SEED, company: Company = STANDARD, facts: Facts = PLANTED, mess: Mess = TIDY) -> Path:
    """Write a sample company to a folder; the same arguments write the same bytes.

    Parameters
    ----------
    folder : str or Path
        Made if it does not exist; files of an earlier sample in it are replaced.
    seed : int
        See `make`.
    company, facts, mess : Company, Facts, Mess
        See `make`.

    Returns
    -------
    Path
        The book file, ready for ``open_book``. Beside it: a ``.csv.gz`` for each table, ``goals.yaml``, and ``truth.yaml`` with
        the planted facts and the dirty rows.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = make(seed, company, facts, mess)
    clean = {name: _texts(name, table) for name, table in tables.items()}
    texts, dirty = spoil(clean) if facts.dirty_rows else (clean, [])
    for name, table in texts.items():
        (folder / f"{name}.csv.gz").write_bytes(_packed(table))
    known = {
        "seed": seed,
        "covers": {"start": company.start, "as_of": company.as_of},
        "rows": {name: {"clean": len(tables[name]), "dirty": len(texts[name]) - len(tables[name])} for name in tables},
        "facts": truth(tables, company, facts),
        **({"mess": {kind: getattr(mess, kind) for kind in mess.kinds}} if mess.kinds else {}),
        "dirty_rows": dirty,
    }
    _write_text(folder / "truth.yaml", _TRUTH + yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=120))
    _write_text(folder / "goals.yaml", _goals(tables, company.as_of))
    _write_text(folder / "book.yaml", _book(tables, company.as_of))
    return folder / "book.yaml"


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def _packed(texts: pd.DataFrame) -> bytes:
    """Return a table as compressed CSV: no file name and no time in the header, so that equal tables are equal bytes."""
    held = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=held, mtime=0) as packed:
        packed.write(texts.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return held.getvalue()


def _texts(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as texts, empty where null; columns without any value are left out."""
    columns = {}
    for column in CONTRACTS[name].columns:
        values = table[column.name]
        if column.name not in CONTRACTS[name].key and values.isna().all():
            continue
        if column.kind in ("date", "timestamp"):
            written = np.datetime_as_string(values.to_numpy().astype("datetime64[m]"), unit="D" if column.kind == "date" else "m")
            columns[column.name] = pd.Series(written).str.replace("T", " ").where(values.notna(), "")
        elif column.kind == "number":
            columns[column.name] = values.astype("Int64").astype("str").where(values.notna(), "")
        else:
            columns[column.name] = values.astype("str").where(values.notna(), "")
    return pd.DataFrame(columns)


def _book(names: Iterable[str], as_of: date) -> str:
    stages = "\n".join(f"  - {{name: {stage.name}, outcome: open, probability: {stage.probability}}}" for stage in STAGES)
    tables = "\n".join(f"  {name}: {{file: {name}.csv.gz}}" for name in names)
    return _BOOK.format(name=NAME, currency=CURRENCY, zone=TIME_ZONE, as_of=as_of.isoformat(), stages=stages, tables=tables)


def _goals(tables: Tables, as_of: date) -> str:
    """Return the goal sheet for the last quarter: the quotas in all, deals no smaller than a year before, and round numbers."""
    now = containing(as_of, "quarter")
    quotas = tables["quotas"].loc[tables["quotas"]["start_date"] == pd.Timestamp(now.start), "amount"]
    before = _won(tables, now.year_before())
    if before.empty:
        before = _won(tables, now.previous())
    return _GOALS.format(
        period=now.name,
        bookings=int(quotas.sum()),
        deal_size=int(round(before.mean(), -3)) if len(before) else 10_000,
        late_stage=STAGES[-1].name,
    )


def _won(tables: Tables, during: Period) -> pd.Series:
    deals = tables["opportunities"]
    inside = (deals["close_date"] >= pd.Timestamp(during.start)) & (deals["close_date"] < pd.Timestamp(during.end))
    return deals.loc[inside & (deals["stage"] == "Won"), "amount"]


_TRUTH = """\
# What is planted in this sample company, and what its tables really show of it. Made with the data; do not edit.
"""
_BOOK = """\
# The book of the sample company: where its data is and what it means. To open your own data, write a file like this one.
name: {name}
currency: {currency}
fiscal_year_start: 1                # the fiscal year begins in January
time_zone: {zone}
working_days: [mon, tue, wed, thu, fri]
working_hours_per_day: 8
selling_categories: [digital_client, in_person_client]   # which hours count as selling
exported_on: {as_of}             # the day on which the files were exported

# A folder of .csv, .csv.gz or .parquet files, seen from this file; or a .duckdb file.
connection: .

# Stages in their order, and what being in one means. The probability is the stated chance of winning.
stages:
{stages}
  - {{name: Won, outcome: won}}
  - {{name: Lost, outcome: lost}}

# This export says itself to which category an activity belongs. Where yours does not, say it here; the first match wins:
#   activity_categories:
#     - {{category: in_person_client, where: {{type: [site visit, customer lunch]}}}}

# One file for each table. Columns that are called otherwise in your export are mapped here:
#   opportunities: {{file: deals.csv, columns: {{opportunity_id: Deal ID, amount: Value, close_date: Closed on}}}}
tables:
{tables}
"""
_GOALS = """\
# The goal sheet: a few objectives, each with the two questions answered and one to three metrics. Shares are 0 to 1.
period: {period}
objectives:
  - name: Grow without buying growth with discounts
    achieve: Book what the quotas add up to, at deal sizes no smaller than a year ago.
    use: See every month whether growth comes from more opportunities, better closing or larger deals.
    owner: VP Sales
    review: weekly
    metrics:
      - {{metric: bookings, target: {bookings}, direction: at_least}}
      - {{metric: average_deal_size, target: {deal_size}, direction: at_least}}
  - name: Lose fewer opportunities, and lose them early
    achieve: Win three of ten opportunities that close, and keep those that have come to {late_stage}.
    use: Find the step, the segment and the reason where most value leaves.
    owner: Head of Sales Operations
    review: monthly
    metrics:
      - {{metric: win_rate, target: 0.30, direction: at_least}}
      - {{metric: leakage, target: 0.25, direction: at_most, where: {{stage: {late_stage}}}}}
  - name: Give reps time to sell and quotas within reach
    achieve: Nearly half of the logged hours go to customers, and every second rep reaches the quota.
    use: Find the hours that lead nowhere, and the quotas that are set too high.
    owner: Sales managers
    review: quarterly
    metrics:
      - {{metric: selling_time_share, target: 0.45, direction: at_least}}
      - {{metric: share_of_reps_at_quota, target: 0.50, direction: at_least}}
"""
