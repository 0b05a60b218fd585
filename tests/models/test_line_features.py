"""Features of the line model beside shape and place: edges, measures, shared words, and what lies far away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lines.scan import scan
from ingest.models import edges, features, repeats
from ingest.models.overlap import buckets, overlap
from ingest.models.pages import LIMIT, Pages


def extract(*documents: list[str]) -> features.Features:
    offsets = np.cumsum([0, *map(len, documents)])
    return features.extract(scan([line for lines in documents for line in lines]), offsets)


def shown(line: str) -> list[str]:
    """Names of the edge features that a line has."""
    names = ("cut", "labelled", "label", "credit")
    flags = extract([line]).alone[0, -edges.N_SHOWN :]
    return [name for name, flag in zip(names, flags.tolist(), strict=True) if flag]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Rain has flooded the whole valley...", ["cut"]),
        ("　長野県軽井沢町で大学生ら15人が死亡し…", ["cut"]),
        ("“And then he said...”", ["cut"]),
        ("Rain has flooded the whole valley.", []),
        ("Really?!", []),
        ("Les også: Regnet har tatt dalen", ["labelled"]),
        ("資料：東京都", ["labelled"]),
        ("Contact:", ["label"]),
        ("The match begins at 12:30 in Bern", []),
        ("He gave one reason after much hesitation: the weather.", []),
        ("The flooded valley on Sunday. (Photo: Agency)", ["credit"]),
        ("(Photo: Agency)", ["labelled"]),
        ("He has three children (two sons and a daughter), and a dog", []),
    ],
)
def test_edges_of_lines(line: str, expected: list[str]) -> None:
    """Cut teasers, labels and credits are told from sentences, times and asides, in any script."""
    assert shown(line) == expected


def test_comments_repeat_in_measure() -> None:
    """Lines that differ in names and numbers only count as one measure; paragraphs, and names alone, do not."""
    page = ["Ann Lee says:", "so true", "Bob May says:", "not at all", "Ann Lee", "Bob May"]
    found = extract(page, ["Cid Roe says:"]).context[:, -repeats.N_REPEATS :]
    np.testing.assert_allclose(found[[0, 2]], [[np.log(2), 0.5]] * 2, rtol=1e-6)
    assert not found[[1, 3, 4, 5, 6]].any()


def test_a_teaser_shares_no_words_with_the_article() -> None:
    """A short line with the article's rare words is told from one with its own; an unsure page tells nothing."""
    article = ["the otter builds a holt below the roots", "otter cubs leave the holt in autumn"]
    f = extract([*article, "the otter and her holt", "a minister resigns over budget"])
    bucket = buckets(f.words, f.doc)
    sure = overlap(bucket, f.words.row, np.array([1, 1, 0, 0], np.float32))
    assert sure[2, 1] >= 0.6 > 0.4 > sure[3, 1]
    unsure = overlap(bucket, f.words.row, np.zeros(4, np.float32))
    assert not unsure[:, :2].any()


def test_overlap_stays_within_the_page() -> None:
    """The same words on another page of the batch say nothing."""
    one, two = extract(["the otter"], ["the otter"]), extract(["the otter"])
    content = np.ones(2, np.float32)
    both = overlap(buckets(one.words, one.doc), one.words.row, content)
    np.testing.assert_array_equal(both[:1], overlap(buckets(two.words, two.doc), two.words.row, content[:1]))


@given(st.lists(st.lists(st.integers(0, int(LIMIT)), min_size=1, max_size=5), min_size=1, max_size=5))
def test_extremes_reach_to_the_ends_of_the_page_only(pages: list[list[int]]) -> None:
    """The first channels hold the greatest value so far, the others the greatest still to come, page by page."""
    doc = np.repeat(np.arange(len(pages)), list(map(len, pages)))
    values = np.array([v for page in pages for v in page], np.float32)
    found = Pages(doc, np.ones(len(doc), np.float32)).extremes(np.stack([values, values], 1), 1)
    above = [max(page[: i + 1]) for page in pages for i in range(len(page))]
    below = [max(page[i:]) for page in pages for i in range(len(page))]
    np.testing.assert_array_equal(found, np.stack([above, below], 1))
