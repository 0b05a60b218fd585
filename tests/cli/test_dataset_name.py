"""The dataset has one name in all commands; the older ways go on working."""

from __future__ import annotations

from pathlib import Path

import pytest
from inprocess import ingest

ALONE = ("status", "verify --fast", "compact -q", "report -o report.html", "sites list", "quarantine list")
BESIDE = ("plan raw", "sites show {site}", "quarantine retry", "explain {id}", "forget --list", "run raw -q")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset `corpus`, made by `-d`."""
    folder = tmp_path_factory.mktemp("named")
    (folder / "raw" / "ponds").mkdir(parents=True)
    for number in range(4):
        text = f"The pond of village {number} was cleaned on Monday by its people, who had waited for years.\n"
        (folder / "raw" / "ponds" / f"{number}.txt").write_text(f"Home | News | About\n\n{text}\nShare this page\n")
    done = ingest("run", "raw", "-d", "corpus", "--site", "folder", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("command", ALONE)
@pytest.mark.parametrize("named", ["corpus", "-d corpus", "--dataset corpus", "--dataset=corpus"])
def test_dataset_is_an_argument_where_nothing_else_needs_a_name(folder: Path, command: str, named: str) -> None:
    """By its place or by its option: the same."""
    done = ingest(*command.split(), *named.split(), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not (folder / "processed").exists()


@pytest.mark.parametrize("command", BESIDE)
@pytest.mark.parametrize("named", ["-d", "--dataset", "-o", "--output"])
def test_dataset_is_an_option_everywhere_else(folder: Path, command: str, named: str) -> None:
    """`-o`, as before, and `-d`."""
    import pyarrow.parquet as pq

    first = pq.read_table(folder / "corpus" / "articles").slice(0, 1).to_pylist()[0]
    words = command.format(id=first["id"], site=first["site"]).split()
    done = ingest(*words, named, "corpus", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not (folder / "processed").exists()


@pytest.mark.parametrize("command", ["status one -d two", "sites list one -o two", "run raw -o one -d two"])
def test_two_names_are_one_too_many(folder: Path, command: str) -> None:
    """Which is meant is not guessed, and nothing is written."""
    done = ingest(*command.split(), cwd=folder)
    assert done.returncode == 2
    assert "named twice" in done.stderr
    assert not (folder / "one").exists()


@pytest.mark.parametrize("command", ["inspect raw/ponds/1.txt", "explain {id} --line 3"])
def test_further_rules_are_heard_wherever_lines_are_judged(folder: Path, command: str) -> None:
    """Rules that are tried out show in `inspect` and `explain` before any run has used them, and only if named."""
    import pyarrow.parquet as pq

    added = ingest("rules", "add", "--go", "raw/ponds/1.txt:3", "--rules", "mine", "-d", "corpus", cwd=folder)
    assert added.returncode == 0, added.stderr
    rows = pq.read_table(folder / "corpus" / "articles").to_pylist()
    [identifier] = [row["id"] for row in rows if row["source_path"].endswith("1.txt")]
    words = [*command.format(id=identifier).split(), "-d", "corpus"]
    without, told = ingest(*words, cwd=folder), ingest(*words, "--rules", "mine", cwd=folder)
    assert told.returncode == without.returncode == 0, told.stderr
    assert told.stdout != without.stdout
    assert "rule" in told.stdout
