"""Metadata of HTML pages: which place is believed, what is kept apart, and that no page breaks the reader."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.html.flatten import flatten
from ingest.html.kinds import Kinds
from ingest.metadata.html import HtmlMetadata, read_html
from ingest.metadata.order import settle
from ingest.metadata.page_dates import url_date

FETCHED = datetime(2020, 6, 1)
TITLES = tomli.loads((Path(__file__).parent / "data" / "html_titles.toml").read_text(encoding="utf-8"))["case"]


def read(head: str = "", body: str = "", url: str | None = "https://news.example.org/a", **kw: Any) -> HtmlMetadata:
    tree = lxml.html.document_fromstring(f"<html lang='en'><head>{head}</head><body>{body}</body></html>")
    return read_html(tree, url, **{"fetched": FETCHED, **kw})


def day_of(found: HtmlMetadata) -> datetime | None:
    """The published date, None where there is none or its order is open."""
    return found.published.value if found.published else None


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def test_json_ld_graph_and_references() -> None:
    """Nodes are found within graphs and arrays, and an author given by reference is looked up."""
    graph = {
        "@graph": [
            {"@type": "Person", "@id": "#p", "name": "Jane Doe"},
            [
                {
                    "@type": ["Article", "NewsArticle"],
                    "headline": "A",
                    "datePublished": "2019-10-11T10:01:00Z",
                    "author": {"@id": "#p"},
                }
            ],
        ]
    }
    found = read(f'<script type="application/ld+json">{json.dumps(graph)}</script>', "<h1>A</h1>")
    assert (found.authors, found.authors_from) == (["Jane Doe"], "json-ld")
    assert (day_of(found), found.published_from) == (datetime(2019, 10, 11, 10, 1), "json-ld")


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","headline":"Line\nbreak","datePublished":"2019-10-11"}',
        '<!-- {"@type":"NewsArticle","datePublished":"2019-10-11"} -->',
        '{"@type":"NewsArticle","datePublished":"2019-10-11",}',
        '{"@type":"NewsArticle","datePublished":"2019-10-11","description":"a "quote" inside"}',
    ],
)
def test_broken_json_ld(block: str) -> None:
    """Line breaks in strings, comments, trailing commas and unescaped quotes do not hide the date."""
    found = read(f'<script type="application/ld+json">{block}</script>')
    assert day_of(found) == datetime(2019, 10, 11)


def test_deep_and_hostile_json_ld() -> None:
    """Nesting beyond any bound and values of wrong types give nothing and raise nothing."""
    assert read(f'<script type="application/ld+json">{"[" * 100_000}</script>').published is None
    found = read(
        ld(
            headline=[1, {"name": None}],
            author=[[[["x"]]], 5, None, {"name": {"name": []}}],
            datePublished={},
        )
    )
    assert found.published is None


def test_printed_headline_goes_before_social_variant() -> None:
    """The heading on the page is the title, not the longer or catchier og:title."""
    found = read(
        meta("og:title", "You won't believe how the council voted on the bridge")
        + "<title>Council votes on bridge - Example News</title>",
        "<h1>Council votes on bridge</h1>",
    )
    assert (found.title, found.title_from) == ("Council votes on bridge", "h1")


@pytest.mark.parametrize(
    ("title", "site"),
    [
        ("Council votes on bridge | Example News", "Example News"),
        ("Council votes on bridge - Example News", "Example News"),
        ("Example News: Council votes on bridge", "Example News"),
        ("Council votes on bridge – Politics – Example News", "Example News – Politics"),
        ("Council votes on bridge - example.org", None),
    ],
)
def test_site_name_is_cut(title: str, site: str | None) -> None:
    """The site's name goes from either end of the document title."""
    head = f"<title>{title}</title>" + (meta("og:site_name", "Example News") if site else "")
    found = read(head).title or ""
    assert found.startswith("Council votes on bridge")
    assert "xample" not in found


@pytest.mark.parametrize("case", TITLES, ids=lambda case: case["name"])
def test_the_headline_that_a_reader_sees(case: dict[str, str]) -> None:
    """A page's title is what it prints as its headline; sections, logos, menus and teasers are none."""
    head = (ld(headline=case["filed"]) if "filed" in case else "") + f"<title>{case.get('doc', '')}</title>"
    head += meta("og:title", case["social"]) if "social" in case else ""
    tree = lxml.html.document_fromstring(f"<html><head>{head}</head><body>{case['body']}</body></html>")
    assert read_html(tree, "https://paper.example/a", lines=flatten(tree, Kinds()).lines).title == case["title"]


def test_logo_heading_is_no_title() -> None:
    """A heading of the first rank that only names the site is passed over."""
    found = read(
        meta("og:title", "Council votes on bridge") + meta("og:site_name", "Example News"),
        "<h1>Example News</h1><h1>Council votes on the bridge</h1>",
    )
    assert found.title == "Council votes on the bridge"


def test_kicker_is_cut_where_metadata_confirms() -> None:
    """A kicker before the headline goes where the declared title is exactly the rest."""
    found = read(meta("og:title", "Council votes on bridge"), "<h1>Local politics: Council votes on bridge</h1>")
    assert found.title == "Council votes on bridge"
    both = read(
        meta("og:title", "City council: Council votes on bridge"),
        "<h1>Local politics - Council votes on bridge</h1>",
    )
    assert both.title == "Council votes on bridge"


def test_published_and_modified_are_kept_apart() -> None:
    """A date of change never becomes the date of publication, not even when it is the only one."""
    both = read(
        meta("article:published_time", "2019-10-11T10:01:00+02:00") + meta("article:modified_time", "2020-01-02")
    )
    assert (day_of(both), both.modified) == (datetime(2019, 10, 11, 10, 1), datetime(2020, 1, 2))
    only = read(meta("article:modified_time", "2020-01-02"))
    assert (day_of(only), only.modified) == (None, datetime(2020, 1, 2))


@pytest.mark.parametrize(
    "value", ["2021-01-01", "1970-01-01T00:00:00Z", "0001-01-01", "31/02/2020", "99/99/9999", "soon", ""]
)
def test_impossible_dates_are_left_out(value: str) -> None:
    """Dates after the fetch, before the web, and such as no calendar holds are not taken."""
    assert read(meta("article:published_time", value)).published is None


def test_a_day_of_grace_after_the_fetch() -> None:
    """A date within a day after the fetch is a matter of time zones."""
    assert day_of(read(meta("article:published_time", "2020-06-01T20:00:00"))) == datetime(2020, 6, 1, 20)


def test_ambiguous_meta_date_keeps_both_readings() -> None:
    """A declared date whose order is open gives both readings and no value; the site's order decides it."""
    found = read(meta("article:published_time", "12/10/2019")).published
    assert found is not None
    assert (found.value, found.ambiguous, len(found.values)) == (None, True, 2)
    assert settle(found, "month").value == datetime(2019, 12, 10)


def test_time_element_and_text() -> None:
    """Without declared dates a marked <time> is read, then a date printed beside the headline."""
    timed = read(
        "",
        '<h1>Council votes on bridge</h1><time class="updated" datetime="2020-02-02">x</time>'
        '<time class="published" datetime="2019-10-11T10:01">x</time>',
    )
    assert (day_of(timed), timed.published_from) == (datetime(2019, 10, 11, 10, 1), "time")
    shown = read("", "<h1>Council votes on bridge</h1><p>Published 11 October 2019</p>")
    assert (day_of(shown), shown.published_from) == (datetime(2019, 10, 11), "text")


@pytest.mark.parametrize(
    ("filed", "social", "heading", "want"),
    [
        # the heading prints no kicker, and everything declared has it: it is printed apart
        ("Bridge repairs: Council votes on it", "Bridge repairs: Council votes on it", "Council votes on it", 0),
        # a declared title leaves the kicker out as the heading does
        ("Bridge repairs: Council votes on it", "Council votes on it", "Council votes on it", 2),
        # nothing agrees against the filed headline
        ("Council votes on bridge", "What the bridge means for you", "Bridge or no bridge", 0),
    ],
)
def test_kickers_of_the_filed_headline(filed: str, social: str, heading: str, want: int) -> None:
    """A kicker goes only where the heading and a declared title both leave it out."""
    found = read(ld(headline=filed) + meta("og:title", social), f"<h1>{heading}</h1>")
    assert found.title == (filed, social, heading)[want]


def test_two_declared_headlines_against_one() -> None:
    """A headline marked where it is printed and repeated in a vote beats the filed one; a mark alone does not."""
    head, marked = ld(headline="Council votes on bridge"), '<h1 itemprop="headline">Bridge or no bridge</h1>'
    assert read(head + meta("og:title", "Bridge or no bridge"), marked).title == "Bridge or no bridge"
    assert read(head + meta("og:title", "Something else"), marked).title == "Council votes on bridge"


def test_heading_that_is_the_site_name() -> None:
    """A heading that only signs the document's title is the site's name and not the headline."""
    head = meta("og:title", "Small boats on a lake") + "<title>Small boats on a lake | Harbour Diary</title>"
    assert read(head, "<h1>Harbour Diary</h1>", "https://blog.example.org/a").title == "Small boats on a lake"


def test_shown_person_goes_before_declared_site() -> None:
    """Where the page declares only itself as author, the person named beside the headline is the author."""
    head = ld(
        headline="Council votes on bridge",
        author={"@type": "Organization", "name": "Example News"},
        publisher={"name": "Example News"},
    )
    body = '<h1>Council votes on bridge</h1><div class="byline">By <a class="author">Jane Doe</a></div>'
    assert read(head, body).authors == ["Jane Doe"]
    assert read(head, "<h1>Council votes on bridge</h1>").authors == ["Example News"]


def test_endless_author_is_dropped() -> None:
    """An author field of ten thousand characters gives no author."""
    assert read(meta("author", "x" * 10_000)).authors == []


def test_other_fields() -> None:
    """Section, tags, language, canonical address, description and site name are read."""
    found = read(
        meta("og:site_name", "Example News")
        + meta("article:section", "Politics")
        + meta("article:tag", "bridge")
        + meta("article:tag", "council")
        + meta("og:description", "The council voted.")
        + '<link rel="canonical" href="/b">'
    )
    assert (found.site_name, found.section, found.tags, found.language) == (
        "Example News",
        "Politics",
        ["bridge", "council"],
        "en",
    )
    assert (found.canonical_url, found.description) == ("https://news.example.org/b", "The council voted.")


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.org/2019/10/11/bridge", datetime(2019, 10, 11)),
        ("https://example.org/news/2019-10-11-bridge.html", datetime(2019, 10, 11)),
        ("https://example.org/20191011/bridge", datetime(2019, 10, 11)),
        ("https://example.org/2019/10/bridge", None),
        ("https://example.org/2019/13/41/bridge", None),
        ("https://example.org/id-120191011", None),
        ("https://example.org/?d=2019/10/11", None),
        (None, None),
    ],
)
def test_url_dates(url: str | None, day: datetime | None) -> None:
    """A whole day in the path of an address is a date; months, numbers and queries are not."""
    assert url_date(url) == day


def test_tree_is_not_changed_and_result_is_stable() -> None:
    """Reading twice gives the same, and the tree is left as it was."""
    tree = lxml.html.document_fromstring(
        "<html><head><title>T - S</title></head><body><h1>Head line</h1><p>11 May 2019</p></body></html>"
    )
    before = lxml.html.tostring(tree)
    assert read_html(tree, None) == read_html(tree, None)
    assert lxml.html.tostring(tree) == before


PIECES = st.sampled_from(
    [
        "<h1>",
        "</h1>",
        "<time datetime='12/10/2019'>",
        "<meta property=og:title content='x - y'>",
        "<div itemprop='author'>",
        "<div class=byline>",
        "By Jane Doe",
        "31/02/2020",
        "<script type='application/ld+json'>{\"@graph\":[{",
        "<link rel=canonical href='http://['>",
        "</script>",
        "<a rel='author'>",
        "\x0b",
        "&#0;",
        "<svg><title>",
        "11 May 2019",
        "<html lang=''>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=15)), max_size=25))
def test_any_page_is_harmless(pieces: list[str]) -> None:
    """No page that lxml parses raises."""
    page = "".join(pieces).replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring("<p>x</p>" + page)
    except (ValueError, lxml.etree.ParserError):
        return
    read_html(tree, "https://example.org/", fetched=FETCHED)
