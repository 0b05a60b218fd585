"""The title of an HTML page: the headline that a reader sees, before what the page calls itself for search engines.

What a page declares (JSON-LD, `<meta>`, `<title>`) are votes; they carry site names and wordings for search engines and
social media. What it shows are its headings of the first rank and its lines. A newsroom's filed headline goes first,
then a heading or line that says the same as a vote, then a heading that only resembles one or stands alone; a vote
that nothing on the page repeats comes last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingest.metadata import jsonld, tables
from ingest.metadata.page import Page, text_content
from ingest.metadata.titles import (
    DENSE,
    SAME,
    Title,
    after_kickers,
    common,
    cut_site,
    is_site,
    key,
    segments,
    signs,
    similarity,
    without_kicker,
)

#: Words of a heading (two wide characters count as one) without which it is the name of a section, and characters
#: beyond which it is a paragraph.
FEWEST_WORDS, LONGEST = 3, 170
#: Words that a line needs to be the headline because the document's title holds it, and the share of it that it is.
SEGMENT_WORDS, SEGMENT = 4, 0.3
#: Share of the shorter one's words from which a heading and a vote are one headline, one of them cut short.
CONTAINED = 0.6
#: How far up the boxes around a heading are looked at.
_BOXES = 10

_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first rank: its text, the part of it that is marked as the headline (or all of it), whether it
    stands in a menu or another box that is not the article's, and its element.
    """

    whole: str
    text: str
    boxed: bool
    element: Any = None

    @property
    def keys(self) -> set[str]:
        return {key(self.whole), key(self.text)}


def find_title(
    page: Page, article: list[jsonld.Node], site: str | None, url: str | None, lines: Sequence[str] = ()
) -> tuple[Title | None, Any]:
    """The title, and the element of the heading that prints it (or the likeliest one). lines: the page as laid out."""
    headings = list(map(read_heading, page.headings))
    votes = [Title(text, "json-ld") for node in article[:3] if (text := jsonld.text_of(node.get("headline")))]
    for name in tables.load("html")["meta"]["title"]:
        votes += [Title(value, f"meta:{name}") for value in page.meta.get(name, ())[:1]]
    marked = [(el.tag, text_content(el)) for el, _ in page.props.get("headline", ())[:2]]
    votes += [Title(text, "microdata") for tag, text in marked if tag != "h1"]
    votes += [Title(text, "title") for text in page.titles[:1]]
    filed = next(
        (text for node in article[:3] if jsonld.is_news(node) and (text := jsonld.text_of(node.get("headline")))), None
    )
    title = choose_title(
        headings,
        [vote for vote in votes if vote.text],
        filed=filed,
        marked=[text for _, text in marked],
        site=site,
        url=url,
        lines=lines,
    )
    if title is None or not headings:
        return title, None
    printed = (h for h in headings if title.text in h.whole or similarity(h.whole, title.text) >= SAME)
    free = (h for h in headings if not h.boxed)
    return title, next(printed, next(free, headings[0])).element


@cache
def _words(kind: str) -> frozenset[str]:
    return tables.words("html", "heading", kind)


def _names(element: Any) -> set[str]:
    """The words of an element's class, id and itemprop, of «titleBox» two."""
    named = " ".join(element.get(name) or "" for name in ("class", "id", "itemprop"))
    return set(map(str.lower, _NAME.findall(named)))


def read_heading(element: Any) -> Heading:
    """A heading as its element prints it. Of its parts, the one named as the headline and nothing else is the text."""
    whole = text_content(element)
    parts: dict[str, None] = {}
    for part in element.iterdescendants():
        if isinstance(part.tag, str) and (names := _names(part)) & _words("headline") and not names & _words("beside"):
            parts[text_content(part)] = None
    text = next(iter(parts)) if len(parts) == 1 else whole
    return Heading(whole, text if _size(text) >= FEWEST_WORDS else whole, _is_boxed(element), element)


def _is_boxed(element: Any) -> bool:
    for depth, box in enumerate((element, *element.iterancestors())):
        if depth > _BOXES or box.tag in ("body", "html"):
            return False
        if box.tag in _words("tags") or _names(box) & _words("box"):
            return True
    return False


def _size(text: str) -> float:
    """Words of a text; of scripts without blanks, half of its characters."""
    return len(key(text).split()) + len(DENSE.findall(text)) / 2


def choose_title(
    headings: Sequence[Heading],
    votes: Sequence[Title],
    *,
    filed: str | None = None,
    marked: Sequence[str] = (),
    site: str | None = None,
    url: str | None = None,
    lines: Sequence[str] = (),
) -> Title | None:
    """The title of a page.

    Args:
        headings: those of the first rank, in order.
        votes: what the page's metadata calls it, best first.
        filed: the headline that a newsroom's system declares.
        marked: what the page marks as its headline where it prints it.
        lines: all that it prints.
        url: of the page, whose path often spells the headline.
        site: its name, which is no headline.
    """
    shown = [h for h in {h.whole: h for h in headings}.values() if len(key(h.whole)) > 1]
    shown = [h for h in shown if not signs(h.whole, votes)] or shown
    declared = [vote for vote in votes if vote.source != "microdata"]  # which marks what is printed
    seen = [*(h.whole for h in shown), *(h.text for h in shown), *(vote.text for vote in votes)]

    def clean(vote: Title) -> Title:
        others = [other.text for other in declared if other.text != vote.text]
        return Title(cut_site(vote.text, site=site, url=url, votes=others, printed=seen), vote.source)

    cut = [v for vote in votes if key((v := clean(vote)).text) and not is_site(v.text, site, url)]
    known = {key(vote.text) for vote in cut}
    shown = [_in_part(h, known) for h in shown if not is_site(h.text, site, url)]
    free = [h for h in shown if not h.boxed]
    own = clean(Title(filed or "", "json-ld"))
    if key(own.text) and not is_site(own.text, site, url):
        return _filed(own, shown, cut, marked, lines)
    return (
        _equal(free, known)
        or _printed([v for v in cut if v.source != "microdata" or not free], lines)
        or _equal(shown, known)
        or _pointed_at([h.text for h in shown], cut)
        or _contained(free, cut)
        or next((Title(h.text, "h1") for h in free if _size(h.text) >= FEWEST_WORDS and len(h.text) <= LONGEST), None)
        or _segment(cut[:1], lines, site, url)
        or next(iter([*cut, *(Title(h.text, "h1") for h in shown), *votes]), None)
    )


def _in_part(heading: Heading, known: set[str]) -> Heading:
    """A heading with all of its text, where a vote confirms what stands before its headline: a kicker."""
    whole, text = key(heading.whole), key(heading.text)
    if whole in known and not whole.startswith(text):
        return Heading(heading.whole, heading.whole, heading.boxed, heading.element)
    return heading


def _filed(
    filed: Title, shown: Sequence[Heading], votes: Sequence[Title], marked: Sequence[str], lines: Sequence[str]
) -> Title:
    """The filed headline as the page prints it, unless others agree against it: a `<meta>` and what the page marks as
    its headline; a `<meta>`, the document's title and a heading; or, where it stands in a menu only, a `<meta>` and a
    line.
    """
    marks = set(map(key, marked))
    meta = [vote for vote in votes if vote.source.startswith("meta:")]
    against = next((vote for vote in meta if key(vote.text) in marks), None)
    if against:
        return against
    for heading in shown:
        sources = {vote.source.split(":")[0] for vote in votes if key(vote.text) in heading.keys}
        if sources >= {"meta", "title"} and not heading.boxed:
            return Title(heading.text, "h1")
    confirmed = {key(vote.text) for vote in votes if vote.source != "microdata"}
    forms = {key(filed.text)} | (confirmed & after_kickers(filed.text))
    printed = next((h for h in shown if key(h.text) in forms), None)
    if printed is None:
        return filed
    return (printed.boxed and _printed(meta, lines, key)) or Title(printed.text, "h1")


def _equal(headings: Iterable[Heading], known: set[str]) -> Title | None:
    """The first heading that says the same as a vote."""
    return next((Title(h.text, "h1") for h in headings if h.keys & known), None)


def _printed(votes: Iterable[Title], lines: Sequence[str], form: Callable[[str], str] = str.strip) -> Title | None:
    """The first vote that is a line of the page, in some form; by letters alone, lists of other articles are, too."""
    whole = set(map(form, lines))
    return next((vote for vote in votes if form(vote.text) in whole and _size(vote.text) >= FEWEST_WORDS), None)


def _pointed_at(shown: Sequence[str], votes: Sequence[Title]) -> Title | None:
    """The heading that shares the most words with a vote, or that holds one or is held by one."""
    if not shown or not votes:
        return None
    best, _, heading = max((max(similarity(h, v.text) for v in votes), -i, h) for i, h in enumerate(shown))
    if best >= SAME:
        return Title(without_kicker(heading, votes), "h1")
    inside = (
        h for h in shown if len(key(h)) > 15 and any(key(h) in key(v.text) or key(v.text) in key(h) for v in votes)
    )
    return next((Title(without_kicker(h, votes), "h1") for h in inside), None)


def _contained(headings: Sequence[Heading], votes: Sequence[Title]) -> Title | None:
    """The heading most of whose words a vote has, or that has most of a vote's."""
    if not headings or not votes:
        return None
    best, _, text = max((max(common(h.text, v.text) for v in votes), -i, h.text) for i, h in enumerate(headings))
    return Title(text, "h1") if best >= CONTAINED and _size(text) >= FEWEST_WORDS else None


def _segment(votes: Iterable[Title], lines: Sequence[str], site: str | None, url: str | None) -> Title | None:
    """The longest line of the page that is a vote without the names at its ends: «Site » Headline - Section»."""
    for vote in votes:
        runs = {key(run): None for run in segments(vote.text)}
        wanted = {run for run in runs if len(run) >= SEGMENT * len(key(vote.text))}
        longest = len(vote.text) + 10
        found = [
            (len(own), line.strip()) for line in lines if 1 < len(line) <= longest and (own := key(line)) in wanted
        ]
        for _, text in sorted(found, key=lambda pair: -pair[0]):
            if _size(text) >= SEGMENT_WORDS and not is_site(text, site, url):
                return Title(text, "line")
    return None
