"""Sites that nobody named keep their names from run to run, and two that turn out to be one are told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from ingest.cli import cli
from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.errors import DatasetError
from ingest.run import run
from ingest.sites import names
from ingest.sites.names import Names, assigned, recorded
from ingest.sites.store import NAMES, names_of
from ingest.steps import rename

ONE, OTHER = (
    [f"Line {word} of the gazette of ponds" for word in "abcdefghijklm"],
    [f"Desk {word} of the office of fog" for word in "abcdefghijklm"],
)


NOTHING = Names()


def called(*clusters: str, known: Names = NOTHING) -> tuple[dict[str, str], Names]:
    """The name of each page, a letter, and what is then recorded."""
    given = assigned([list(pages) for pages in clusters], known)
    return given, recorded(known, given)


def test_a_site_keeps_its_name() -> None:
    """Pages that come later, with smaller hashes too, do not change what a site is called."""
    first, known = called("cde", "xyz")
    later, _ = called("abcdef", "wxyz", known=known)
    assert first["c"] != first["x"]
    assert {later[page] for page in "abcdef"} == {first["c"]}
    assert {later[page] for page in "wxyz"} == {first["x"]}


def test_names_are_the_same_when_given_again() -> None:
    """A run that was killed after it had recorded names gives the same ones, whatever had been merged or split."""
    draw = Random(1)
    known = Names()
    for _ in range(30):
        pages = draw.sample("abcdefghijklmnopqrstuvwxyz", draw.randint(2, 26))
        cuts = sorted(draw.sample(range(len(pages) + 1), 3))
        clusters = ["".join(pages[a:b]) for a, b in zip([0, *cuts], [*cuts, len(pages)], strict=True) if b > a]
        given, after = called(*clusters, known=known)
        assert called(*reversed(clusters), known=after) == (given, after)
        assert len({*given.values()}) == len(clusters)
        assert not {*given.values()} & {*after.aliases}
        assert not {*after.aliases.values()} & {*after.aliases}
        known = after
    assert known.aliases


def test_two_sites_that_are_one_leave_an_alias() -> None:
    """The name with more pages stays; the other leads to it, over several mergers too."""
    first, known = called("abc", "xy", "mn")
    second, known = called("abcxy", "mn", known=known)
    assert {second[page] for page in "abcxy"} == {first["a"]}
    assert known.aliases == {first["x"]: first["a"]}
    _, known = called("abcxymnopqr", known=known)
    assert known.current(first["x"]) == known.current(first["m"]) == first["a"]
    assert known.renaming == sorted([first["x"], first["m"]])


def test_a_site_that_falls_apart_keeps_its_name_in_the_larger_part() -> None:
    """The smaller part gets a name that no site has or had."""
    first, known = called("abcdef")
    second, after = called("ab", "cdef", known=known)
    assert second["c"] == first["a"]
    assert second["a"] not in {first["a"], *known.aliases}
    assert after.aliases == {}


def test_sites_without_pages_today_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run over other pages does not see is kept, and no more than some pages of each site."""
    monkeypatch.setattr(names, "PAGES", 2)
    first, known = called("abcd")
    _, after = called("xyz", known=known)
    assert after.sites[first["a"]] == ["a", "b"]
    assert called("bq", known=after)[0]["q"] == first["a"]


def page(draw: Random, lines: Iterable[str]) -> str:
    own = [" ".join("".join(draw.choices("abcdefgh", k=6)) for _ in range(16)).capitalize() + "." for _ in range(4)]
    return "\n\n".join([*lines, *own])


def dump(folder: Path, name: str, pages: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in pages), encoding="utf-8")


def go(folder: Path, output: Path) -> set[str]:
    """Run, and return the sites of all rows."""
    run([folder], output, Settings(workers=0, settle=0.0))
    return set(open_dataset(output).table("articles", columns=["site"])["site"].to_pylist())


@pytest.mark.parametrize("killed", [False, True])
def test_rows_of_a_former_name_are_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool) -> None:
    """Later pages show that two sites are one: all rows bear one name, at last in the run after one that was killed."""
    draw, out = Random(2), tmp_path / "out"
    dump(tmp_path / "raw", "a.jsonl", [page(draw, lines) for lines in (ONE, OTHER) for _ in range(4)])
    first = go(tmp_path / "raw", out)
    assert len(first) == 2
    dump(tmp_path / "raw", "b.jsonl", [page(draw, [*ONE, *OTHER]) for _ in range(2)])
    if killed:
        with monkeypatch.context() as patched:
            patched.setattr(rename, "_bears", interrupt)
            with pytest.raises(KeyboardInterrupt):
                go(tmp_path / "raw", out)
    (name,) = go(tmp_path / "raw", out)
    assert name in first
    assert Dataset.open(out).verify().ok
    (old,) = first - {name}
    known = names_of(Dataset.open(out))
    assert (known.aliases, known.renaming) == ({old: name}, [])
    told = CliRunner().invoke(cli, ["status", str(out)]).output
    assert f"{old} turned out to be {name}" in told
    shown = CliRunner().invoke(cli, ["sites", "show", old, "-o", str(out), "--json"]).output
    assert json.loads(shown)["site"] == name


def interrupt(*args: object) -> bool:
    raise KeyboardInterrupt


def test_a_site_read_in_two_runs_has_one_name(tmp_path: Path) -> None:
    """Pages that come in a second run have the name that the first gave."""
    draw, out = Random(3), tmp_path / "out"
    dump(tmp_path / "raw", "a.jsonl", [page(draw, ONE) for _ in range(3)])
    first = go(tmp_path / "raw", out)
    dump(tmp_path / "raw", "b.jsonl", [page(draw, ONE) for _ in range(9)])
    assert go(tmp_path / "raw", out) == first


def test_a_broken_record_of_names_is_told(tmp_path: Path) -> None:
    """The error names the file and what to do."""
    with Dataset.open(tmp_path / "out", create=True).lock() as dataset:
        dataset.put_state(NAMES, b"{")
        with pytest.raises(DatasetError, match=r"names\.json cannot be read"):
            names_of(dataset)
