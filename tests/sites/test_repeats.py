"""What stands at the same place of several pages of a site is the site's: it is no title of a page."""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt
from sites.test_profiles import NOTHING_GENERIC, batch, sentence

import ingest
from ingest.lines.fingerprints import fingerprints
from ingest.sites import freeze
from ingest.sites.contributions import learn, table
from ingest.sites.profiles import Profile
from ingest.sites.repeats import on_most_pages, repeats

HEADER = ["Home", "Special version for the weak of sight", "Search the archive of the parliament"]


def profile_of(pages: list[list[str]]) -> Profile:
    contributed = table([learn(batch(pages), {"dump": "digest"})])
    return freeze([contributed], NOTHING_GENERIC).sites["pond.example"]


def own(profile: Profile, lines: list[str]) -> npt.NDArray[np.bool_]:
    return repeats(profile, fingerprints(lines), lines)


def test_lines_of_the_header_are_the_sites() -> None:
    """The header is; titles are not, although lists on other pages print them, and neither are lines with numbers."""
    draw = Random(1)
    titles = [sentence(draw, 6)[:-1] for _ in range(6)]
    pages = []
    for number, title in enumerate(titles):
        listed = draw.sample(titles, 6)
        pages.append([*HEADER, title, f"Session {number}", *(sentence(draw) for _ in range(3)), "Most read", *listed])
    profile = profile_of(pages)
    for page in pages:
        assert own(profile, page)[:5].tolist() == [True, True, True, False, False]
        assert own(profile, page[1:5]).tolist() == [True, True, False, False]


def test_few_pages_tell_nothing() -> None:
    """Of two pages, and of a site of which nothing repeats, no line is the site's."""
    draw = Random(2)
    pages = [[*HEADER, sentence(draw, 6)[:-1], sentence(draw)] for _ in range(2)]
    assert not own(profile_of(pages), pages[0]).any()
    assert not own(Profile("pond.example", 9), pages[0]).any()
    assert own(profile_of(pages), []).tolist() == []


def test_the_title_is_the_pages_own() -> None:
    """The page alone shows the site's line for a title; with the other pages known, its own line is."""
    draw = Random(3)
    titles = [f"Pond {word} measured" for word in ("Ullern", "Vestby", "Sandvik", "Horten", "Arendal")]
    pages = [
        {
            "text": "\n\n".join(
                [*HEADER[:2], title, *(f"The special version for weak sight says: {sentence(draw)}" for _ in range(4))]
            ),
            "url": f"https://pond.example/{number}",
        }
        for number, title in enumerate(titles)
    ]
    alone = ingest.Pipeline()
    assert set(alone.process(pages).articles["title"].to_pylist()) == {HEADER[1]}
    assert alone.learn(pages).process(pages).articles["title"].to_pylist() == titles


def test_what_most_pages_print_names_nobody() -> None:
    """Lines of nearly all pages are told, numbers or not; those of half of them and a page's own are not."""
    draw = Random(4)
    pages = [
        [
            *HEADER,
            f"Read {number} times",
            *(["Regional news desk"] if number % 2 else []),
            sentence(draw, 6)[:-1],
            *(sentence(draw) for _ in range(3)),
        ]
        for number in range(8)
    ]
    profile = profile_of(pages)
    assert on_most_pages(profile, fingerprints(pages[1])).tolist() == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    assert not on_most_pages(profile_of(pages[:2]), fingerprints(pages[1])).any()


def test_numbered_lines_of_a_menu_are_known_again() -> None:
    """A line is found among those of other pages as it stands there, and not as it reads without its number."""
    draw = Random(5)
    menu = ["  1. The bank of the pond", "  2. Members of the society"]
    pages = [[*HEADER, *menu, f"Minutes {sentence(draw, 5)}", sentence(draw), sentence(draw)] for _ in range(5)]
    profile = profile_of(pages)
    lines = fingerprints(pages[1])
    assert on_most_pages(profile, lines)[:6].tolist() == [True] * 5 + [False]
    read = [line.partition(". ")[2] for line in menu]  # as the reader of metadata has them
    assert repeats(profile, lines[3:5], read).tolist() == [True, True]
