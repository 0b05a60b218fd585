"""Keys, shingles, signatures, clusters: the pure functions."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from duplicates.small_world import essay
from hypothesis import given
from hypothesis import strategies as st

from ingest.duplicates import clusters, minhash
from ingest.duplicates.texts import SHINGLE, Shingler, jaccard, key_of, words

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_exact_copies(case: Any) -> None:
    """Letters and digits alone make the key, and all of them do."""
    a, b = (key_of(words(case[name])) for name in "ab")
    assert a is not None
    assert b is not None
    assert (a == b) is case["same"]


@given(st.text())
def test_any_text_has_words_without_case(text: str) -> None:
    """No text is an error, not even half a surrogate pair; words hold letters and digits only."""
    found = words(text + "\ud800")
    assert all(word == "".join(char for char in word if char.isalnum()) for word in found)
    assert key_of(words(text.upper().lower())) == key_of(words(text.upper().lower() + " !"))


def test_shingles_are_those_of_the_words() -> None:
    """One hash for each different run of three words; order counts, the memory of earlier texts does not."""
    tokens = ["a", "b", "c", "a", "b", "c", "d"]
    shingler = Shingler()
    first = shingler(tokens)
    assert len(first) == len({tuple(tokens[i : i + SHINGLE]) for i in range(len(tokens) - SHINGLE + 1)}) == 4
    assert len(np.intersect1d(first, shingler(tokens[::-1]))) == 0
    shingler(["x", "y", "z", "a", "b", "c", "d"])
    assert shingler(tokens).tolist() == Shingler()(tokens).tolist() == first.tolist()
    assert shingler(["a", "b"] * 4).size == 2


@given(st.sets(st.integers(0, 99), min_size=1), st.sets(st.integers(0, 99), min_size=1))
def test_jaccard_is_that_of_the_sets(a: Any, b: Any) -> None:
    """Shared over all."""
    arrays = [np.array(sorted(some), np.uint32) for some in (a, b)]
    assert jaccard(*arrays) == len(a & b) / len(a | b)


def test_signatures_find_near_copies_and_tell_their_likeness() -> None:
    """Over 300 pairs: estimates within four standard errors, at least 99 % of pairs above 0.8 share a bucket, and few
    below 0.4 do.
    """
    rng = np.random.default_rng(1)
    sets, truth = [], []
    for _ in range(300):
        shared, own = rng.integers(0, 2**32, 400, np.uint32), rng.integers(0, 2**32, (2, 400), np.uint32)
        n = rng.integers(0, 400)
        pair = [np.unique(np.r_[shared, some[:n]]) for some in own]
        sets += pair
        truth.append(jaccard(*pair))
    signed = minhash.signatures(sets)
    likeness = np.array(truth)
    estimates = np.array([minhash.similarity(signed, 2 * n, np.array([2 * n + 1]))[0] for n in range(300)])
    errors = np.sqrt(likeness * (1 - likeness) / minhash.PERMUTATIONS) + 1e-9
    assert (np.abs(estimates - likeness) / errors < 4).mean() > 0.995
    met = np.zeros(300, bool)
    for bucket in minhash.buckets(signed):
        for n in np.unique(bucket // 2):
            met[n] |= {2 * n, 2 * n + 1} <= set(bucket.tolist())
    assert (likeness > 0.8).sum() > 30
    assert met[likeness > 0.8].mean() >= 0.99
    assert met[likeness < 0.4].mean() < 0.2


def test_a_signature_is_the_same_for_ever() -> None:
    """Signatures are kept between runs, so these numbers must not change without a new `texts.VERSION`."""
    shingles = Shingler()(essay(1, 20))
    assert shingles[:3].tolist() == GOLDEN_SHINGLES
    assert minhash.signatures([shingles])[0, :3].tolist() == GOLDEN_SIGNATURE


GOLDEN_SHINGLES = [177350454, 578304345, 1316583046]
GOLDEN_SIGNATURE = [71297326, 609181791, 130972514]

EDGES = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)))
BUCKETS = st.lists(st.sets(st.integers(0, 9), min_size=2), max_size=6)


@given(EDGES, BUCKETS)
def test_components_are_those_of_the_graph(edges: Any, buckets: Any) -> None:
    """Spared comparisons change nothing: rows are linked over edges that lie in a bucket, whatever their order."""
    alike = edges | {(b, a) for a, b in edges}
    links = {(a, b) for bucket in buckets for a in bucket for b in bucket if (a, b) in alike}
    expected = list(range(10))
    for _ in range(10):
        for a, b in links:
            expected[a] = expected[b] = min(expected[a], expected[b])
    for some in (buckets, buckets[::-1]):
        found = clusters.components(
            10,
            [np.array(sorted(bucket)) for bucket in some],
            lambda row, others: np.array([(row, other) in alike for other in others.tolist()]),
        )
        assert found.tolist() == expected


def test_a_bucket_of_copies_costs_one_comparison_each() -> None:
    """A thousand copies of one text are not compared half a million times."""
    asked = []

    def alike(row: Any, others: Any) -> Any:
        asked.append(len(others))
        return np.ones(len(others), bool)

    assert set(clusters.components(1000, [np.arange(1000)] * 3, alike)) == {0}
    assert asked == [999]


@given(st.lists(st.integers(-1, 3), max_size=12), st.randoms(use_true_random=False))
def test_originals(groups: Any, random: Random) -> None:
    """The first of each group by rank is the original of all others; it is none's duplicate, nor are loners."""
    rank = list(range(len(groups)))
    random.shuffle(rank)
    found = clusters.originals(np.array(groups, np.int64), np.array(rank, np.int64))
    for row, group in enumerate(groups):
        mates = [other for other, label in enumerate(groups) if label == group]
        first = min(mates, key=lambda other: rank[other])
        assert found[row] == (-1 if group < 0 or first == row else first)
