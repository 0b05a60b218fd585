"""The main job: bad input costs itself only, reruns change nothing, changed files replace their rows."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.dataset.status import status_of
from ingest.document import Batch
from ingest.errors import ConfigError, LockedError, SourceError
from ingest.run import run
from ingest.stages.decode import decode
from ingest.stages.label import label
from ingest.steps.groups import groups
from ingest.steps.run_stats import Report

ARTICLE = """The Pond Gazette

Pond measured again

The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south side.

They found it to be as wide as it was last year, which the mayor called a relief, since the maps had been printed.

Send to a friend
"""


def outcomes(output: Path) -> dict[tuple[str, int | None], str]:
    rows = open_dataset(output).table("rejected").to_pylist()
    return {(row["source_path"], row["source_record"]): row["outcome"] for row in rows}


def rows(output: Path, table: str) -> list[dict[str, object]]:
    """Rows without what tells the run, in a fixed order."""
    found = open_dataset(output).table(table).drop_columns(["ingested_at"] if table != "removed" else [])
    return sorted(found.to_pylist(), key=repr)


def go(folder: Path, output: Path, **settings: object) -> Report:
    return run([folder], output, Settings(**settings))  # type: ignore[arg-type]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "good.txt").write_text(ARTICLE)
    return folder


BAD = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "binary"),
    "archive.html": (b"PK\x03\x04" + bytes(range(256)) * 20, "damaged"),
    "noscript.html": (b"<html><body><script>render()</script></body></html>", "empty"),
    "deep.html": (b"<p>start</p>" + b"<div>" * 5000 + b"text", "too-large"),
    "wide.html": (b"<p>start</p>" + b"<b>x</b>" * 200_001, "too-large"),
    "menu.txt": (b"Send to a friend\nShare\n", "not-article"),
    "broken.jsonl": (b'{"text": \n', "invalid"),
    "types.jsonl": (b'{"text": 7}\n', "invalid"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_a_named_row_and_its_neighbours_are_kept(dump: Path, tmp_path: Path, name: str) -> None:
    """A bad file ends in `rejected` with outcome, reason and remedy; the good one beside it is kept; exit code 3."""
    content, outcome = BAD[name]
    (dump / name).write_bytes(content)
    report = go(dump, tmp_path / "out")
    assert outcomes(tmp_path / "out") == {(name, 0): outcome}
    assert report.outcomes == Counter({"kept": 1, outcome: 1})
    assert report.exit_code == (0 if outcome == "not-article" else 3)
    [row] = open_dataset(tmp_path / "out").table("rejected").to_pylist()
    assert row["reason"]
    assert row["remedy"]
    assert Dataset.open(tmp_path / "out").verify().ok


def test_bad_lines_of_a_jsonl_file_cost_only_themselves(dump: Path, tmp_path: Path) -> None:
    """Records before and after a bad line are kept, and the numbers balance."""
    lines = [json.dumps({"text": ARTICLE.replace("Tuesday", f"day {i}")}) for i in range(5)]
    lines[2] = "{" + lines[2]
    (dump / "pages.jsonl").write_text("\n".join(lines))
    report = go(dump, tmp_path / "out")
    assert outcomes(tmp_path / "out") == {("pages.jsonl", 2): "invalid"}
    assert report.records == 6
    assert report.outcomes["kept"] == 5


def test_line_of_200_megabytes_is_refused_in_little_memory(dump: Path, tmp_path: Path) -> None:
    """A huge line is never held whole; the record after it is kept."""
    with (dump / "huge.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + json.dumps({"text": ARTICLE.replace("Tuesday", "Friday")}).encode() + b"\n")
    report = go(dump, tmp_path / "out")
    assert outcomes(tmp_path / "out") == {("huge.jsonl", 0): "too-large"}
    assert report.outcomes["kept"] == 2


def test_file_that_cannot_be_read_is_told(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that the system refuses to open becomes a row, not a crash."""
    (dump / "secret.txt").write_text(ARTICLE + "secret")
    real = Path.open

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "secret.txt":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    report = go(dump, tmp_path / "out")
    assert outcomes(tmp_path / "out") == {("secret.txt", 0): "unreadable"}
    assert report.troubles[0].reason == "cannot be read: Permission denied"


def test_fault_in_a_stage_costs_one_document(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the program rejects the document that raised it and names the place; the others are kept."""
    (dump / "evil.txt").write_text(ARTICLE.replace("Pond", "EVIL"))
    pages = [ARTICLE.replace("rope", word) for word in ("string", "EVIL", "chain")]
    (dump / "pages.jsonl").write_text("\n".join(json.dumps({"text": page}) for page in pages))

    def explode(batch: object, *args: object) -> object:
        if any("EVIL" in line for line in batch.lines.texts):  # type: ignore[attr-defined]
            raise RuntimeError("cannot bear it")
        return label(batch, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.stages.order.label", explode)
    report = go(dump, tmp_path / "out")
    assert outcomes(tmp_path / "out") == {("evil.txt", 0): "failed", ("pages.jsonl", 1): "failed"}
    assert report.outcomes == Counter({"kept": 3, "failed": 2})
    assert "cannot bear it (test_run.py:" in report.troubles[0].reason


def test_second_run_does_nothing(dump: Path, tmp_path: Path) -> None:
    """The same content is done once, whatever it is called."""
    go(dump, tmp_path / "out")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.parquet")}
    (dump / "good.txt").rename(dump / "renamed.txt")
    report = go(dump, tmp_path / "out")
    assert report.records == 0
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.parquet")} == before


def test_changed_file_replaces_its_rows(dump: Path, tmp_path: Path) -> None:
    """A grown file has its old rows replaced; unchanged records keep their ids."""
    line = json.dumps({"text": ARTICLE}) + "\n"
    (dump / "pages.jsonl").write_text(line)
    go(dump, tmp_path / "out")
    first = open_dataset(tmp_path / "out").table("articles").to_pylist()
    (dump / "pages.jsonl").write_text(line + line.replace("Tuesday", "Friday"))
    report = go(dump, tmp_path / "out")
    second = open_dataset(tmp_path / "out").table("articles").to_pylist()
    assert report.sources["changed"] == 1
    assert len(second) == 3
    assert {row["id"] for row in first} < {row["id"] for row in second}
    assert Dataset.open(tmp_path / "out").verify().ok


def test_file_of_another_root_does_not_replace_rows(dump: Path, tmp_path: Path) -> None:
    """Two folders with files of the same name: the second run refuses instead of losing the first file's rows."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "good.txt").write_text(ARTICLE.replace("Tuesday", "Friday"))
    go(dump, tmp_path / "out")
    with pytest.raises(SourceError, match="would replace the rows"):
        go(other, tmp_path / "out")
    assert open_dataset(tmp_path / "out").table("articles").num_rows == 1


def test_rows_do_not_depend_on_batches_parts_or_order(raw: Path, tmp_path: Path) -> None:
    """Small batches and parts give the same rows as large ones, and so does learning in two runs over one folder."""
    go(raw, tmp_path / "one")
    go(raw, tmp_path / "two", batch_documents=2, part_bytes=5_000)
    for table in ("articles", "removed", "rejected"):
        assert rows(tmp_path / "one", table) == rows(tmp_path / "two", table)


def test_parts_do_not_depend_on_the_number_of_workers(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without worker, with one and with two, a dataset has the same files, byte for byte."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    files = []
    for workers in (0, 1, 2):
        output = tmp_path / str(workers)
        go(raw, output, workers=workers, batch_documents=3, part_bytes=20_000)
        files.append({path.relative_to(output): path.read_bytes() for path in output.rglob("*.parquet")})
    assert len(files[0]) > 6
    assert files[0] == files[1] == files[2]


def test_page_that_kills_its_worker_costs_itself(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages at which the program dies, hangs or eats all memory end as such, in learning and applying; others stay."""

    def misbehave(batch: Batch) -> Batch:
        for document in batch.documents:
            text = str(document.record.content)
            if "DIE" in text:
                os._exit(9)
            while "HANG" in text:
                pass
            hoard = []
            while "HOARD" in text:
                hoard.append(bytearray(10_000_000))
        return decode(batch)

    monkeypatch.setattr("ingest.stages.order.decode", misbehave)
    pages = [ARTICLE + word for word in ("a", "DIE", "b", "HANG", "c", "HOARD", "d")]
    (dump / "pages.jsonl").write_text("\n".join(json.dumps({"text": page}) for page in pages))
    limits = {"max_document_seconds": 1.0, "max_document_memory": 100_000_000, "dedup": "off"}
    report = go(dump, tmp_path / "out", workers=2, **limits)
    assert outcomes(tmp_path / "out") == {
        ("pages.jsonl", 1): "failed",
        ("pages.jsonl", 3): "timeout",
        ("pages.jsonl", 5): "too-large",
    }
    assert report.outcomes["kept"] == 5
    reasons = {trouble.outcome: (trouble.reason, trouble.remedy) for trouble in report.troubles}
    assert reasons["failed"] == ("its worker died (exit code 9)", "a fault of ingest or of a library: please report it")
    assert reasons["timeout"] == ("not done after 1 s", "raise max_document_seconds, or cut the page")
    assert "max_document_memory" in str(reasons["too-large"])
    assert Dataset.open(tmp_path / "out").verify().ok


def test_known_profiles_make_a_later_run_equal(raw: Path, tmp_path: Path) -> None:
    """Reprocessing everything with all pages known gives what one run over all gives."""
    go(raw / "kettle-post", tmp_path / "out")
    report = run([raw / "kettle-post"], tmp_path / "out", Settings(), reprocess="all")
    go(raw / "kettle-post", tmp_path / "fresh")
    assert report.sources["todo"] == 5
    for table in ("articles", "removed"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "fresh", table)


def test_second_run_at_the_same_time_is_refused(dump: Path, tmp_path: Path) -> None:
    """While one run holds the dataset another one ends at once."""
    with Dataset.open(tmp_path / "out", create=True).lock(), pytest.raises(LockedError):
        go(dump, tmp_path / "out")


def test_waiting_run_takes_over_when_the_other_ends(dump: Path, tmp_path: Path) -> None:
    """With `wait` a run starts when the lock is free."""
    with ThreadPoolExecutor(1) as pool:
        with Dataset.open(tmp_path / "out", create=True).lock():
            waiting = pool.submit(run, [dump], tmp_path / "out", Settings(), wait=True)
            time.sleep(0.5)
            assert not waiting.done()
        assert waiting.result(60).outcomes["kept"] == 1


def test_dataset_below_the_source_folder_is_no_source(dump: Path) -> None:
    """A run never reads what it wrote."""
    go(dump, dump / "out")
    report = go(dump, dump / "out")
    assert report.records == 0
    assert any("out" in path for path in report.ignored)


def test_missing_source_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """A path that does not exist is named."""
    with pytest.raises(SourceError, match="no such file or folder"):
        go(tmp_path / "nowhere", tmp_path / "out")


def test_pipes_and_links_to_folders_are_told_as_ignored(dump: Path, tmp_path: Path) -> None:
    """What is no regular file is not read, and not passed over in silence."""
    os.mkfifo(dump / "pipe")
    (dump / "loop").symlink_to(dump)
    (dump / "dangling.txt").symlink_to(dump / "gone")
    report = go(dump, tmp_path / "out")
    assert sorted(Path(path).name for path in report.ignored) == ["dangling.txt", "loop", "pipe"]
    assert report.records == 1


def test_groups_gather_small_sources_and_leave_large_ones_alone(dump: Path) -> None:
    """Parts stay near the wished size and number of sources; no source is lost between them."""
    from ingest.dataset import SourceFile

    sizes = [3, 3, 3, 20, 1, 9, 2]
    sources = [SourceFile(str(i), "", "", size, 0, 0) for i, size in enumerate(sizes)]

    def sizes_of(**bounds: Any) -> list[list[int]]:
        return [[source.size for source in group] for group in groups(sources, Settings(**bounds))]

    assert sizes_of(part_bytes=10) == [[3, 3, 3], [20], [1, 9], [2]]
    assert sizes_of(part_sources=2) == [[3, 3], [3, 20], [1, 9], [2]]


def test_part_that_takes_too_long_ends_with_the_source_at_hand(dump: Path, tmp_path: Path) -> None:
    """However short the time, each part holds whole sources, and the rows are those of a run without such a bound."""
    for n in range(5):
        (dump / f"more-{n}.jsonl").write_text(
            "".join(json.dumps({"text": ARTICLE.replace("Tuesday", f"day {n} {page}")}) + "\n" for page in range(3))
        )
    whole = Settings(workers=0, batch_documents=2)
    run([dump], tmp_path / "whole", whole)
    report = run([dump], tmp_path / "cut", Settings(workers=0, batch_documents=2, part_seconds=1e-9))
    cut = Dataset.open(tmp_path / "cut")
    assert len(cut.ledger().records) == report.sources["todo"] > len(Dataset.open(tmp_path / "whole").ledger().records)
    for table in ("articles", "removed", "rejected"):
        assert rows(tmp_path / "cut", table) == rows(tmp_path / "whole", table)
    assert cut.verify().findings == []


def test_missing_library_is_told_before_anything_is_done(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that needs a package names it and how to install it; no dataset is begun."""
    monkeypatch.setattr("ingest.duplicates.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"ingest\[near\]"):
        go(dump, tmp_path / "out", dedup="near")
    assert not (tmp_path / "out").exists()


def test_new_rules_learn_the_sites_anew(raw: Path, tmp_path: Path) -> None:
    """A pack that names a site by a signature counts for its known pages, too, once they are read again."""
    pack = tmp_path / "pack.toml"
    signature = '{ line = "Get The Kettle Post by e-mail every Friday" }'
    pack.write_text(f'[site]\nname = "Kettle"\nhosts = ["kettle.invalid"]\nsignatures = [{signature}]\n')
    go(raw / "kettle-post", tmp_path / "out")
    settings = Settings(rules=(str(pack),))
    run([raw / "kettle-post"], tmp_path / "out", settings, reprocess="stale")
    run([raw / "kettle-post"], tmp_path / "fresh", settings)
    assert "Kettle" in {row["site"] for row in rows(tmp_path / "fresh", "articles")}
    for table in ("articles", "removed"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "fresh", table)


@pytest.mark.parametrize("step", ["learn", "apply"])
def test_large_source_is_taken_up_where_a_run_was_cut_off(dump: Path, tmp_path: Path, step: str) -> None:
    """Neither learning nor writing starts over; readers see the source at once, with the rows of an undisturbed run."""
    from ingest.dataset.segments import read_staging

    pages = (ARTICLE.replace("Tuesday", f"day {n}").replace("Pond measured", f"Pond {n} measured") for n in range(40))
    (dump / "large.jsonl").write_text("".join(json.dumps({"text": page}) + "\n" for page in pages))
    settings = Settings(workers=0, batch_documents=4, part_bytes=4000)
    seen: dict[str, list[int]] = {"learn": [], "apply": []}

    def cut(which: str, done: int, total: int, pages: int) -> None:
        if which == step and pages >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([dump], tmp_path / "out", settings, progress=cut)
    assert "large.jsonl" not in {row["source_path"] for row in rows(tmp_path / "out", "articles")}
    [staged] = [segments[-1] for segments in read_staging(Dataset.open(tmp_path / "out").storage).values()]
    assert (staged.purpose, staged.path) == (step, "large.jsonl")
    assert 20 <= staged.records < 40
    assert status_of(Dataset.open(tmp_path / "out")).unfinished[0].records == staged.records
    report = run([dump], tmp_path / "out", settings, progress=lambda which, d, t, pages: seen[which].append(pages))
    assert max(seen[step]) == 40 - staged.records  # pages that were worked on again
    assert report.rows["articles"] == sum(report.by_site[site].articles for site in report.by_site)
    assert report.rows["articles"] >= 40
    run([dump], tmp_path / "fresh", settings)
    for table in ("articles", "removed", "rejected"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "fresh", table)
    assert not read_staging(Dataset.open(tmp_path / "out").storage)
    assert Dataset.open(tmp_path / "out").verify().findings == []


def test_new_files_do_not_undo_what_was_done_of_a_large_source(dump: Path, tmp_path: Path) -> None:
    """A large source is gone on with as it was begun, though profiles are others by then; new files use those."""
    from ingest.dataset.segments import read_staging

    def page(day: str, foot: str = "Send to a friend") -> str:
        text = ARTICLE.replace("Tuesday", day).replace("Pond measured", f"Pond {day}").replace("Send to a friend", foot)
        return json.dumps({"text": text, "url": f"https://pond.example/{day.replace(' ', '-')}"}) + "\n"

    (dump / "large.jsonl").write_text("".join(page(f"day {n}") for n in range(40)))
    settings = Settings(workers=0, batch_documents=4, part_bytes=4000)
    run([dump], tmp_path / "calm", settings)

    def cut(which: str, done: int, total: int, pages: int) -> None:
        if which == "apply" and pages >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([dump], tmp_path / "out", settings, progress=cut)
    [staged] = [segments[-1] for segments in read_staging(Dataset.open(tmp_path / "out").storage).values()]
    for n in range(3):
        (dump / f"new {n}.jsonl").write_text(page(f"week {n}", "Seen from all sides"))
    seen: list[int] = []
    report = run(
        [dump], tmp_path / "out", settings, progress=lambda which, d, t, n: seen.append(n * (which == "apply"))
    )
    assert report.profiles != staged.work[-1]
    assert max(seen) == 40 - staged.records
    run([dump], tmp_path / "calm", settings)
    for table in ("articles", "removed"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "calm", table)
    assert not (tmp_path / "out/_ingest/begun").exists() or not list((tmp_path / "out/_ingest/begun").iterdir())
    assert Dataset.open(tmp_path / "out").verify().findings == []
