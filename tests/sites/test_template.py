"""A page as template and slots: what is counted over the pages of a site, and what the other pages say of one."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites.test_profiles import FOOTER, MENU, batch, dropped, page, profiles, sentence, votes_of

from ingest.lines.fingerprints import marks
from ingest.lines.scan import scan
from ingest.models import dom_model, line_model
from ingest.sites import contributions
from ingest.sites.features import NAMES, evidence
from ingest.sites.page_lines import PageLines, opinions, sizes
from ingest.sites.prediction import sums_of
from ingest.sites.profiles import Profile
from ingest.sites.template import By, Sum, learned, nearest

COLUMN = {name: number for number, name in enumerate(NAMES)}


def seen(pages: list[list[str]], content: float = 0.5) -> PageLines:
    found = marks(scan([line for lines in pages for line in lines]))
    full = np.flatnonzero(found.line)
    offsets = np.searchsorted(full, np.cumsum([0, *map(len, pages)]))
    n = len(full)
    opinion = opinions(np.full(n, content, np.float32))
    return PageLines(found.line[full], found.mask[full], found.exact[full], np.zeros(n, np.uint64), opinion,
                sizes(found.size[full]), offsets)  # fmt: skip


def told(pages: list[list[str]], of: list[list[str]]) -> npt.NDArray[np.float32]:
    """The numbers of the lines of `pages`, which are among those `of` the site."""
    profile = Profile("pond", len(of), tally=learned(seen(of)))
    some = seen(pages)
    sums, anchor = sums_of(some, [profile] * len(pages))
    return evidence(some, sums, np.full(len(some), len(of) - 1), anchor)


def test_only_other_pages_are_counted() -> None:
    """Lines of the template stand on all other pages, a page's own on none, however often the page repeats them."""
    rng = random.Random(1)
    pages = [page(rng) for _ in range(6)]
    pages[0] += [pages[0][5]]
    full = [line for line in pages[0] if line]
    x = told(pages[:1], pages)
    for line, row in zip(full, x, strict=True):
        assert row[COLUMN["share"]] == (line in {*MENU, *FOOTER})
        assert row[COLUMN["exact_share"]] == (line in {*MENU, *FOOTER})


def test_what_others_say_does_not_hang_on_the_page() -> None:
    """Sums without a page's own are those of the other pages, with the same lines as anchors."""
    rng = random.Random(2)
    pages = [page(rng) for _ in range(5)]
    profile = Profile("pond", 5, tally=learned(seen(pages)))
    sums, _ = sums_of(seen(pages[:1]), [profile])
    lone = Profile("pond", 4, tally=learned(seen(pages[1:])))
    without = lone.tally.find(learned(seen(pages)).keys)
    lines = sums[By.LINE, sums[By.LINE, :, Sum.PAGES] > 0]
    assert (lines[:, Sum.PAGES] == 4).all()
    assert without[:, Sum.PAGES].max() == 4


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_the_pages_is_nothing(seed: int) -> None:
    """Pages in any order make the same tally, byte for byte, and a page hears the same beside any others."""
    rng = random.Random(seed)
    pages = [page(rng) for _ in range(rng.randint(2, 8))]
    shuffled = rng.sample(pages, len(pages))
    first, second = learned(seen(pages)), learned(seen(shuffled))
    assert np.array_equal(first.keys, second.keys)
    assert np.array_equal(first.sums, second.sums)
    together = told(pages[:2], pages)
    assert np.array_equal(together, np.concatenate([told(pages[:1], shuffled), told(pages[1:2], shuffled)]))


def test_numbers_tell_lines_apart_only_where_asked() -> None:
    """«3 comments» and «12 comments» are one line but for their numbers."""
    rng = random.Random(3)
    pages = [page(rng, footer=[*FOOTER, f"{n + 7} comments so far"]) for n in range(5)]
    last = told(pages[:1], pages)[-1]
    assert (last[COLUMN["share"]], last[COLUMN["exact_share"]]) == (1, 0)


def test_a_slot_has_the_opinion_of_all_its_fillings() -> None:
    """What the line model thinks of a slot on other pages is told of the own line that stands in it here."""
    rng = random.Random(4)
    pages = [[*MENU, sentence(rng), *FOOTER] for _ in range(5)]
    x = told(pages[:1], pages)[len(MENU)]
    assert x[COLUMN["between_share"]] == 1
    assert x[COLUMN["between_opinion"]] == x[COLUMN["logit"]] == pytest.approx(0, abs=0.03)
    site = seen(pages, 0.9)
    site = replace(site, opinion=np.where(site.page == 0, 10, site.opinion).astype(np.uint8))
    profile = Profile("pond", 5, tally=learned(site))
    one = site.pages(0, 1)
    sums, anchor = sums_of(one, [profile])
    x = evidence(one, sums, np.full(len(one), 4), anchor)[len(MENU)]
    assert x[COLUMN["logit"]] < -5
    assert x[COLUMN["between_opinion"]] == pytest.approx(np.log(9), abs=0.03)


def test_nearest_lines_of_the_template() -> None:
    """Each line knows the marked lines around it on its own page."""
    marked = np.array([True, False, False, True, False, True])
    above, below = nearest(marked, np.array([0, 4, 6]))
    assert above.tolist() == [-1, 0, 0, 0, -1, -1]
    assert below.tolist() == [3, 3, 3, -1, 5, -1]


def test_a_page_alone_is_judged_by_itself() -> None:
    """Where no other page is known the site says nothing at all."""
    b = batch([page(random.Random(5))])
    assert not votes_of(b, profiles(b)).role.any()


def test_reasons_tell_the_pages_or_the_slot() -> None:
    """The reason of a repeated line is the pages that have it, that of another the slot that it stands in."""
    rng = random.Random(6)
    b = batch([page(rng) for _ in range(12)])
    rules = {rule for rule in votes_of(b, profiles(b)).rule if rule}
    assert "on 12 of 12 pages" in rules
    assert any(rule.startswith("between «") and rule.endswith("as on 11 of 11 other pages") for rule in rules)


def test_forms_keep_their_labels() -> None:
    """A form whose labels repeat on each page, and whose fillings are short, keeps what the line model keeps."""
    rng = random.Random(7)
    labels = ["Date of birth:", "Place of work:", "Education:", "Committee:", "Income declared for the year:"]
    pages = [[*MENU, *(x for label in labels for x in (label, sentence(rng, 3))), *FOOTER] for _ in range(8)]
    b = batch(pages)
    alone, known = dropped(b, profiles(batch(pages[:1]))), dropped(b, profiles(b))
    assert not (known - alone) & set(labels)


def test_contributions_are_learned_anew_with_other_weights() -> None:
    """What the line models thought is part of what is stored of a page."""
    judged_by = (line_model.load().version, dom_model.load().version)
    assert judged_by == contributions.JUDGED_BY, "raise FORMAT and set JUDGED_BY with new weights"
