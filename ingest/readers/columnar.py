"""Parquet and Arrow IPC (files and streams), read batch by batch and only in the columns that are of use."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from ingest.document import Outcome, Record, Reject
from ingest.readers.broken import BrokenInputError, damaged
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.rows import plan, record_of

PARQUET, ARROW_FILE = b"PAR1", b"ARROW1\0\0"
_BATCH_BYTES = 8_000_000  # of decoded rows that are in memory at once
_BATCH_ROWS = 1000
_BUFFER = 1 << 20
_IN_MEMORY = 64_000_000  # bytes of an archive's member that can only be read with its end at hand
_SMALL_GROUP = 32_000_000  # decoded bytes of a row group, a shared text counted once
_BOMB_FROM = 100_000_000  # bytes of a column in a row group


def read_parquet(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The rows of a Parquet file as records; row groups before `skip` are not touched."""
    import pyarrow.parquet as pq

    with seekable(input) as stream:
        try:
            schema = pq.read_schema(stream)
            names = tuple(schema.names)
            used = [name for name in names if name in plan(names, limits.columns).used]
            # A text that stands in many rows at the price of one is kept once only here, too. In large groups pyarrow
            # would keep all texts for it, and there each row is counted at its price.
            shared = [name for name in used if _is_text(schema.field(name).type)]
            stored = stream.seek(0, io.SEEK_END)
            file = pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
            once = pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False, read_dictionary=shared)
            number = 0
            if not file.metadata.num_rows or not plan(names, limits.columns).has_page:
                yield from _nothing(input.source, names, limits, skip)
                return
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if number + rows <= skip:
                    number += rows
                    continue
                size = _checked_row_size(file, group, stored, limits)
                at_once = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, size)))
                small = file.metadata.row_group(group).total_byte_size <= _SMALL_GROUP
                batches = (once if small else file).iter_batches(
                    at_once, row_groups=[group], columns=used, use_threads=False
                )
                for batch in batches:
                    yield from _rows(batch, names, input.source, number, limits, skip)
                    number += batch.num_rows
            if number != file.metadata.num_rows:
                raise damaged(f"the table tells {file.metadata.num_rows:,} rows and holds {number:,}")
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            raise _broken(error) from None


def read_arrow(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The rows of an Arrow IPC file or stream as records. Memory is bounded by the record batches that were written."""
    is_file = input.head.startswith(ARROW_FILE)
    with seekable(input) if is_file else input.open() as stream:
        try:
            # the stream format stands inside of the file format, behind its mark; its footer is not needed
            if is_file:
                stream.seek(len(ARROW_FILE))
            reader = pa.ipc.open_stream(stream)
            names = tuple(reader.schema.names)
            if not plan(names, limits.columns).has_page:
                yield from _nothing(input.source, names, limits, skip)
                return
            number = 0
            for batch in reader:
                batch.validate(full=True)  # offsets of a file that was tampered with lead anywhere
                for start in range(0, batch.num_rows, _BATCH_ROWS):
                    part = batch.slice(start, _BATCH_ROWS)
                    yield from _rows(part, names, input.source, number, limits, skip)
                    number += part.num_rows
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            raise _broken(error) from None
    if not number:
        yield from _nothing(input.source, names, limits, skip)


def is_arrow(input: Input) -> bool:
    """Whether an Arrow IPC file begins here, or, under one of its suffixes, a stream."""
    return input.head.startswith(ARROW_FILE) or (
        input.suffix in (".arrow", ".arrows", ".ipc", ".feather") and input.head.startswith(b"\xff\xff\xff\xff")
    )


def seekable(input: Input) -> BinaryIO:
    """A stream with random access: a file as it is, other bytes in memory, as far as they are not too many."""
    stream = input.open()
    if stream.seekable():
        return stream
    with stream:
        content = stream.read(_IN_MEMORY + 1)
    if len(content) > _IN_MEMORY:
        reason = f"more than {_IN_MEMORY:,} bytes of a format that is read from its end, inside of an archive"
        raise BrokenInputError(Outcome.TOO_LARGE, reason, "unpack the archive")
    return io.BytesIO(content)


def _nothing(source: str, names: tuple[str, ...], limits: Limits, skip: int) -> Iterator[Record | Reject]:
    if skip:
        return
    if plan(names, limits.columns).has_page:
        yield Reject(source, 0, Outcome.EMPTY, "the table has no rows", "fetch the table again, or delete the file")
    else:
        yield record_of(dict.fromkeys(names), source, 0, limits)


def _rows(
    batch: Any, names: tuple[str, ...], source: str, first: int, limits: Limits, skip: int
) -> Iterator[Record | Reject]:
    columns = [(name, batch.column(index)) for index, name in enumerate(batch.schema.names)]
    ignored = dict.fromkeys(name for name in names if name not in batch.schema.names)
    for row in range(max(0, skip - first), batch.num_rows):
        values = {name: _value(column[row]) for name, column in columns}
        yield record_of(values | ignored, source, first + row, limits)


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        # text that is not UTF-8, against the format; the charset is decided later, as of any page
        inner = scalar.value if isinstance(scalar, pa.DictionaryScalar) else scalar
        return inner.cast(pa.large_binary()).as_py() if pa.types.is_string(inner.type) else None
    except (ValueError, OverflowError, pa.ArrowException):  # e.g. a date beyond the year 9999
        return None


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _checked_row_size(file: Any, group: int, stored: int, limits: Limits) -> int:
    """Mean decoded bytes of a row. Raises BrokenInputError where a row group would grow too much.

    The metadata of single columns tells more, but to look at it ends the process where a file is damaged in the wrong
    place (seen in pyarrow 26: an exception that C++ does not let pass).
    """
    metadata = file.metadata.row_group(group)
    size = int(metadata.total_byte_size)
    if size > max(_BOMB_FROM, limits.max_expansion * stored):
        reason = f"a table of {stored:,} bytes has a row group that expands to {size:,}"
        raise BrokenInputError(Outcome.TOO_LARGE, reason, "if this is no attack, raise max_expansion")
    return size // max(1, int(metadata.num_rows))


def _broken(error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if isinstance(error, MemoryError):
        reason = "a batch of the table needs more memory than there is"
        return BrokenInputError(Outcome.TOO_LARGE, reason, "write the table in smaller row groups")
    first = str(error).strip().split("\n")[0][:200]
    return damaged(f"the table cannot be read on: {first}")
