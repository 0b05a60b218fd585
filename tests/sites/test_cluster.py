"""Pages without URL come to the sites that their templates tell, and lone pages stay alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt
import pytest

from ingest.lines.fingerprints import fingerprints
from ingest.sites import overlap
from ingest.sites.cluster import cluster
from ingest.sites.overlap import Members, components, overlaps

NOTHING = np.empty(0, np.uint64)
TOOLBAR = ["Skip to main content of this page", "Newer posts and older posts on this blog", "Powered by the platform"]


def words(draw: Random, count: int) -> str:
    return " ".join("".join(draw.choices("abcdefghiklmnoprstuvw", k=draw.randint(4, 9))) for _ in range(count))


def lines(draw: Random, count: int, length: int = 3) -> list[str]:
    return [words(draw, length) for _ in range(count)]


def sites(pages: Sequence[Sequence[str]]) -> list[int]:
    """The site of each page; a page alone has -1."""
    flat = fingerprints([line for page in pages for line in page])
    page = np.repeat(np.arange(len(pages)), [len(page) for page in pages])
    result: list[int] = cluster(flat, page, np.arange(len(pages), dtype=np.uint64), NOTHING).tolist()
    return result


def groups(labels: Sequence[int]) -> set[frozenset[int]]:
    """The groups of pages, whatever their numbers."""
    alone = {frozenset([page]) for page, label in enumerate(labels) if label < 0}
    return alone | {frozenset(p for p, other in enumerate(labels) if other == label) for label in labels if label >= 0}


def test_blogs_of_one_platform_are_sites_of_their_own() -> None:
    """Lines that a platform puts on the pages of all its blogs do not make these one site."""
    draw = Random(1)
    pages = []
    for _ in range(5):
        template = lines(draw, 25)
        pages += [[*TOOLBAR, *template, *lines(draw, 5)] for _ in range(4)]
    assert groups(sites(pages)) == {frozenset(range(first, first + 4)) for first in range(0, 20, 4)}


def test_a_shop_is_no_blog() -> None:
    """A shop with one page on the platform does not become one site with the platform's blogs."""
    draw = Random(2)
    blog, shop = lines(draw, 30), lines(draw, 40)
    pages = [[*TOOLBAR, *blog, *lines(draw, 4)] for _ in range(4)] + [[*shop, *lines(draw, 9)] for _ in range(5)]
    pages.append([*TOOLBAR, *shop, *lines(draw, 9)])
    assert groups(sites(pages)) == {frozenset(range(4)), frozenset(range(4, 10))}


def test_lone_pages_of_one_platform_stay_alone() -> None:
    """Pages of many sites, one each, that share a toolbar and lists of months are pages without a site."""
    draw = Random(3)
    months = [f"{month} 2012" for month in ("March", "April", "May", "June", "July", "August")]
    pages = [[*TOOLBAR, *lines(draw, 30, 5), *months] for _ in range(12)]
    assert sites(pages) == [-1] * 12


def test_sections_of_a_site_are_one_site() -> None:
    """A page of a third section joins by what all pages of the site have."""
    draw = Random(4)
    common = lines(draw, 20, 5)
    sections = [lines(draw, 35, 5) for _ in range(3)]
    pages = [[*common, *sections[0], *lines(draw, 3)] for _ in range(6)]
    pages += [[*common, *sections[1], *sections[2], *lines(draw, 3)] for _ in range(2)]
    assert groups(sites(pages)) == {frozenset(range(8))}


def test_sister_sites_stay_apart() -> None:
    """Two sites with a header in common are two, and a page that is like both does not bridge them."""
    draw = Random(5)
    header, one, other = lines(draw, 12), lines(draw, 24), lines(draw, 24)
    pages = [[*header, *one, *lines(draw, 3)] for _ in range(5)] + [
        [*header, *other, *lines(draw, 3)] for _ in range(5)
    ]
    pages.append([*header, *one, *other[:2], *lines(draw, 3)])
    assert groups(sites(pages)) == {frozenset([0, 1, 2, 3, 4, 10]), frozenset(range(5, 10))}


def test_copies_of_an_article_are_no_site() -> None:
    """The same page twice tells nothing of a site; with another page of its site, both copies are of it."""
    draw = Random(6)
    template = lines(draw, 20)
    page, other = [*template, *lines(draw, 3)], [*template, *lines(draw, 3)]
    flat, of = fingerprints([*page, *page, *other]), np.repeat([0, 1, 2], 23)
    assert cluster(flat, of, np.array([7, 7, 8], np.uint64), NOTHING).tolist() == [0, 0, 0]
    assert cluster(flat[:46], of[:46], np.array([7, 7], np.uint64), NOTHING).tolist() == [-1, -1]


def test_pages_without_lines_are_alone() -> None:
    """Nothing is found among no pages, and in pages that hold paragraphs only."""
    assert sites([]) == []
    paragraph = "The pond was measured again in spring, and it was found to be wider than all the ponds around it."
    assert sites([[paragraph], [paragraph], []]) == [-1, -1, -1]


@pytest.mark.parametrize("seed", range(4))
def test_sites_do_not_depend_on_the_size_of_chunks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few members are looked at together, the sites are the same."""
    draw = Random(seed)
    pages = []
    for _ in range(6):
        template = lines(draw, draw.randint(8, 30))
        pages += [[*draw.sample(template, len(template) * 3 // 4), *lines(draw, draw.randint(0, 9))] for _ in range(5)]
    draw.shuffle(pages)
    whole = sites(pages)
    monkeypatch.setattr(overlap, "CHUNK", 40)
    assert sites(pages) == whole


@pytest.mark.parametrize("seed", range(4))
def test_overlaps_are_those_of_all_pairs(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With neighbours enough, the pairs and what they share are those that comparing all pairs gives."""
    monkeypatch.setattr(overlap, "NEIGHBOURS", 30)
    monkeypatch.setattr(overlap, "CHUNK", 25)
    draw = Random(seed)
    table: npt.NDArray[np.bool_] = np.array([[draw.random() < 0.3 for _ in range(12)] for _ in range(20)])
    weight = np.array([draw.choice([1.0, 0.4, 0.1]) for _ in range(12)])
    member, of = np.nonzero(table.T)
    got = overlaps(Members(member, of, weight[member]), table @ weight)
    both = (table[:, None] & table[None]) @ weight
    floor = overlap.WORTH * np.minimum.outer(table @ weight, table @ weight)
    wanted = {
        (a, b): both[a, b] for a in range(20) for b in range(a + 1, 20) if both[a, b] > 0 and both[a, b] >= floor[a, b]
    }
    pairs = zip(got.left.tolist(), got.right.tolist(), strict=True)
    assert dict(zip(pairs, got.shared.tolist(), strict=True)) == pytest.approx(wanted)


def test_components_of_a_chain() -> None:
    """A long chain is one component, named by its smallest node, in whatever order its links come."""
    draw = Random(7)
    links = [(node, node + 1) for node in range(200) if node != 120]
    draw.shuffle(links)
    left, right = np.array(links).T
    assert components(202, left, right).tolist() == [0] * 121 + [121] * 80 + [201]


def test_pages_of_few_lines_are_linked_by_their_legal_notice() -> None:
    """Pages without menus are one site by the paragraphs that stand below all their own ones."""
    draw = Random(11)
    notice = [f"{words(draw, 20)}." for _ in range(2)]
    pages = [
        [words(draw, 4), *(f"{words(draw, 20)}." for _ in range(3)), *notice, "To find out more"] for _ in range(4)
    ]
    assert groups(sites(pages)) == {frozenset(range(4))}


def test_reprints_of_an_article_are_no_site() -> None:
    """Pages that share most of their paragraphs, or paragraphs amid their own ones, are not linked by these."""
    draw = Random(12)
    shared = [f"{words(draw, 20)}." for _ in range(4)]
    reprints = [[words(draw, 4), f"{words(draw, 20)}.", *shared] for _ in range(2)]
    quoting = [
        [words(draw, 4), f"{words(draw, 20)}.", *shared, *(f"{words(draw, 20)}." for _ in range(4))] for _ in range(2)
    ]
    assert sites(reprints) == [-1, -1]
    assert sites(quoting) == [-1, -1]
