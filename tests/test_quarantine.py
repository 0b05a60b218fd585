"""Quarantine: what could not be used is kept, shown, and done again when it can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile, open_dataset
from ingest.document import Batch, Record, Reject
from ingest.errors import QuarantineError
from ingest.quarantine import retry as retrying
from ingest.quarantine.listing import content, find, held
from ingest.readers import Limits
from ingest.run import run
from ingest.stages.label import label
from ingest.steps.run_stats import Report

PAGE = (
    "Pond measured again\n\nThe surveyors came back on {} with a longer rope and measured the pond from the"
    " north side to the south side, and found it as wide as last year.\n"
)
SETTINGS = {"workers": 1, "learn": False}


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Good and bad records; those with EVIL fail until the fault is `mended`."""
    folder = tmp_path / "dump"
    folder.mkdir()
    lines = [json.dumps({"text": PAGE.format(day), "url": f"https://pond.example/{day}"}) for day in ("Monday", "EVIL")]
    (folder / "pages.jsonl").write_text("\n".join([lines[0], '{"text": 7}', lines[1]]))
    title, text = PAGE.format("EVIL at the café").split("\n\n")
    page = f"<html><body><article><h1>{title}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    (folder / "evil.html").write_bytes(page.encode("latin-1"))
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)

    def explode(batch: Batch, *args: object) -> object:
        if any("EVIL" in line for line in batch.lines.texts) and not (tmp_path / "mended").exists():
            raise RuntimeError("cannot bear it")
        return label(batch, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.stages.order.label", explode)
    return folder


def go(dump: Path, **settings: object) -> Report:
    return run([dump], dump.parent / "out", Settings(**{**SETTINGS, **settings}))  # type: ignore[arg-type]


def again(dump: Path, *ids: str, **settings: object) -> dict[str, list[tuple[str, int | None, str]]]:
    result = retrying.retry(dump.parent / "out", ids, Settings(**{**SETTINGS, **settings}))  # type: ignore[arg-type]
    return {
        name: [(change.source_path, change.source_record, change.after) for change in getattr(result, name)]
        for name in ("changed", "unchanged", "left")
    }


def rows(output: Path, table: str) -> list[dict[str, object]]:
    found = open_dataset(output).table(table).to_pylist()
    return sorted(({k: v for k, v in row.items() if k != "ingested_at"} for row in found), key=repr)


def test_bytes_of_what_failed_are_kept_as_they_were(dump: Path) -> None:
    """Each record that could not be used is listed with what is kept of it; nothing else is."""
    go(dump)
    dataset = open_dataset(dump.parent / "out")
    items = {(item.source_path, item.source_record): item for item in held(dataset)}
    assert {key: item.outcome for key, item in items.items()} == {
        ("evil.html", 0): "failed",
        ("pages.jsonl", 1): "invalid",
        ("pages.jsonl", 2): "failed",
        ("picture.txt", 0): "binary",
    }
    for name in ("evil.html", "picture.txt"):
        assert content(dataset, items[name, 0]) == (dump / name).read_bytes()
    assert content(dataset, items["pages.jsonl", 1]).strip() == b'{"text": 7}'
    assert content(dataset, items["pages.jsonl", 2]).decode() == PAGE.format("EVIL")
    assert Dataset.open(dump.parent / "out").verify().ok


def test_kept_bytes_are_bounded(dump: Path) -> None:
    """No more than `quarantine_bytes` of a record are kept, and nothing where that is 0."""
    go(dump, quarantine_bytes=100)
    assert max(item.kept_bytes for item in held(open_dataset(dump.parent / "out"))) == 100
    run([dump], dump.parent / "none", Settings(quarantine_bytes=0))
    dataset = open_dataset(dump.parent / "none")
    assert {item.kept_bytes for item in held(dataset)} == {0}
    with pytest.raises(QuarantineError, match="no bytes are kept"):
        content(dataset, held(dataset)[0])


@pytest.mark.parametrize("source", ["kept bytes", "source"])
def test_retry_gives_the_rows_that_a_sound_run_had_given(dump: Path, source: str) -> None:
    """Once the fault is mended a retry turns the records into articles, from their bytes or from their source."""
    out = dump.parent / "out"
    go(dump, quarantine_bytes=0 if source == "source" else 1_000_000)
    (dump.parent / "mended").touch()
    if source == "kept bytes":
        hidden = dump.rename(dump.parent / "hidden")
    assert again(dump) == {
        "changed": [("evil.html", 0, "kept"), ("pages.jsonl", 2, "kept")],
        "unchanged": [("pages.jsonl", 1, "invalid"), ("picture.txt", 0, "binary")],
        "left": [],
    }
    assert Dataset.open(out).verify().ok
    if source == "kept bytes":
        hidden.rename(dump)
    run([dump], dump.parent / "sound", Settings(**SETTINGS))  # type: ignore[arg-type]
    for table in ("articles", "removed", "rejected"):
        assert rows(out, table) == rows(dump.parent / "sound", table)
    assert go(dump).records == 0


def test_retry_of_one_record_leaves_the_others(dump: Path) -> None:
    """Ids may be shortened; one that names nothing is an error."""
    go(dump)
    (dump.parent / "mended").touch()
    items = held(open_dataset(dump.parent / "out"))
    [evil] = [item for item in items if item.source_path == "evil.html"]
    assert again(dump, evil.id[:10])["changed"] == [("evil.html", 0, "kept")]
    assert len(held(open_dataset(dump.parent / "out"))) == 3
    with pytest.raises(QuarantineError, match="nothing in quarantine"):
        again(dump, evil.id)
    with pytest.raises(QuarantineError, match="several"):
        find(items, [""])


def test_retry_with_other_settings(dump: Path) -> None:
    """A record that was too large is taken from its source once the limit is raised."""
    go(dump, max_document_bytes=100)
    assert {item.outcome for item in held(open_dataset(dump.parent / "out"))} == {"too-large", "invalid"}
    (dump.parent / "mended").touch()
    changed = again(dump)["changed"]
    assert ("pages.jsonl", 0, "kept") in changed
    assert ("picture.txt", 0, "binary") in changed
    assert Dataset.open(dump.parent / "out").verify().ok


def test_what_is_not_there_any_more_is_told(dump: Path) -> None:
    """Without its bytes, and with its source changed, a record is left as it is."""
    go(dump, quarantine_bytes=10)
    (dump / "evil.html").write_text("something else")
    before = rows(dump.parent / "out", "rejected")
    assert again(dump)["left"] == [("evil.html", 0, "failed")]
    assert rows(dump.parent / "out", "rejected") == before


def test_source_that_now_reads_as_more_records_is_left_to_a_run(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that stood for several records is not replaced by one of them: the others would be lost."""
    go(dump, quarantine_bytes=10)
    real = retrying.batches

    def more(source: SourceFile, settings: Settings, limits: Limits, skip: int) -> Iterator[list[Record | Reject]]:
        for batch in real(source, settings, limits, skip):
            yield [*batch, batch[-1]] if source.path == "evil.html" else batch

    monkeypatch.setattr(retrying, "batches", more)
    (dump.parent / "mended").touch()
    [left] = retrying.retry(dump.parent / "out", [], Settings(workers=0)).left
    assert (left.source_path, left.after) == ("evil.html", "failed")
    assert "reads as 2 records" in str(left.reason)


def test_bytes_go_with_their_source(dump: Path) -> None:
    """A file that is mended and read again takes its old bytes out of quarantine."""
    go(dump)
    (dump / "pages.jsonl").write_text(json.dumps({"text": PAGE.format("Friday")}))
    go(dump)
    kept = open_dataset(dump.parent / "out").table("quarantine")["source_path"].to_pylist()
    assert sorted(kept) == ["evil.html", "picture.txt"]


def test_run_with_too_many_failures_is_red_but_keeps_what_is_good(dump: Path) -> None:
    """Above `max_failed_share` a run ends with 1; of few records no share is told."""
    assert go(dump).exit_code == 3
    lines = [json.dumps({"text": PAGE.format(f"day {number}")}) for number in range(10)]
    (dump / "more.jsonl").write_text("\n".join(lines + ["{"] * 15))
    report = go(dump)
    assert (report.exit_code, report.failed, report.records) == (1, 15, 25)
    assert "kept" in report.outcomes
    (dump / "more.jsonl").write_text("\n".join(lines + ["{"] * 16))
    assert go(dump, max_failed_share=0.7).exit_code == 3
