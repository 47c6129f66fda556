"""The sample company: reproducible to the byte, whole, plausible, and dirty only where it says so."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from salestrack.errors import ParameterError, UnknownNameError
from salestrack.goals import check_goals, read_goals
from salestrack.sample import NOTHING, PLANTED, SEED, STANDARD, Company, Facts, make, truth, write
from salestrack.tables import CONTRACTS
from tests.kit import SAMPLE

SMALL = Company(reps=32, accounts=300, leads=1_500, opportunities=600, activities=12_000)
START, AS_OF = pd.Timestamp(STANDARD.start), pd.Timestamp(STANDARD.as_of)


@cache
def company():
    return make()


@pytest.fixture
def tables():
    return company()


@pytest.fixture
def listed():
    return yaml.safe_load((SAMPLE / "truth.yaml").read_text(encoding="utf-8"))


@cache
def read(name):
    return pd.read_csv(SAMPLE / f"{name}.csv.gz", dtype="str", keep_default_na=False)


def days(table, later, earlier):
    return (table[later].dt.normalize() - table[earlier].dt.normalize()).dt.days


# The files


def test_the_generator_reproduces_the_folder_to_the_byte(tmp_path):
    write(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path.name != "README.md"}
    assert sorted(made) == sorted(kept)
    assert [name for name in kept if made[name] != kept[name]] == []


def test_clock_zone_locale_and_hash_seed_change_nothing(tmp_path):
    script = "import sys; from tests.test_sample import SMALL, write; write(sys.argv[1], seed=3, company=SMALL)"
    root = Path(__file__).parent.parent
    elsewhere = os.environ | {"TZ": "Asia/Seoul", "LC_ALL": "C", "PYTHONHASHSEED": "12", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], check=True, cwd=root, env=elsewhere)
    write(tmp_path / "here", seed=3, company=SMALL)
    for path in (tmp_path / "here").iterdir():
        assert (tmp_path / "there" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_folder_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 5_000_000


def test_compressed_files_carry_no_time_and_no_name():
    for path in SAMPLE.glob("*.gz"):
        header = path.read_bytes()[:10]
        assert header[3] == 0, path.name  # flags: no name, no comment
        assert header[4:8] == bytes(4), path.name  # time


def test_files_without_the_listed_rows_are_the_clean_tables(tables, listed):
    for name, clean in tables.items():
        rows = [each["row"] - 1 for each in listed["dirty_rows"] if each["table"] == name]
        left = read(name).drop(index=rows).reset_index(drop=True)
        assert len(left) == len(clean) == listed["rows"][name]["clean"]
        assert len(rows) == listed["rows"][name]["dirty"]
        for column in CONTRACTS[name].columns:
            expected = clean[column.name]
            if column.name not in left:
                assert expected.isna().all(), column.name
                continue
            written = left[column.name].replace("", np.nan)
            if column.kind in ("date", "timestamp"):
                assert (
                    written.dropna()
                    .str.fullmatch(r"\d{4}-\d\d-\d\d" if column.kind == "date" else r"\d{4}-\d\d-\d\d \d\d:\d\d")
                    .all()
                )
                pd.testing.assert_series_equal(pd.to_datetime(written).astype(expected.dtype), expected)
            elif column.kind in ("number", "share"):
                pd.testing.assert_series_equal(written.astype(float), expected.astype(float))
            else:
                pd.testing.assert_series_equal(written, expected, check_dtype=False)


def test_each_listed_row_is_there_and_faulty(listed):
    assert 10 <= len(listed["dirty_rows"]) <= 15
    for each in listed["dirty_rows"]:
        table = read(each["table"])
        row = table.iloc[each["row"] - 1]
        for name, value in (each["key"] | each["changed"]).items():
            assert row[name] == value
        assert is_faulty(each["table"], table, each["row"] - 1), each


def is_faulty(name, table, place):
    """Look at one row as a careful reader would, by the rules of the contract."""
    row, contract = table.iloc[place], CONTRACTS[name]
    required = [column.name for column in contract.columns if column.required]
    if (
        any(row[column] == "" for column in required)
        or (table.iloc[:place][list(contract.key)] == row[list(contract.key)]).all(axis=1).any()
    ):
        return True
    for column in contract.columns:
        value = row.get(column.name, "")
        number = pd.to_numeric(value, errors="coerce") if column.kind == "number" and value else 0.0
        day = pd.to_datetime(value, errors="coerce") if column.kind in ("date", "timestamp") and value else AS_OF
        if np.isnan(number) or number < 0 or pd.isna(day):
            return True
    if any(row.get(early, "") and row.get(late, "") and row[late] < row[early] for early, late in contract.order):
        return True
    stages = {stage["name"] for stage in yaml.safe_load((SAMPLE / "book.yaml").read_text(encoding="utf-8"))["stages"]}
    if name == "opportunities":
        return row["stage"] not in stages or row["currency"] != "EUR" or (row["stage"] in ("Won", "Lost") and not row["close_date"])
    return name in ("quotas", "activities") and row["rep_id"] not in set(read("reps")["rep_id"])


def test_the_truth_on_file_is_that_of_the_tables(tables, listed):
    assert yaml.safe_load(yaml.safe_dump(truth(tables, STANDARD, PLANTED))) == listed["facts"]


# What is wrong with these is a value that a row may lack, or that it is nobody's.
WITHOUT_A_VALUE = {
    ("opportunities", "amount is not a number"),
    ("opportunities", "amount is negative"),
    ("activities", "minutes is negative"),
    ("activities", "rep_id is missing"),
}
STAYS_IN = {reason.replace("minutes is", "minutes are").replace("rep_id is", "the rep is") for _, reason in WITHOUT_A_VALUE}


def test_the_book_opens_with_nothing_refused_but_the_listed_rows(sample, listed):
    assert sample.as_of == STANDARD.as_of
    refused = sample.refused.to_pyarrow().to_pandas()
    dirty = [each for each in listed["dirty_rows"] if each["refused"]]
    expected = [(each["table"], each["row"]) for each in dirty if each["reason"] not in STAYS_IN]
    assert sorted(zip(refused["table"], refused["row"], strict=True)) == sorted(expected)
    told = [each for each in sample.faults if (each.table, each.problem) in WITHOUT_A_VALUE]
    assert sum(each.rows for each in told if not each.refused) == len(dirty) - len(expected) == len(WITHOUT_A_VALUE)
    assert set(sample.absent) == {"time_off"}, "the sample company does not record it"


def test_the_goal_sheet_is_short_and_fits_the_book(sample):
    goals = yaml.safe_load((SAMPLE / "goals.yaml").read_text(encoding="utf-8"))
    assert len(goals["objectives"]) == 3
    assert sum(len(objective["metrics"]) for objective in goals["objectives"]) <= 7
    check_goals(sample, read_goals(SAMPLE / "goals.yaml"))


# Other companies


def test_other_seeds_are_other_companies_of_the_same_size():
    one, same, other = make(seed=3, company=SMALL), make(seed=3, company=SMALL), make(seed=4, company=SMALL)
    for name in one:
        pd.testing.assert_frame_equal(one[name], same[name])
    assert [len(one[name]) for name in ("opportunities", "leads", "activities", "accounts")] == [600, 1_500, 12_000, 300]
    assert [len(other[name]) for name in ("opportunities", "leads", "activities", "accounts")] == [600, 1_500, 12_000, 300]
    assert not one["opportunities"]["amount"].equals(other["opportunities"]["amount"])


def test_a_dense_company_logs_short_entries():
    dense = make(seed=3, company=replace(SMALL, activities=100_000))
    done = dense["activities"]
    by_day = done.groupby(["rep_id", done["started_at"].dt.date])["minutes"].sum()
    assert by_day.max() <= 8 * 60 + 60
    assert (done["minutes"].dropna() >= 1).all()


def test_names_stay_unique_in_a_large_company():
    large = make(seed=3, company=Company(reps=400, accounts=4_000, leads=2_000, opportunities=1_000, activities=20_000))
    assert large["reps"]["name"].is_unique
    assert large["accounts"]["name"].is_unique


def test_no_dirty_rows_when_none_are_wanted(tmp_path):
    write(tmp_path, seed=3, company=SMALL, facts=NOTHING)
    assert yaml.safe_load((tmp_path / "truth.yaml").read_text(encoding="utf-8"))["dirty_rows"] == []


def test_impossible_companies_are_refused():
    with pytest.raises(ParameterError, match="3 reps and 10 accounts"):
        Company(reps=5)
    with pytest.raises(ParameterError, match="a year of data"):
        Company(start=AS_OF.date())
    with pytest.raises(ParameterError, match="fewer leads"):
        make(company=replace(SMALL, leads=20_000))
    with pytest.raises(ParameterError, match="too few"):
        make(company=replace(SMALL, activities=1_000))
    with pytest.raises(UnknownNameError, match="Did you mean 'Enterprise'"):
        Facts(jam_segment="Enterprize")
    with pytest.raises(ParameterError, match="between 0 and 1"):
        Facts(selling_share=39)


def test_the_seed_is_stated(listed):
    assert listed["seed"] == SEED
