"""What the other pages of a site say of a page's lines, as the line model is told it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import Batch
from ingest.models import line_model
from ingest.models.told import N_EVIDENCE
from ingest.sites import Profiles
from ingest.sites.fingerprint import PARAGRAPH_BIT, fingerprint, is_paragraph, marks
from ingest.sites.votes import evidence_of, known
from tests.sites.test_profiles import FOOTER, MENU, batch, page, profiles, sentence

KNOWN, OTHERS, LINE, MASK, BEFORE, AFTER, COUNT = range(N_EVIDENCE)


def told(b: Batch, learned: Profiles) -> np.ndarray | None:
    return evidence_of(known(b, learned), b.lines.texts)[0]


def evidence(pages: list[list[str]]) -> list[np.ndarray]:
    """Evidence of each page, told by all of them together."""
    b = batch(pages)
    found = told(b, profiles(b))
    assert found is not None
    return [found[b.lines.offsets[i] : b.lines.offsets[i + 1]] for i in range(len(pages))]


def test_template_lines_stand_on_all_others_and_articles_on_none() -> None:
    """A page's own line counts for nothing: shares are of the other pages."""
    rng = random.Random(1)
    pages = [page(rng) for _ in range(5)]
    for lines, found in zip(pages, evidence(pages), strict=True):
        assert (found[:, KNOWN] == 1).all()
        template = np.array([line in {*MENU, *FOOTER} for line in lines])
        assert (found[template, LINE] == 1).all()
        assert not found[~template, LINE].any()
        np.testing.assert_allclose(found[:, OTHERS], np.log1p(4) / 3, rtol=1e-6)


def test_labels_repeat_without_their_neighbours() -> None:
    """A label of the body repeats as a menu does, but what stands around it does not."""
    rng = random.Random(2)
    pages = [[*page(rng)[:-3], "Telephone:", f"{sentence(rng, 3)}", *FOOTER] for _ in range(6)]
    lines, found = pages[0], evidence(pages)[0]
    label, menu = lines.index("Telephone:"), lines.index(MENU[1])
    assert found[label, LINE] == found[menu, LINE] == 1
    assert (found[menu, BEFORE], found[menu, AFTER]) == (1, 1)
    assert (found[label, BEFORE], found[label, AFTER]) == (0, 0)


def test_names_and_numbers_are_masked() -> None:
    """«By Ada Moss, 3 May» is the same line on each page but for names and numbers."""
    rng = random.Random(3)
    names = ["Ada Moss", "Rob van Reed", "Eve Stone", "Kim Sedge"]
    pages = [[*page(rng)[:6], f"written by {name} on {day} May", *page(rng)[5:]] for day, name in enumerate(names, 3)]
    row = pages[0].index("written by Ada Moss on 3 May")
    found = evidence(pages)[0]
    assert found[row, LINE] == 0
    assert found[row, MASK] == pytest.approx(2 / 3)  # all but «van», which is no name by its capital


def test_copies_tell_nothing() -> None:
    """Of a page that shares its paragraphs with another version of it nothing is known."""
    rng = random.Random(4)
    article = [sentence(rng) for _ in range(5)]
    pages = [[*MENU, *article, sentence(rng), *FOOTER] for _ in range(3)]
    assert not np.concatenate(evidence(pages)).any()


def test_a_site_of_one_page_is_unknown() -> None:
    """One page tells nothing of itself."""
    b = batch([page(random.Random(5))])
    assert told(b, profiles(b)) is None


def test_evidence_does_not_depend_on_order_or_sharding() -> None:
    """Pages learned in any order, in one batch or several, give the same evidence."""
    rng = random.Random(6)
    pages = [page(rng) for _ in range(8)]
    b = batch(pages)
    first = told(b, profiles(b))
    second = told(b, profiles(batch(pages[5:]), batch(pages[:5][::-1])))
    assert first is not None
    assert second is not None
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 October 2019", "3 October 2021"),
        ("«Home»", "home"),
        ("Read  more…", "read more"),
        ("Страница 1 из 20", "страница 13 из 20"),
        ("共有12条评论", "共有7条评论"),
    ],
)
def test_fingerprints_fold_case_numbers_and_punctuation(one: str, other: str) -> None:
    """Lines that a reader would call the same line have one fingerprint."""
    assert fingerprint(one) == fingerprint(other) != 0


@pytest.mark.parametrize(("one", "other"), [("Home", "Homes"), ("a b", "ab"), ("新闻", "闻新"), ("More 5", "More")])
def test_fingerprints_tell_lines_apart(one: str, other: str) -> None:
    """Other words, another order of words, or a number too many make another line."""
    assert fingerprint(one) != fingerprint(other)


def test_lines_without_words_have_none() -> None:
    """Blank lines and lines of punctuation are not counted."""
    found = marks(["", "  ", "* * *", "———", "12"])
    assert not found.line[:4].any()
    assert found.line[4]
    assert not found.mask[4]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=6))
def test_marks_do_not_depend_on_the_batch(lines: list[str]) -> None:
    """Each line gets what it would get alone, whatever it holds."""
    together = marks(lines)
    for row, line in enumerate(lines):
        alone = marks([line])
        assert (together.line[row], together.mask[row]) == (alone.line[0], alone.mask[0])


@pytest.mark.parametrize(
    "line",
    [
        sentence(random.Random(7)),
        sentence(random.Random(7))[:-1],
        "Short one.",
        "他说，" * 20 + "好。",
        "他说好。",
        "x" * 200 + '."',
    ],
)
def test_paragraphs_are_the_same_to_both_readers(line: str) -> None:
    """The shape bit of the fingerprint says what `is_paragraph` says."""
    assert bool(marks([line]).line[0] & PARAGRAPH_BIT) == is_paragraph(line)


def test_repetition_moves_the_model() -> None:
    """With the evidence that a paragraph stands on all pages of its site the model thinks it less likely text."""
    lines = page(random.Random(8))
    model = line_model.load()
    told = np.zeros((len(lines), N_EVIDENCE), np.float32)
    told[:, KNOWN], told[:, OTHERS] = 1, np.log1p(20) / 3
    before = model.predict(lines, np.array([0, len(lines)]), told).content
    told[-2:, [LINE, MASK, BEFORE, AFTER]], told[-2:, COUNT] = 1, np.log1p(20) / 2
    after = model.predict(lines, np.array([0, len(lines)]), told).content
    assert (after[-2:] <= before[-2:]).all()
    assert (after[-2:] < before[-2:]).any()


def test_what_repeats_amid_the_page_is_not_removed_for_that() -> None:
    """Outside the template, evidence may speak for a line, never against it, be it as wild as it may."""
    rng = np.random.default_rng(9)
    lines = page(random.Random(9))
    model, offsets = line_model.load(), np.array([0, len(lines)])
    plain = model.predict(lines, offsets).content
    for _ in range(10):
        told = rng.random((len(lines), N_EVIDENCE)).astype(np.float32)
        assert (model.predict(lines, offsets, told, np.zeros(len(lines), bool)).content >= plain).all()


def test_template_lies_outside_the_page_s_own_lines() -> None:
    """Menu and footer are template; a label between two lines that no other page has is not."""
    rng = random.Random(10)
    pages = [[*page(rng)[:9], "Telephone:", *page(rng)[9:]] for _ in range(6)]
    b = batch(pages)
    template = evidence_of(known(b, profiles(b)), b.lines.texts)[1]
    assert template is not None
    first = {line: bool(flag) for line, flag in zip(pages[0], template[: len(pages[0])], strict=True)}
    assert all(first[line] for line in [*MENU, *FOOTER])
    assert not first["Telephone:"]
