"""Articles as an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import pyarrow as pa

from ingest.schema import ARTICLES


class Arrow:
    """Writes the schema at once, then the articles of each batch; an input without articles is an empty stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._writer = pa.ipc.new_stream(stream, ARTICLES)

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        if tables["articles"].num_rows:
            self._writer.write_table(tables["articles"])
            self._stream.flush()

    def close(self) -> None:
        self._writer.close()
        self._stream.flush()
