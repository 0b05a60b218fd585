"""Taking sources and pages out for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.cli import main
from ingest.config import Settings
from ingest.dataset import Dataset, forgotten
from ingest.dataset.layout import STORED
from ingest.dataset.remaining import Remaining
from ingest.dataset.segments import read_staging
from ingest.dataset.status import status_of
from ingest.errors import DatasetError
from ingest.maintenance.forget import Done, allow, forget
from ingest.run import run

SETTINGS = Settings(workers=0, settle=0)
SECRET = "Mrs Heron of the mill"


def page(day: str, who: str = "The surveyors") -> str:
    return (
        f"Pond {day} measured\n\n{who} came back on {day} with a longer rope and measured the pond from end to end.\n\n"
        f"It was found to be wider on {day} than anybody had thought, and the council will talk about it next week.\n\n"
        "Send to a friend"
    )


def jsonl(path: Path, *pages: str) -> None:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in pages))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two sources of several pages; `a` holds two bad lines, and `b` a copy of a page of `a`."""
    (tmp_path / "raw").mkdir()
    jsonl(tmp_path / "raw/a.jsonl", page("Monday"), page("Tuesday", SECRET), page("Wednesday"), page("Thursday"))
    with (tmp_path / "raw/a.jsonl").open("a") as file:
        file.write(f"no json: {SECRET}\n")
    jsonl(tmp_path / "raw/b.jsonl", page("Friday"), page("Wednesday"))
    return tmp_path


def ingest(home: Path, **options: Any) -> Any:
    settings = {"workers": 0, "settle": 0, **options}
    reprocess = settings.pop("reprocess", "none")
    report = run([home / "raw"], home / "out", Settings(**settings), reprocess=reprocess)
    assert Dataset.open(home / "out").verify().findings == []
    assert report.records == sum(report.outcomes.values())
    return report


def rows(home: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, whichever it is, without what tells of the run."""
    dataset = Dataset.open(home / "out")
    found = [
        row
        for record in dataset.ledger().records.values()
        for batch in Remaining(dataset.storage, record, frozenset()).batches(table)
        for row in batch.to_pylist()
    ]
    for row in found:
        row.pop("ingested_at", None)
        row.pop("config_hash", None)
    return sorted(found, key=lambda row: (row["source_path"], row.get("source_record") or 0, row.get("line") or 0))


def id_of(home: Path, source: str, record: int, table: str = "articles") -> str:
    [found] = [r["id"] for r in rows(home, table) if (r["source_path"], r["source_record"]) == (source, record)]
    return str(found)


def held(home: Path) -> bytes:
    """All that the dataset holds, as far as it is not packed."""
    texts = [json.dumps(rows(home, table), default=str) for table in STORED]
    return "".join(texts).encode()


def test_page_is_taken_out_and_stays_out(home: Path) -> None:
    """Its rows go from all tables, no other row changes, and no run brings it back, also not of a file that changed."""
    ingest(home)
    before = {table: rows(home, table) for table in STORED}
    gone = id_of(home, "a.jsonl", 1)
    done = forget(home / "out", [gone[:8]], SETTINGS)
    assert done == Done(sources=[], pages=[gone], copies=[], rows=1)
    for _ in range(2):
        for table in STORED:
            assert rows(home, table) == [row for row in before[table] if row["id"] != gone], table
        assert Dataset.open(home / "out").verify().findings == []
        report = ingest(home, reprocess="all")
        assert (report.records, report.forgotten) == (6, 1)
    assert ingest(home).records == 0, "an idle run finds nothing to do"
    jsonl(home / "raw/a.jsonl", page("Sunday"), page("Monday"), page("Tuesday", SECRET), page("Wednesday"))
    assert ingest(home).forgotten == 1, "the page stands in another place, with the same text"
    assert SECRET.encode() not in held(home)


def test_rejected_record_goes_with_its_bytes(home: Path) -> None:
    """Quarantine keeps nothing of it either."""
    ingest(home)
    assert SECRET.encode() in held(home)
    done = forget(home / "out", [id_of(home, "a.jsonl", 4, "rejected"), id_of(home, "a.jsonl", 1)], SETTINGS)
    assert done.rows == 2
    assert SECRET.encode() not in held(home)
    assert ingest(home, reprocess="all").exit_code == 0
    assert rows(home, "rejected") == rows(home, "quarantine") == []


@pytest.mark.parametrize("drop", [False, True])
def test_copies_are_told_and_can_go_too(home: Path, drop: bool) -> None:
    """Without --copies another page of the same text stays and is the original now; with it, it goes wherever it is."""
    ingest(home, drop_duplicates=drop)
    settings = Settings(workers=0, drop_duplicates=drop)
    texts = {"a": id_of(home, "a.jsonl", 2, "dropped" if drop and _is_dropped(home, "a.jsonl") else "articles")}
    other = id_of(home, "b.jsonl", 1, "dropped" if drop and _is_dropped(home, "b.jsonl") else "articles")
    assert forget(home / "out", [texts["a"]], settings).copies == [other]
    [kept] = [row for row in rows(home, "articles") if "Wednesday" in row["text"]]
    assert (kept["id"], kept["duplicate_of"]) == (other, None)
    assert Dataset.open(home / "out").verify().findings == []
    assert forget(home / "out", [other], settings, copies=True).copies == []
    (home / "raw/c.txt").write_text(page("Wednesday"))
    assert ingest(home, drop_duplicates=drop).forgotten == 1, "nor does a copy that comes later"
    assert b"Wednesday" not in held(home)


def _is_dropped(home: Path, source: str) -> bool:
    return any(row["source_path"] == source for row in rows(home, "dropped"))


@pytest.mark.parametrize("name", ["a.jsonl", "raw/a.jsonl", "raw/../raw/a.jsonl"])
def test_source_is_taken_out_and_stays_out(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path in the tables or on disk; neither when it grows, nor under another name, is it read again."""
    monkeypatch.chdir(home)
    ingest(home)
    done = forget(home / "out", [name], SETTINGS)
    assert (done.sources, done.rows, len(done.copies)) == (["a.jsonl"], 5, 1)
    (home / "raw/copy.jsonl").write_bytes((home / "raw/a.jsonl").read_bytes())
    report = ingest(home, reprocess="all")
    assert (report.sources["forgotten"], report.records) == (2, 2)
    with (home / "raw/a.jsonl").open("a") as file:
        file.write(json.dumps({"text": page("Sunday")}) + "\n")
    assert ingest(home).sources["forgotten"] == 2
    assert {row["source_path"] for table in STORED for row in rows(home, table)} == {"b.jsonl"}
    assert status_of(Dataset.open(home / "out")).forgotten == {"sources": 1, "pages": 0}


def test_undone(home: Path) -> None:
    """The next run reads again what is let in, and all rows are there as before."""
    ingest(home)
    before = {table: rows(home, table) for table in STORED}
    gone = id_of(home, "a.jsonl", 1)
    forget(home / "out", [gone], SETTINGS)
    ingest(home, reprocess="all")
    allow(home / "out", [gone[:6]])
    assert ingest(home).sources["todo"] == 1
    forget(home / "out", ["b.jsonl"], SETTINGS, copies=True)
    ingest(home)
    allow(home / "out", ["b.jsonl"], copies=True)
    ingest(home)
    for table in STORED:
        assert rows(home, table) == before[table], table
    assert status_of(Dataset.open(home / "out")).forgotten == {"sources": 0, "pages": 0}
    assert ingest(home).records == 0


def test_cut_off_in_the_middle(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down as forgotten but was not taken out yet goes with the next run."""
    ingest(home)
    gone = id_of(home, "a.jsonl", 1)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "rewrite", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(home / "out", [gone], SETTINGS)
    assert gone in {row["id"] for row in rows(home, "articles")}
    ingest(home)
    assert gone not in {row["id"] for row in rows(home, "articles")}


def test_large_source_that_is_done_in_segments(home: Path) -> None:
    """The page stays out though it stands in a segment that is finished before the source is."""
    days = [f"day {n}" for n in range(40)]
    jsonl(home / "raw/large.jsonl", *map(page, days))
    options: dict[str, Any] = {"batch_documents": 4, "part_bytes": 4000}
    ingest(home, **options)
    forget(home / "out", [id_of(home, "large.jsonl", 2)], SETTINGS)
    settings = Settings(workers=0, settle=0, **options)

    def cut(step: str, done: int, total: int, pages: int) -> None:
        if step == "apply" and pages >= 35:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([home / "raw"], home / "out", settings, reprocess="all", progress=cut)
    [segments] = read_staging(Dataset.open(home / "out").storage).values()
    assert sum(len(segment.forgotten) for segment in segments) == 1
    report = ingest(home, reprocess="all", **options)
    assert report.forgotten == 1
    assert [r["source_record"] for r in rows(home, "articles") if r["source_path"] == "large.jsonl"] == [
        number for number in range(40) if number != 2
    ]


def test_what_cannot_be_forgotten(home: Path) -> None:
    """A name of nothing, or of several pages, changes nothing; what is forgotten already is no error."""
    ingest(home)
    for name in ("nothing.txt", "ffff0000ffff", "ab"):
        with pytest.raises(DatasetError, match="no source and no page"):
            forget(home / "out", ["b.jsonl", name], SETTINGS)
    with pytest.raises(DatasetError, match="is not forgotten"):
        allow(home / "out", ["b.jsonl"])
    for rows_gone in (2, 0):
        assert forget(home / "out", ["b.jsonl"], SETTINGS).rows == rows_gone
    (home / "out/_ingest" / forgotten.FILE).write_text("{")
    with pytest.raises(DatasetError, match="is damaged"):
        ingest(home)


def test_command(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells what went, which copies stay, and what is forgotten; `status` and `plan` show it."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("INGEST_OUTPUT", "out")
    monkeypatch.setenv("INGEST_WORKERS", "0")
    ingest(home)
    gone = id_of(home, "a.jsonl", 2)

    def call(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main([*arguments])
        assert (end.value.code or 0) == code
        shown = capsys.readouterr()
        return shown.out + shown.err

    assert "1 pages of the same text stay" in call("forget", gone)
    assert "2 articles and rejected records are out" in call("forget", "b.jsonl", "-o", "out")
    assert "forgotten 1 sources, 1 pages" in call("status")
    assert "forgotten   b.jsonl" in call("plan", "raw")
    assert "1 forgotten" in call("run", "raw")
    assert gone in call("forget", "--list")
    assert json.loads(call("forget", "--list", "--json"))["sources"][0]["path"] == "b.jsonl"
    assert "the next run reads them" in call("forget", "--undo", "b.jsonl")
    call("forget", code=2)
    call("forget", "nothing", code=1)
