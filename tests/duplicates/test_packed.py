"""Digests in a quarter of their memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.duplicates.packed import order_keys, pack, unpack

digests = st.integers(0, 2**256 - 1).map("{:064x}".format)


@given(st.lists(st.none() | digests), st.integers(0, 3), st.booleans())
def test_digests_come_back(values: Any, skipped: Any, chunked: Any) -> None:
    """The first 32 digits of each, null for null, also of a slice or of a column in chunks."""
    column = pa.array(values, pa.string()).slice(skipped)
    if chunked:
        column = pa.chunked_array([column.slice(0, 2), column.slice(2)], pa.string())
    assert unpack(pack(column)) == [value and value[:32] for value in values[skipped:]]


@given(st.lists(digests, unique_by=lambda value: value[:32]))
def test_order_is_that_of_the_digits(values: Any) -> None:
    """Sorting by the keys is sorting the strings."""
    order = np.lexsort(order_keys(pack(pa.array(values, pa.string()))))
    assert [values[row] for row in order] == sorted(values)


@pytest.mark.parametrize("values", [["0" * 31], ["0" * 32, "0" * 64], ["0" * 32, "x" * 32], ["A" * 32]])
def test_other_strings_are_refused(values: Any) -> None:
    """Too short, of several lengths, or with other characters: an error and no wrong match."""
    with pytest.raises(ValueError, match="digest"):
        pack(pa.array(values))
