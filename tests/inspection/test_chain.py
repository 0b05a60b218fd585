"""The chain of reasons for a line adds up, and names what each voter goes by."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.document import Record
from ingest.errors import DatasetError
from ingest.inspection import Labelled, explain_line, find, look, page_of
from ingest.inspection.pages import labelled
from ingest.pipeline import Chain
from ingest.run import run

VOTING = {"sites", "rules", "label", "extract", "site-config", "model"}  # stages of those who vote on lines


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


@pytest.fixture(scope="module")
def samples(raw: Path) -> list[Labelled]:
    """All sample pages, text and HTML, labelled with what their sites' pages share."""
    return [found for found in labelled([raw], Settings()) if isinstance(found, Labelled)]


@pytest.fixture(scope="module")
def stored(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int, int], dict[str, Any]]:
    """The rows of `removed` that a run over the samples writes, but for mended and trimmed lines; by page and line."""
    out = tmp_path_factory.mktemp("stored")
    run([raw], out, Settings())
    rows = open_dataset(out).table("removed").to_pylist()
    return {(row["source_path"], row["source_record"], row["line"]): row for row in rows if row["altered_to"] is None}


def test_the_verdict_is_the_one_that_was_carried_out(
    samples: list[Labelled], stored: dict[tuple[str, int, int], dict[str, Any]]
) -> None:
    """What the votes decided of a line is what became of it, unless a later stage is named; in the rows of a run, too.

    A line goes by the threshold of its own page and kind: by another one, lines of HTML would be said to stay, and be
    taken out by a voter who had been outvoted.
    """
    kinds = set()
    for found in samples:
        page = found.page
        for line in page.lines:
            row = stored.get((page.source, page.record, line.line))
            assert (row is None) == line.kept
            assert line.probability is not None
            assert line.threshold is not None
            assert 1 / (1 + exp(-sum(line.weights))) == pytest.approx(line.probability, abs=0.02)
            if abs(line.probability - line.threshold) > 1e-4:
                assert line.stays == (line.probability >= line.threshold)
            if line.stage is None or line.stage in VOTING:
                assert line.kept == line.stays
            if row is not None and row["stage"] in VOTING:
                against = [vote.rule for vote, weight in zip(line.votes, line.weights, strict=True) if weight < 0]
                assert row["rule"] in against
                assert not line.stays
            kinds.add((found.document.record.kind, line.stays))
    assert len(kinds) == 4


def test_the_model_that_is_asked_is_the_one_that_voted(samples: list[Labelled]) -> None:
    """An explanation begins at the probability that the model gave the line in the run: by the model for its kind of
    page, told of the rules and of the site's other pages.
    """
    for number, found in enumerate(samples):
        for line in found.page.lines[number % 29 :: 29]:
            told = explain_line(found, line.line)
            assert told is not None
            odds = sum(voter.weight for voter in told.witnesses if voter.evidence in ("model", "site"))
            assert told.in_context == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-2), (found.page.source, line.line)
            assert told.kept == line.kept
            assert (told.verdict == "stays") == line.stays
            assert bool(told.afterwards) or told.kept == (told.verdict == "stays")


def test_what_became_of_a_line_after_the_verdict_has_its_reason() -> None:
    """A line that a later stage gave back or took is told with that stage's reason."""
    again = "This content is hosted by a third party, and it may not be shown without your agreement to it."
    chain = Chain(Settings())
    [found] = look(chain, [Record("p", 0, "\n\n".join(["Share", again, again, again, "Home"]), "text")])
    line = next(line for line in found.page.lines if line.text == again and line.kept)
    told = explain_line(found, line.line)
    assert told is not None
    assert (told.kept, told.verdict) == (True, "goes")
    assert "without any text" in told.afterwards[0]


def test_grounds_name_phrase_block_and_profile(page: Labelled) -> None:
    """A phrase is quoted with its language and file, a line of a block names its heading, the site its counts."""

    def grounds(text: str, evidence: str) -> str:
        line = next(line for line in page.page.lines if line.text == text)
        told = explain_line(page, line.line)
        assert told is not None
        return "\n".join(g for voter in told.witnesses if voter.evidence == evidence for g in voter.grounds)

    assert "phrase «Send to a friend» (en)" in grounds("Send to a friend", "rule")
    assert "share.toml" in grounds("Send to a friend", "rule")
    assert "pages" in grounds("Printable version", "site")
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
