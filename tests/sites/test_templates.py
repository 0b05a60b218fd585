"""A host has several templates: what repeats is counted by each, found inside the host as it is found without one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from sites.test_profiles import (
    FOOTER,
    MENU,
    NOTHING_GENERIC,
    against,
    batch,
    page,
    profiles,
    sentence,
    votes_of,
)

from ingest.lines.fingerprints import SHAPE_BITS, fingerprints
from ingest.sites import freezing
from ingest.sites.contributions import learn, table
from ingest.sites.profiles import Profile

NEW_MENU = ["Start", "Water by region", "All that the new gazette has to say of lakes", "Tides and timetables of today"]
NEW_FOOTER = ["Set in lead by the new gazette of the lakes", "Have the tides sent to your own door"]
INDEX = [
    "All headlines of the archive",
    *(f"Ponds of the {name} quarter of the year" for name in ("first", "second", "third")),
]
HOST = "pond.example"


def index(rng: random.Random) -> list[str]:
    """A page of headlines and dates below its own menu."""
    headlines = [line for _ in range(6) for line in (sentence(rng, 6)[:-1], f"{rng.randint(1, 28)} May 2021")]
    return [
        "Ponds by year and by depth",
        "All headlines of the archive of ponds",
        *headlines,
        "Older ponds are kept below",
    ]


def new_page(rng: random.Random) -> list[str]:
    return page(rng, menu=NEW_MENU, footer=NEW_FOOTER)


def lines_of(pages: list[list[str]]) -> Any:
    found = fingerprints([line for lines in pages for line in lines])
    return found[found != 0] & ~SHAPE_BITS


def template_of(profile: Profile, lines: list[str]) -> Profile:
    return profile.of_page(lines_of([lines]))


@pytest.mark.parametrize("other", [new_page, index])
@pytest.mark.parametrize("seed", range(3))
def test_templates_of_a_host_are_told_apart(other: object, seed: int) -> None:
    """Half a redesign, or articles and lists of them: each template is known as if its pages were a site alone."""
    rng = random.Random(seed)
    old, new = [page(rng) for _ in range(8)], [other(rng) for _ in range(5)]  # type: ignore[operator]
    site = profiles(batch(rng.sample([*old, *new], 13))).sites[HOST]
    assert [template.pages for template in site.templates] == [8, 5]
    for pages in (old, new):
        alone = profiles(batch(pages)).sites[HOST]
        for lines in pages:
            found = template_of(site, lines)
            assert np.array_equal(found.tally.keys, alone.tally.keys)
            assert np.array_equal(found.tally.sums, alone.tally.sums)


def test_a_few_pages_of_a_new_design_are_known_as_well_as_a_small_site() -> None:
    """Three pages among thirty: the lines of their own template speak, which stand on a tenth of the host's pages."""
    rng = random.Random(4)
    new = [new_page(rng) for _ in range(3)]
    known = profiles(batch([*(page(rng) for _ in range(27)), *new]))
    b = batch(new)
    rules = {rule for rule in votes_of(b, known).rule if rule}
    assert "on 3 of 3 pages of template 2" in rules
    assert against(b, known, 0.6) == against(b, profiles(b), 0.6) >= {NEW_MENU[2]}


def test_one_template_is_no_division() -> None:
    """Articles that differ in length and in a teaser or two are of one template, which is the site's."""
    rng = random.Random(5)
    pages = [[*page(rng), *(sentence(rng, 5)[:-1] for _ in range(rng.randint(0, 4)))] for _ in range(12)]
    site = profiles(batch(pages)).sites[HOST]
    assert site.templates == ()
    assert template_of(site, pages[0]) is site


def test_a_page_like_no_other_does_not_blur_the_template() -> None:
    """What one odd page lacks still stands on all pages of the template; the odd one is told by the whole site."""
    rng = random.Random(6)
    odd = [sentence(rng) for _ in range(5)]
    pages = [page(rng) for _ in range(7)]
    site = profiles(batch([*pages, odd])).sites[HOST]
    assert [template.pages for template in site.templates] == [7]
    assert template_of(site, pages[3]).pages == 7
    assert template_of(site, odd) is site


def test_a_later_page_finds_its_template() -> None:
    """A page that nothing was learned from is judged by the template that it is made with, in a run of its own."""
    rng = random.Random(7)
    known = profiles(batch([*(page(rng) for _ in range(8)), *(new_page(rng) for _ in range(8))]))
    for make, menu, footer in ((page, MENU, FOOTER), (new_page, NEW_MENU, NEW_FOOTER)):
        b = batch([make(rng)])
        assert {*menu, *footer} <= against(b, known, 0.6)
        assert template_of(known.sites[HOST], b.lines.texts).pages == 8


@pytest.mark.parametrize("seed", range(4))
def test_neither_order_nor_shards_nor_merging_count(seed: int) -> None:
    """Templates are the same, byte for byte, in any order, from any split, and by way of a tree of merges."""
    rng = random.Random(seed)
    pages = [make(rng) for make in (page, new_page, index) for _ in range(rng.randint(3, 6))]
    whole = profiles(batch(pages))
    assert len(whole.sites[HOST].templates) == 3
    rng.shuffle(pages)
    shards = [batch(pages[:4]), batch(pages[4:5]), batch(pages[5:])]
    assert profiles(*shards).version == whole.version
    parts = [table([learn(b, {"dump": "digest"})]) for b in shards]
    tree = freezing.reduced([freezing.reduced(parts[:2]), parts[2]])
    assert freezing.freeze([tree], NOTHING_GENERIC).version == whole.version


def test_templates_are_found_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large site some pages are compared; all others find the template that they are made with."""
    monkeypatch.setattr("ingest.sites.templates.SAMPLE", 12)
    rng = random.Random(8)
    site = profiles(batch([make(rng) for make in (page, new_page) for _ in range(20)])).sites[HOST]
    assert sorted(template.pages for template in site.templates) == [20, 20]
