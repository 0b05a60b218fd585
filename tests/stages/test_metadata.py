"""Metadata that lines say, and that the source gives, never costs the text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.sites.profiles import Profile, Profiles
from ingest.stages.assemble import Stamp

POST = "The old bridge over the river is closed until spring, the city council said on Tuesday after a survey."
REST = "Engineers had found cracks in two of its pillars. Buses will take the new bridge, which opened in 2014."


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(Settings())


@pytest.mark.parametrize(
    ("title", "page", "text"),
    [
        (POST, POST, POST),
        (POST, f"{POST}\n\n{POST}", POST),
        ("", f"{POST}\n\n{POST}", POST),
        (POST, f"{POST}\n\n{REST}", REST),
        (POST, f"{POST}\n\n{POST}\n\n{REST}", REST),
    ],
    ids=["a post as its own title", "given twice more", "printed twice", "a title before text", "twice before text"],
)
def test_a_title_leaves_the_text_unless_it_is_all_of_it(chain: Chain, title: str, page: str, text: str) -> None:
    """A printed title is not repeated in the text; where there is no other text, it stays."""
    record = Record("page.jsonl", 0, page.encode(), "text", given={"title": title} if title else {})
    [rows] = chain.process([record], Stamp("test", "hash", datetime(2026, 1, 1)))
    assert rows.articles.column("text").to_pylist() == [text]


FIGURES = "06/07/2022"
DECLARED = f'<meta property="article:published_time" content="{FIGURES}">'
ADDRESS = "http://pond.example/1"
DATED = {
    "in a line": Record("p", 0, f"The bridge is closed\n\n{FIGURES}\n\n{POST}\n\n{REST}", "text", url=ADDRESS),
    "declared": Record("p", 1, f"<html><head>{DECLARED}</head><body><p>{POST}</p></body></html>", "html", url=ADDRESS),
    "given": Record("p", 2, f"{POST}\n\n{REST}", "text", url=ADDRESS, given={"published": FIGURES}),
}


@pytest.mark.parametrize("place", DATED)
@pytest.mark.parametrize(
    ("pack", "day"),
    [
        ("", None),
        ('hosts = ["pond.example"]\ndate_order = "mdy"', datetime(2022, 6, 7)),
        ('hosts = ["pond.example"]\ndate_order = "dmy"', datetime(2022, 7, 6)),
        ('date_order = "mdy"', datetime(2022, 6, 7)),
    ],
    ids=["no pack", "month first", "day first", "beside another pack"],
)
def test_a_site_pack_says_how_dates_of_figures_are_read(
    place: str, pack: str, day: datetime | None, tmp_path: Path
) -> None:
    """`date_order` decides what a date leaves open, wherever it is found; without it the date is marked as open."""
    name = "pond.example" if "hosts" not in pack else "The Pond"
    (tmp_path / "site.toml").write_text(f'[site]\nname = "{name}"\n{pack}\n' if pack else "")
    chain = Chain(Settings(rules=[str(tmp_path)]))
    [rows] = chain.process([DATED[place]], Stamp("test", "hash", datetime(2026, 1, 1)))
    [row] = rows.articles.select(["published", "published_ambiguous"]).to_pylist()
    assert row == {"published": day, "published_ambiguous": day is None}


def test_a_site_pack_outweighs_what_the_pages_prove(tmp_path: Path) -> None:
    """A person who knows the site is believed before its pages."""
    (tmp_path / "site.toml").write_text('[site]\nname = "pond.example"\ndate_order = "mdy"\n')
    chain = Chain(Settings(rules=[str(tmp_path)]))
    chain.profiles = Profiles({"pond.example": Profile.of_nothing("pond.example", 5, day_first=9, month_first=0)})
    [rows] = chain.process([DATED["in a line"]], Stamp("test", "hash", datetime(2026, 1, 1)))
    assert rows.articles["published"].to_pylist() == [datetime(2022, 6, 7)]
