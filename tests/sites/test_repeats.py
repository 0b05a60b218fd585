"""What stands at the same place of several pages of a site is the site's: it is no title of a page."""

from __future__ import annotations

from random import Random

from sites.test_profiles import NOTHING_GENERIC, batch, sentence

import ingest
from ingest.lines.fingerprints import marks
from ingest.lines.scan import scan
from ingest.sites import freeze
from ingest.sites.contributions import learn, table
from ingest.sites.profiles import Profile
from ingest.sites.repeats import Repeats

HEADER = ["Home", "Special version for the weak of sight", "Search the archive of the parliament"]


def profile_of(pages: list[list[str]]) -> Profile:
    contributed = table([learn(batch(pages), {"dump": "digest"})])
    return freeze([contributed], NOTHING_GENERIC).sites["pond.example"]


def beside(profile: Profile, lines: list[str]) -> Repeats:
    return Repeats(profile, marks(scan(lines)))


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
        assert beside(profile, page).of_site()[:5].tolist() == [True, True, True, False, False]
        assert beside(profile, page[1:5]).of_site().tolist() == [True, True, False, False]


def test_few_pages_tell_nothing() -> None:
    """Of two pages, and of a site of which nothing repeats, no line is the site's."""
    draw = Random(2)
    pages = [[*HEADER, sentence(draw, 6)[:-1], sentence(draw)] for _ in range(2)]
    assert not beside(profile_of(pages), pages[0]).of_site().any()
    assert not beside(Profile("pond.example", 9), pages[0]).of_site().any()
    assert beside(profile_of(pages), []).of_site().tolist() == []


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
    assert beside(profile, pages[1]).of_most().tolist() == [True, True, True, True, False, False, False, False, False]
    assert not beside(profile_of(pages[:2]), pages[1]).of_most().any()


def test_lines_with_numbers_are_told_by_their_numbers() -> None:
    """The step of a path is the site's, with its number; «Session 3» is not, although all pages have a session."""
    draw = Random(5)
    pages = [
        ["1. Home", "2. Structure", "3. Members of the sixth assembly", f"Session {number}", sentence(draw, 6)[:-1]]
        + [sentence(draw) for _ in range(3)]
        for number in range(6)
    ]
    profile = profile_of(pages)
    for page in pages:
        assert beside(profile, page).of_site().tolist() == [True] * 3 + [False] * 5


def test_what_fills_the_same_slot_is_the_sites() -> None:
    """An agency below the title is, whatever stands beside it; a headline that the pages list is not on its own."""
    draw = Random(6)
    listed = [sentence(draw, 6)[:-1] for _ in range(6)]
    pages = [
        [*HEADER, title, "Reed News Agency", *(sentence(draw) for _ in range(3)), "Most read", *draw.sample(listed, 6)]
        for title in [listed[0], *(sentence(draw, 6)[:-1] for _ in range(9))]
    ]
    profile = profile_of(pages)
    for page in pages[1:]:
        assert beside(profile, page).of_site()[:5].tolist() == [True, True, True, False, True]
    assert not beside(profile, pages[0]).of_site()[3]


def test_the_field_of_the_date() -> None:
    """A line of which each page has one is a field; the day of all pages and prose are none."""
    draw = Random(7)
    pages = []
    for day in range(1, 13):
        listed = [line for n in range(4) for line in (sentence(draw, 5)[:-1], f"{n + day} May 2019")]
        title, body = sentence(draw, 6)[:-1], [sentence(draw) for _ in range(3)]
        pages.append([*HEADER, "Today is 30 June 2023", f"Published on {day} June 2023", title, *body, "More", *listed])
    profile = profile_of(pages)
    for page in pages:
        field = beside(profile, page).fields()
        assert field[4]
        assert not field[3]
        assert not field[[row for row, line in enumerate(page) if line.endswith(".")]].any()


def test_the_date_of_the_page_stands_in_the_field() -> None:
    """Above the title, a date that all pages have one of is the page's, before those of a list below; of one page that
    is not known.
    """
    draw = Random(8)
    pages = []
    for day in range(10, 20):
        listed = [line for n in range(3) for line in (sentence(draw, 9)[:-1], f"{n + day % 7 + 1} May 2019")]
        body = [f"The pond of Ullern was measured on this day: {sentence(draw)}" for _ in range(3)]
        text = [
            *HEADER,
            f"14:{day}, {day} June 2023 Ponds",
            f"Pond of Ullern measured {sentence(draw, 2)[:-1]}",
            body[0],
        ]
        pages.append(
            {"text": "\n\n".join([*text, "On this subject:", *listed, *body[1:]]), "url": f"https://pond.example/{day}"}
        )
    alone = ingest.Pipeline()
    known = alone.learn(pages).process(pages).articles["published"].to_pylist()
    assert [(date.year, date.month, date.day) for date in known] == [(2023, 6, day) for day in range(10, 20)]
    assert 2019 in {date.year for date in alone.process(pages).articles["published"].to_pylist()}


def test_numbered_lines_of_a_menu_are_known_again() -> None:
    """A line is found among those of other pages as it stands there, and not as it reads without its number."""
    draw = Random(5)
    menu = ["  1. The bank of the pond", "  2. Members of the society"]
    pages = [[*HEADER, *menu, f"Minutes {sentence(draw, 5)}", sentence(draw), sentence(draw)] for _ in range(5)]
    profile = profile_of(pages)
    assert beside(profile, pages[1]).of_most()[:6].tolist() == [True] * 5 + [False]
    assert beside(profile, pages[1]).of_site()[:6].tolist() == [True] * 5 + [False]
