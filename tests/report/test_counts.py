"""What a run record keeps: numbers by site and stage that add up, and where each paragraph stood on its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.report.counts import SiteCounts, largest
from ingest.run import run

WRAPPED = """Reeds counted twice

Every spring the keepers of the north pond walk along its bank with a
stick and a notebook, and every spring they come home with a number that
nobody in the village is ready to believe before it was counted again by
the keepers of the south pond, who are said to be the better counters on
all days but Sundays, when the south pond keeps its own counsel entirely.

This year the two numbers were the same, which has not been seen since a
heron was mistaken for a bundle of reeds, and the mayor asked for a third
count by somebody who owns no boat and has never been near a pond at all.
The third number will be read out in the hall on Friday, before the soup.

Send to a friend
"""


@pytest.fixture(scope="module")
def dataset(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample dump, and a page that was wrapped at a fixed width, as a dataset."""
    folder = tmp_path_factory.mktemp("counted")
    (folder / "wrapped").mkdir()
    (folder / "wrapped/reeds.txt").write_text(WRAPPED)
    run([raw, folder / "wrapped"], folder / "out", Settings())
    return folder / "out"


def test_run_record_tells_sites_and_stages(dataset: Path) -> None:
    """The sums by site are those of the articles; each stage has its seconds."""
    record = json.loads(next((dataset / "_ingest/runs").glob("*.json")).read_text())
    articles = open_dataset(dataset).table("articles", ["removed_lines", "n_words", "removed_share"])
    sites = record["by_site"].values()
    assert sum(site["articles"] for site in sites) == record["rows"]["articles"] == len(articles)
    assert sum(site["words"] for site in sites) == sum(articles["n_words"].to_pylist())
    assert sum(site["removed_lines"] for site in sites) == sum(articles["removed_lines"].to_pylist())
    assert sum(site["removed_share"] for site in sites) == pytest.approx(sum(articles["removed_share"].to_pylist()))
    assert all(sum(site["roles"].values()) >= site["removed_lines"] for site in sites)
    stages = {"decode", "extract", "repair", "identify", "label", "language", "metadata", "trim", "assemble", "write"}
    assert set(record["stage_seconds"]) >= stages
    assert min(record["stage_seconds"].values()) >= 0


def test_paragraphs_know_their_lines(dataset: Path, raw: Path) -> None:
    """`text_lines` names the line of the page at which each paragraph begins, one number a paragraph."""
    seen = 0
    for row in open_dataset(dataset).table("articles").to_pylist():
        paragraphs = row["text"].split("\n\n")
        assert len(row["text_lines"]) == len(paragraphs)
        assert row["text_lines"] == sorted(set(row["text_lines"]))
        if row["source_path"] == "reeds.txt":
            assert row["text_lines"] == [3, 9]
            assert paragraphs[0].endswith("counsel entirely.")
        elif row["source_path"].endswith(".txt") and row["encoding"] == "utf-8" and not row["repairs"]:
            lines = (raw / row["source_path"]).read_text(encoding="utf-8").split("\n")
            assert [lines[number - 1].strip() for number in row["text_lines"]] == paragraphs
            seen += 1
    assert seen


def test_the_largest_sites_are_kept() -> None:
    """A run over very many sites keeps the ones with the most articles in its record."""
    sites = {"b": SiteCounts(articles=1), "a": SiteCounts(articles=1), "c": SiteCounts(articles=5)}
    assert list(largest(sites, most=2)) == ["a", "c"]
