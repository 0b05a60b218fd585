"""Words that were met before get the score that they would get anew."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from ingest.language.memory import BITS, WordMemory


def of(numbers: Any) -> Any:
    return np.stack([numbers % 251, numbers % 241], axis=1).astype(np.float32)


def at(numbers: Any, places: Any) -> Any:
    return of(numbers[places])


@given(st.lists(st.lists(st.integers(1, 2**64 - 1), max_size=30), max_size=5))
def test_rows_do_not_depend_on_what_was_looked_up_before(batches: list[list[int]]) -> None:
    """Each word has its own row, also where two words claim one place, in one batch or in two."""
    memory = WordMemory(2)
    for batch in batches:
        # a neighbour that has the same place for each
        hashes = np.array([h for word in batch for h in (word, word ^ 1, word)], np.uint64)
        got = memory.look_up(hashes, partial(at, hashes))
        assert (got == of(hashes)).all()


def test_a_word_is_scored_once() -> None:
    """What stands in the table is not asked for again."""
    memory = WordMemory(1)
    hashes = np.array([5, 5, 7 << (64 - BITS)], np.uint64)
    asked: list[int] = []

    def score(new: npt.NDArray[Any]) -> npt.NDArray[Any]:
        asked.extend(hashes[new].tolist())
        return np.ones((len(new), 1), np.float32)

    for _ in range(2):
        memory.look_up(hashes, score)
    assert sorted(asked) == [5, 7 << (64 - BITS)]
