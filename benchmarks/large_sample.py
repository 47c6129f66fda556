"""The sample company at the size of a large organisation, as Parquet files with a book file."""

from pathlib import Path

from salestrack.sample import Company, make

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def large_sample(folder: Path, scale: float) -> Path:
    """Return a book file; scale 1 is 2,000 reps, 200,000 opportunities and 20 million activities. Made once, then kept."""
    where = folder / f"sample_{scale:g}"
    book = where / "book.yaml"
    if book.exists():
        return book
    where.mkdir(parents=True, exist_ok=True)
    size = {"reps": 2_000, "accounts": 60_000, "leads": 600_000, "opportunities": 200_000, "activities": 20_000_000}
    for name, table in make(company=Company(**{each: int(count * scale) for each, count in size.items()})).items():
        table.to_parquet(where / f"{name}.parquet", index=False)
    # The book file is written last: a run that was cut short is made anew.
    book.write_text((SAMPLE / "book.yaml").read_text(encoding="utf-8").replace(".csv.gz", ".parquet"), encoding="utf-8")
    return book
