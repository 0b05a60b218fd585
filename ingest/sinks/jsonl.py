"""Articles as JSON Lines: one object a row with the columns of the table; times in ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import msgspec
import pyarrow as pa


class Jsonl:
    """Writes the articles of each batch and flushes, so that a reader sees them at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encoder = msgspec.json.Encoder()

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        if tables["articles"].num_rows:
            self._stream.write(self._encoder.encode_lines(tables["articles"].to_pylist()))
            self._stream.flush()

    def close(self) -> None:
        self._stream.flush()
