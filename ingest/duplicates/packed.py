"""Hexadecimal digests as the 16 bytes that they begin with: a quarter of the memory, in the same order.

128 bits are a whole `id`; of a SHA-256 they are enough to tell any two texts of a dataset apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BYTES = 16
PACKED = pa.binary(BYTES)

_VALUE = np.full(256, 255, np.uint8)  # of a digit, by its code
_VALUE[list(b"0123456789abcdef")] = range(16)


def pack(column: Any) -> Any:
    """A string column of digests as binary[16]; null stays null. Raises ValueError for what is no such digest."""
    strings = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    there = strings.drop_null()
    packed: npt.NDArray[np.uint8] = np.zeros((len(there), BYTES), np.uint8)
    if len(there):
        sizes = pc.binary_length(there)
        width = sizes[0].as_py()
        if width < 2 * BYTES or pc.min_max(sizes)["max"].as_py() != width or pc.min_max(sizes)["min"].as_py() != width:
            raise ValueError(f"digests of {2 * BYTES} or more digits are expected, all of one length")
        text = np.frombuffer(there.buffers()[2], np.uint8)[_first(there) :][: len(there) * width]
        digits = _VALUE[text.reshape(-1, width)[:, : 2 * BYTES]]
        if (digits == 255).any():
            raise ValueError("a digest has characters that are no hexadecimal digits")
        packed = (digits[:, ::2] << 4 | digits[:, 1::2]).astype(np.uint8)
    values = pa.Array.from_buffers(PACKED, len(there), [None, pa.py_buffer(packed.tobytes())])
    if not strings.null_count:
        return values
    is_there = strings.is_valid().to_numpy(zero_copy_only=False)
    return values.take(pa.array(np.cumsum(is_there) - 1, mask=~is_there))


def unpack(values: Any) -> list[str | None]:
    """The digits again, those of the first 16 bytes."""
    return [None if value is None else value.hex() for value in values.to_pylist()]


def order_keys(values: Any) -> Sequence[npt.NDArray[np.uint64]]:
    """Two numbers a value, the less significant first as `numpy.lexsort` wants them; null counts as zeros."""
    filled = pc.fill_null(values, bytes(BYTES))
    numbers = np.frombuffer(filled.buffers()[1], ">u8").reshape(-1, 2)[filled.offset :][: len(filled)]
    return numbers[:, 1].astype(np.uint64), numbers[:, 0].astype(np.uint64)


def _first(strings: Any) -> int:
    """Where the first string begins in the data."""
    return int(np.frombuffer(strings.buffers()[1], np.int32)[strings.offset])
