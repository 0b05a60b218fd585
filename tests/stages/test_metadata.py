"""Metadata that lines say, and that the source gives, never costs the text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    chain = Chain(Settings(rules=(str(tmp_path),)))
    [rows] = chain.process([DATED[place]], Stamp("test", "hash", datetime(2026, 1, 1)))
    [row] = rows.articles.select(["published", "published_ambiguous"]).to_pylist()
    assert row == {"published": day, "published_ambiguous": day is None}


def test_a_site_pack_outweighs_what_the_pages_prove(tmp_path: Path) -> None:
    """A person who knows the site is believed before its pages."""
    (tmp_path / "site.toml").write_text('[site]\nname = "pond.example"\ndate_order = "mdy"\n')
    known = Profiles({"pond.example": Profile("pond.example", 5, day_first=9, month_first=0)})
    chain = Chain(Settings(rules=(str(tmp_path),)), known)
    [rows] = chain.process([DATED["in a line"]], Stamp("test", "hash", datetime(2026, 1, 1)))
    assert rows.articles["published"].to_pylist() == [datetime(2022, 6, 7)]


ARTICLES = [
    [
        "The harbour authority said on Tuesday that it had moved the lamp.",
        "Nobody was hurt, the authority added on Wednesday morning.",
    ],
    [
        "Паром через Тихую речку с понедельника ходит каждые полчаса.",
        "Билеты в первую неделю раздают бесплатно, добавили в порту.",
    ],
    [
        "Көл жағасында үш жыл салынған жаңа көпір ашылды, деді әкім.",
        "Ескі көпір тар болғандықтан, ел күн сайын кезекте тұратын.",
    ],
    [
        "河湾市政府周二宣布，河湾大桥因更换旧缆绳将封闭三周，期间有免费渡船。",
        "工程师表示，桥面木板已经拆除，在横梁上行走对行人十分危险，请绕行。",
    ],
    [
        "أعلنت بلدية المدينة أن جسر الميناء القديم سيغلق ثلاثة أسابيع.",
        "وقال المهندس المشرف إن الألواح الخشبية رفعت بالفعل أمس الأول.",
    ],
]
SMALL = [
    "12 May 2021",
    "By Jane Doe",
    "Harbour lamp moved",
    "14 июня 2021, 10:20",
    "Автор: Иван Петров",
    "2017-03-01 14:27",
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([line for article in ARTICLES for line in article]), min_size=2, max_size=6, unique=True),
    st.lists(st.sampled_from(SMALL), max_size=3, unique=True),
    st.sampled_from(["", "Harbour lamp moved"]),
)
def test_metadata_takes_no_prose(chain: Chain, prose: list[str], small: list[str], title: str) -> None:
    """Whatever small lines stand above, metadata takes no sentence out of the text."""
    page = "\n\n".join([*small, *prose])
    record = Record("page.jsonl", 0, page.encode(), "text", given={"title": title} if title else {})
    [rows] = chain.process([record], Stamp("test", "hash", datetime(2026, 1, 1)))
    taken = [row["text"] for row in rows.removed.to_pylist() if row["stage"] == "metadata"]
    assert not set(taken) & set(prose)


def test_a_stated_title_is_cut_from_a_line_that_goes_on() -> None:
    """Headline and first sentence on one line: the headline goes, the sentence stays; one sentence is not cut."""
    title = "Old lamp moved into the museum"
    glued = f"{title} The harbour authority said on Tuesday that a crane had slipped during the night shift."
    one = f"{title} on Tuesday after a crane had slipped during the night shift, the authority said."
    for first, text in ((glued, glued.removeprefix(title).strip()), (one, one)):
        record = Record("page.jsonl", 0, f"{first}\n\n{REST}".encode(), "text", given={"title": title})
        [rows] = Chain(Settings()).process([record], Stamp("test", "hash", datetime(2026, 1, 1)))
        assert rows.articles.column("text").to_pylist() == [f"{text}\n\n{REST}"]
