"""Duplicates in real runs: what the command says, counts, and the tables."""

from pathlib import Path

import pytest
from inprocess import ingest

from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.dataset.status import status_of
from ingest.run import run

BODY = (
    "The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south"
    " side, counting each knot aloud while two herons looked on.\n\nNobody had asked the herons, who left before the"
    " last knot was counted, and the result will be read out in the town hall on the first Monday of the month."
)


def page(date: str, body: str = BODY) -> str:
    return f"Pond measured again\n\n{date}\n\n{body}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/late.txt").write_text(page("14 June 2021"))
    return tmp_path


def test_the_command_says_how_many(home: Path) -> None:
    """A second run finds an older copy: the summary counts it, exit code 0, the dataset is sound."""
    assert run([home / "raw"], home / "processed", Settings()).duplicates.total == 0
    (home / "raw/early.txt").write_text(page("3 May 2020"))
    done = ingest("run", "--dedup", "exact", "--keep-duplicates", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "duplicates in the dataset: 1; rows changed: 1; parts rewritten: 1" in done.stderr
    again = ingest("run", cwd=home)
    assert "nothing to do" in again.stderr
    assert "duplicates in the dataset: 1\n" in again.stderr
    rows = {row["source_path"]: row for row in open_dataset(home / "processed").table("articles").to_pylist()}
    late, early = (next(row for path, row in rows.items() if name in path) for name in ("late", "early"))
    assert (late["duplicate_of"], early["duplicate_of"]) == (early["id"], None)
    assert Dataset.open(home / "processed").verify().ok


def test_dropping(home: Path) -> None:
    """Dropping moves the row to `rejected`; the report of the run balances; keeping brings the row back."""
    (home / "raw/early.txt").write_text(page("3 May 2020"))
    out = home / "processed"
    report = run([home / "raw"], out, Settings(drop_duplicates=True))
    assert report.outcomes == {"duplicate": 1, "kept": 1}
    assert (report.rows["articles"], report.rows["rejected"]) == (1, 1)
    assert report.duplicates.total == 1
    assert report.exit_code == 0
    tables = open_dataset(out).tables()
    assert tables["articles"].num_rows == 1
    assert tables["rejected"]["outcome"].to_pylist() == ["duplicate"]
    assert Dataset.open(out).verify().ok
    run([home / "raw"], out, Settings())
    tables = open_dataset(out).tables()
    assert (tables["articles"].num_rows, tables["rejected"].num_rows) == (2, 0)


def test_near_copies(home: Path) -> None:
    """`near` marks a page with one word changed, `exact` does not."""
    (home / "raw/early.txt").write_text(page("3 May 2020", BODY.replace("longer", "shorter")))
    out = home / "processed"
    assert run([home / "raw"], out, Settings()).duplicates.total == 0
    report = run([home / "raw"], out, Settings(dedup="near"))
    assert (report.records, report.duplicates.total) == (0, 1)
    assert status_of(Dataset.open(out)).outcomes == {"duplicate": 1, "kept": 1}
    assert Dataset.open(out).verify().ok
