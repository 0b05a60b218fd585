"""One bad path costs itself: the rest is found, and the bad one is a row of `rejected`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile, open_dataset
from ingest.dataset.status import status_of
from ingest.errors import SourceError
from ingest.readers import find_sources
from ingest.run import look, run
from ingest.steps.run_stats import Report
from ingest.stream import stream

PAGE = "Pond measured again\n\nThe surveyors came back on Tuesday with a longer rope and measured the pond {} times.\n"
SETTINGS = Settings(settle=0, workers=0)


class Nowhere:
    """A sink that keeps nothing."""

    def write(self, tables: Any) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    for name in ("good.txt", "shut/hidden.txt", "shut/deep/more.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PAGE.format(len(name)))
    return folder


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes folders that cannot be listed, as a user without rights or a dead disk finds them; by name, or none."""
    broken: dict[str, OSError] = {}
    scandir = os.scandir

    def look_in(path: Any) -> Any:
        if not isinstance(path, int) and (error := broken.get(os.path.realpath(path))) is not None:
            raise error
        return scandir(path)

    def shut(*folders: Path, error: OSError | None = None) -> None:
        broken.clear()
        broken.update({os.path.realpath(path): error or PermissionError(13, "Permission denied") for path in folders})

    monkeypatch.setattr("os.scandir", look_in)
    return shut


def go(*sources: Path, out: Path, **options: Any) -> Report:
    return run(list(sources), out, SETTINGS, **options)


def rows(out: Path) -> tuple[set[str], dict[str, str]]:
    """Paths of the articles, and of what was rejected with the reason."""
    found = open_dataset(out)
    rejected = {row["source_path"]: row["reason"] for row in found.table("rejected").to_pylist()}
    return set(found.table("articles")["source_path"].to_pylist()), rejected


def test_a_folder_that_cannot_be_listed_costs_itself(dump: Path, tmp_path: Path, shut: Callable[..., None]) -> None:
    """It is a row of `rejected`, the rest is read, and the exit code is 3; once it can be listed, its files are read
    and the row goes.
    """
    out = tmp_path / "out"
    shut(dump / "shut")
    assert go(dump, out=out).exit_code == 3
    assert rows(out) == ({"good.txt"}, {"shut/": "folder cannot be listed: Permission denied"})
    assert go(dump, out=out).sources["todo"] == 0  # told once, as every bad record is
    shut()
    assert go(dump, out=out).exit_code == 0
    assert rows(out) == ({"good.txt", "shut/hidden.txt", "shut/deep/more.txt"}, {})
    assert Dataset.open(out).verify().ok


def test_what_lies_in_a_folder_that_cannot_be_listed_now_is_not_missing(
    dump: Path, tmp_path: Path, shut: Callable[..., None]
) -> None:
    """Nobody knows whether its files are gone: they stay, whatever is done with files that are."""
    out = tmp_path / "out"
    go(dump, out=out)
    for closed in (dump / "shut", dump):
        shut(closed)
        plan, _ = look([dump], out, SETTINGS)
        assert not [entry.path for entry in plan.missing if closed == dump or entry.path.startswith("shut/")]
    shutil.rmtree(dump / "shut")
    shut()
    plan, _ = look([dump], out, SETTINGS)
    assert [entry.path for entry in plan.missing] == ["shut/deep/more.txt", "shut/hidden.txt"]


def test_a_source_that_cannot_be_listed_at_all_leaves_the_others(
    dump: Path, tmp_path: Path, shut: Callable[..., None]
) -> None:
    """A disk that died under one of several sources: its row names the whole path, the others are read."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "fine.txt").write_text(PAGE.format("ninety"))
    shut(dump, error=OSError(107, "Transport endpoint is not connected"))
    assert go(dump, other, out=tmp_path / "out").exit_code == 3
    kept, rejected = rows(tmp_path / "out")
    assert kept == {"fine.txt"}
    assert rejected == {f"{dump}/": "folder cannot be listed: Transport endpoint is not connected"}


def test_a_link_to_itself_costs_itself(dump: Path, tmp_path: Path) -> None:
    """Links that lead nowhere are left out, one that leads to itself is told."""
    (dump / "loop").symlink_to("loop")
    (dump / "nowhere").symlink_to("gone")
    assert go(dump, out=tmp_path / "out").exit_code == 3
    kept, rejected = rows(tmp_path / "out")
    assert len(kept) == 3
    assert list(rejected) == ["loop"]
    assert "symbolic link" in rejected["loop"]


def test_a_listing_that_breaks_off_keeps_what_it_gave(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that dies while a folder is listed: what came before is read, the folder is told."""
    scandir = os.scandir

    class Breaking:
        def __init__(self, path: Any) -> None:
            self._entries = iter(sorted(scandir(path), key=lambda entry: entry.name))

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            yield next(self._entries)
            raise OSError(5, "Input/output error")

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr("os.scandir", lambda path: Breaking(path) if path == f"{dump}/" else scandir(path))
    assert go(dump, out=tmp_path / "out").exit_code == 3
    assert rows(tmp_path / "out")[0] == {"good.txt"}


def test_names_that_are_no_utf8_are_read_and_ignored_like_others(dump: Path, tmp_path: Path) -> None:
    """In sources, in what is ignored, in the name of the dataset and of its sources; in records of runs and reports."""
    strange = Path(os.fsdecode(bytes(tmp_path) + b"/str\xffnge"))
    shutil.copytree(dump, strange)
    (strange / os.fsdecode(b"n\xfe.txt")).write_text(PAGE.format("many"))
    (strange / os.fsdecode(b".ignored\xfe")).write_text("")
    out = tmp_path / os.fsdecode(b"out\xff")
    report = go(strange, out=out)
    assert report.exit_code == 0
    assert report.ignored == [f"{tmp_path}/str\\xffnge/.ignored\\xfe"]
    assert r"n\xfe.txt" in rows(out)[0]
    assert status_of(Dataset.open(out)).last_run is not None
    with pytest.raises(SourceError):
        go(strange / "none", out=out)
    assert "none" in str(status_of(Dataset.open(out)).last_run)


def test_a_file_that_goes_between_listing_and_reading_costs_itself(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone before it was ever opened, it was never there; gone after, it is a row of `rejected`."""
    (dump / "early.txt").write_text(PAGE.format("early"))
    (dump / "late.txt").write_text(PAGE.format("late"))
    listed, digest = SourceFile.at, SourceFile.with_digest

    def at(root: Any, path: Any) -> SourceFile:
        found = listed(root, path)
        if found.path == "early.txt":
            os.unlink(found.location)
        return found

    def with_digest(self: SourceFile) -> SourceFile:
        found = digest(self)
        if found.path == "late.txt":
            Path(found.location).unlink(missing_ok=True)
        return found

    monkeypatch.setattr(SourceFile, "at", at)
    monkeypatch.setattr(SourceFile, "with_digest", with_digest)
    assert go(dump, out=tmp_path / "out").exit_code == 3
    kept, rejected = rows(tmp_path / "out")
    assert len(kept) == 3
    assert list(rejected) == ["late.txt"]
    told: list[dict[str, Any]] = []
    (dump / "early.txt").write_text(PAGE.format("early"))

    done = stream([dump], Nowhere(), SETTINGS, stdin=None, told=told.append)  # type: ignore[arg-type]
    assert (done.outcomes["kept"], told) == (3, [])


def test_known_files_that_cannot_be_read_now_are_told(dump: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Their rows stay, and the run ends with 3."""
    go(dump, out=tmp_path / "out")
    (dump / "good.txt").write_text(PAGE.format("a hundred"))
    opened = SourceFile.open

    def open_(self: SourceFile) -> Any:
        if self.path == "good.txt":
            raise PermissionError(13, "Permission denied")
        return opened(self)

    monkeypatch.setattr(SourceFile, "open", open_)
    report = go(dump, out=tmp_path / "out")
    assert report.exit_code == 3
    assert [(trouble.source, trouble.outcome) for trouble in report.troubles] == [("good.txt", "unreadable")]
    assert "good.txt" in rows(tmp_path / "out")[0]


def test_a_source_that_is_not_there_leaves_the_others(dump: Path, tmp_path: Path) -> None:
    """A mount point that went away: it is told, what is known of it stays, the others are read, and the exit code is 3.
    Where nothing is there at all, that is an error.
    """
    mount, out = tmp_path / "mount", tmp_path / "out"
    mount.mkdir()
    (mount / "far.txt").write_text(PAGE.format("far"))
    assert go(mount, out=out).exit_code == 0
    shutil.rmtree(mount)
    report = go(mount, dump, out=out)
    assert (report.exit_code, report.sources["absent"], report.sources["missing"]) == (3, 1, 0)
    assert [(trouble.source, trouble.reason) for trouble in report.troubles] == [(str(mount), "no such file or folder")]
    assert rows(out)[0] == {"far.txt", "good.txt", "shut/hidden.txt", "shut/deep/more.txt"}
    told: list[dict[str, Any]] = []
    done = stream([mount, dump], Nowhere(), SETTINGS, stdin=None, told=told.append)  # type: ignore[arg-type]
    assert (done.exit_code, done.outcomes["kept"], told[0]["source_path"]) == (3, 3, str(mount))
    with pytest.raises(SourceError, match="no such file or folder"):
        go(mount, tmp_path / "nor this", out=out)


def test_a_dataset_below_the_sources_is_known_by_its_marker(dump: Path, tmp_path: Path) -> None:
    """Its own files are never read as pages, what else lies there is; how many datasets there were is said."""
    go(dump, out=dump / "shut/corpus")
    (dump / "shut/corpus/report.html").write_text("<p>A report.</p>")
    (dump / "shut/corpus/mine.txt").write_text(PAGE.format("my"))
    found = find_sources([dump])
    assert [source.path for source in found.sources] == [
        "good.txt", "shut/corpus/mine.txt", "shut/deep/more.txt", "shut/hidden.txt",
    ]  # fmt: skip
    assert found.datasets == [dump / "shut/corpus"]
    report = go(dump, out=tmp_path / "out")
    assert [note for note in report.notes if "dataset" in note] == [
        f"{dump}/shut/corpus is a dataset: its own files are no sources"
    ]
    assert rows(tmp_path / "out")[1] == {}
