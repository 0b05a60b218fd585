"""Where a dataset is made: never among other things, or in a source, unless somebody says so."""

from __future__ import annotations

from pathlib import Path

import inprocess
import pytest

from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.errors import DatasetError, SourceError
from ingest.run import run

PAGE = "Pond measured again\n\nThe surveyors came back on Tuesday with a longer rope and measured the pond {} times.\n"
SETTINGS = Settings(settle=0, workers=0)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    (folder / "sub").mkdir(parents=True)
    (folder / "good.txt").write_text(PAGE.format("two"))
    (folder / "sub/more.txt").write_text(PAGE.format("three"))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def paths(out: Path) -> list[str]:
    return sorted(open_dataset(out).table("articles")["source_path"].to_pylist())


def test_a_folder_that_holds_other_things_is_refused(dump: Path, tmp_path: Path) -> None:
    """It stays as it was; the message names what is in the way and the way out. `force` makes the dataset there."""
    out = tmp_path / "taken"
    (out / "articles").mkdir(parents=True)
    (out / "letter.doc").write_text("mine")
    (out / "articles/draft.txt").write_text("mine, too")
    before = contents(out)
    with pytest.raises(DatasetError, match=r"holds other things: articles/draft\.txt, letter\.doc") as told:
        run([dump], out, SETTINGS)
    assert "--force" in told.value.hint
    assert contents(out) == before
    run([dump], out, SETTINGS, force=True)
    assert paths(out) == ["good.txt", "sub/more.txt"]
    assert before.items() <= contents(out).items()
    run([dump], out, SETTINGS)  # a dataset now, so nobody is asked again
    assert Dataset.open(out).verify().ok


@pytest.mark.parametrize("name", [".gitkeep", "README.md", "report.html", ".DS_Store", "lost+found"])
def test_what_stands_in_an_empty_folder_is_in_nobody_s_way(dump: Path, tmp_path: Path, name: str) -> None:
    """What a repository keeps to have the folder, a report, and what systems put into a folder."""
    out = tmp_path / "processed"
    out.mkdir()
    (out / name).write_text("") if "." in name else (out / name).mkdir()
    assert run([dump], out, SETTINGS).exit_code == 0


@pytest.mark.parametrize("source", [".", "sub", "good.txt"])
def test_a_dataset_in_the_place_of_its_sources_is_refused(dump: Path, source: str) -> None:
    """The sources' own folder, or one around them: nothing is written. By `force` both are there, and told apart."""
    before = contents(dump)
    with pytest.raises(SourceError, match="source") as told:
        run([dump / source], dump, SETTINGS)
    assert "-o" in told.value.hint
    assert contents(dump) == before
    run([dump / source], dump, SETTINGS, force=True)
    report = run([dump], dump, SETTINGS, force=True)
    assert paths(dump)[-1] == "sub/more.txt" if source != "sub" else "more.txt" in paths(dump)
    assert open_dataset(dump).table("rejected").num_rows == 0
    assert report.exit_code == 0
    assert run([dump], dump, SETTINGS, force=True).records == 0


def test_a_link_to_the_sources_is_known_as_their_place(dump: Path, tmp_path: Path) -> None:
    """Two names of one folder are one folder."""
    (tmp_path / "link").symlink_to(dump)
    with pytest.raises(SourceError, match="both source and dataset"):
        run([dump], tmp_path / "link", SETTINGS)


def test_a_dataset_below_the_sources_is_common(dump: Path) -> None:
    """It holds what is around it, and never itself."""
    run([dump], dump / "out", SETTINGS)
    assert run([dump], dump / "out", SETTINGS).records == 0
    assert paths(dump / "out") == ["good.txt", "sub/more.txt"]


def test_the_command_says_how_and_asks_before_plan_too(dump: Path, tmp_path: Path) -> None:
    """Exit code 1, a hint, and `--force`."""
    for command in ("run", "plan"):
        done = inprocess.ingest(command, "dump", "-o", "dump", cwd=tmp_path)
        assert done.returncode == 1
        assert "hint: give the dataset a folder of its own with -o, or --force" in done.stderr
    assert inprocess.ingest("run", "dump", "-o", "dump", "--force", cwd=tmp_path).returncode == 0


def test_the_default_folders_work_as_a_clone_has_them(root: Path, dump: Path, tmp_path: Path) -> None:
    """`raw/` into `processed/`, with what the repository keeps there and a report of the last run."""
    dump.rename(tmp_path / "raw")
    (tmp_path / "processed").mkdir()
    (tmp_path / "processed/.gitkeep").write_bytes((root / "processed/.gitkeep").read_bytes())
    assert inprocess.ingest("run", cwd=tmp_path).returncode == 0
    assert inprocess.ingest("report", "-o", "processed/report.html", cwd=tmp_path).returncode == 0
    assert "0 new" in inprocess.ingest("run", cwd=tmp_path).stderr
    assert inprocess.ingest("run", ".", "-o", "other", cwd=tmp_path).returncode == 0
    assert paths(tmp_path / "other") == ["raw/good.txt", "raw/sub/more.txt"]
