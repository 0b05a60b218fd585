"""The chain of reasons for a line adds up, and names what each witness goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.errors import DatasetError
from ingest.inspection import Labelled, explain_line, find, page_of
from ingest.run import run


@pytest.fixture(scope="module")
def world(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Sources of one site, and their dataset."""
    folder = tmp_path_factory.mktemp("explained")
    source = folder / "kettle-post"
    source.mkdir()
    for page in sorted((raw / "kettle-post").glob("*.txt")):
        (source / page.name).write_bytes(page.read_bytes())
    run([source], folder / "out", Settings())
    return source, folder / "out"


@pytest.fixture(scope="module")
def page(world: tuple[Path, Path]) -> Labelled:
    rows = open_dataset(world[1]).table("articles").to_pylist()
    row = next(row for row in rows if row["source_path"] == "teapot-parade.txt")
    found, note = page_of(world[1], row, Settings())
    assert found is not None
    assert note == ""
    return found


def test_weights_add_up_to_the_verdict(page: Labelled) -> None:
    """For each line: the sum of the witnesses gives the probability, and the threshold decides."""
    for line in page.page.lines:
        told = explain_line(page, line.line)
        assert told is not None
        assert told.log_odds == pytest.approx(sum(witness.weight for witness in told.witnesses), abs=0.01)
        assert (told.verdict == "stays") == (told.probability >= told.threshold)
        assert told.kept == line.kept
        if not told.afterwards:
            assert told.kept == (told.verdict == "stays")
        assert {"model"} <= {witness.evidence for witness in told.witnesses}


def test_grounds_name_phrase_block_and_profile(page: Labelled) -> None:
    """A phrase is quoted with its language and file, a line of a block names its heading, the site its counts."""

    def grounds(text: str, evidence: str) -> str:
        line = next(line for line in page.page.lines if line.text == text)
        told = explain_line(page, line.line)
        assert told is not None
        return "\n".join(g for witness in told.witnesses if witness.evidence == evidence for g in witness.grounds)

    assert "phrase «Send to a friend» (en)" in grounds("Send to a friend", "rule")
    assert "share.toml" in grounds("Send to a friend", "rule")
    assert "pages" in grounds("Send to a friend", "site")
    assert "«See also»" in grounds("Town library starts lending hats", "rule")
    byline = next(line for line in page.page.lines if line.role == "byline")
    told = explain_line(page, byline.line)
    assert told is not None
    assert "metadata.byline" in "".join(told.afterwards)


def test_blank_lines_and_lines_beyond_the_page_have_no_chain(page: Labelled) -> None:
    """There is nothing to explain."""
    blank = page.page.texts().index("") + 1
    assert explain_line(page, blank) is None
    assert explain_line(page, page.page.length + 1) is None


def test_a_changed_or_vanished_source_is_told(world: tuple[Path, Path], tmp_path: Path) -> None:
    """The page cannot be read again, and the reason names the file."""
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.txt").write_text((world[0] / "teapot-parade.txt").read_text())
    run([source], tmp_path / "out", Settings())
    row = open_dataset(tmp_path / "out").table("articles").to_pylist()[0]
    (source / "a.txt").write_text("Something else entirely is written here now.")
    assert "has changed" in page_of(tmp_path / "out", row, Settings())[1]
    (source / "a.txt").unlink()
    assert "is not there any more" in page_of(tmp_path / "out", row, Settings())[1]


def test_other_settings_are_told(world: tuple[Path, Path]) -> None:
    """An explanation under other settings than those of the row says so."""
    row = open_dataset(world[1]).table("articles").to_pylist()[0]
    found, note = page_of(world[1], row, Settings(keep="recall"))
    assert found is not None
    assert "other settings" in note


def test_unknown_and_ambiguous_ids_are_named(world: tuple[Path, Path]) -> None:
    """The message says what to do."""
    with pytest.raises(DatasetError, match="no article or rejected record"):
        find(world[1], "zzzz")
    with pytest.raises(DatasetError, match="start of several ids"):
        find(world[1], "")
