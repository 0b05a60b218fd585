from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language.viterbi import best_paths

WORTH = st.integers(-8, 8).map(float)
PRIOR = st.integers(-8, 0).map(float)


def value(path: tuple[int, ...], gain: npt.NDArray[np.float32], enter: npt.NDArray[np.float32], switch: float) -> float:
    total = float(enter[path[0]] + gain[0, path[0]])
    for t in range(1, len(path)):
        total += float(gain[t, path[t]])
        if path[t] != path[t - 1]:
            total += float(enter[path[t]]) - switch
    return total


@given(
    st.lists(st.lists(st.tuples(WORTH, WORTH, WORTH), min_size=1, max_size=5), min_size=1, max_size=4),
    st.tuples(PRIOR, PRIOR, PRIOR),
    st.integers(0, 9).map(float),
)
@settings(max_examples=150, deadline=None)
def test_no_path_is_better(sequences: list[list[tuple[float, ...]]], enter: tuple[float, ...], switch: float) -> None:
    """In a batch of sequences of different lengths, each path is worth as much as the best of all paths."""
    gain = np.array([word for sequence in sequences for word in sequence], np.float32)
    first = np.cumsum([0] + [len(sequence) for sequence in sequences])
    prior = np.tile(np.array(enter, np.float32), (len(sequences), 1))
    states = best_paths(gain, first, prior, switch)
    for number, sequence in enumerate(sequences):
        own = gain[first[number] : first[number + 1]]
        found = tuple(int(state) for state in states[first[number] : first[number + 1]])
        best = max(value(path, own, prior[number], switch) for path in product(range(3), repeat=len(sequence)))
        assert value(found, own, prior[number], switch) == best


def test_no_sequences() -> None:
    """No words give no states."""
    empty = np.zeros((0, 3), np.float32)
    assert best_paths(empty, np.zeros(1, np.int64), empty, 1.0).shape == (0,)
