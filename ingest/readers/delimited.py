"""CSV and TSV with a line of column names (RFC 4180, and what spreadsheets make of it).

Fields are cut out as bytes, so that each page's charset is decided like that of any other page. A row that does not
have the columns of the heading costs itself; rows in a row that are wrong are one refusal.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from ingest import encoding
from ingest.document import Outcome, Record, Reject
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.rows import plan, record_of

DELIMITERS = ",\t;|"
_CHUNK = 1 << 20
_SAMPLE_LINES = 20
_WIDE_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_REMEDY = "check the quotes and delimiters of these lines"


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The rows of a table as records, numbered from 0."""
    # the module's own limit, 128 KiB, is less than a page; it is one for the whole process
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_bytes))
    with input.open() as stream:
        lines = _Lines(stream, input.head, limits.max_bytes)
        table = _Table(lines, dialect_of(lines.text(input.head), input.suffix))
        header = next(table.rows(), None)
        if header is None or not any(header.cells):
            reason = "the file holds no record" if header is None else "the first line names no columns"
            yield from [Reject(input.source, 0, Outcome.EMPTY, reason, "fetch the table again", offset=0)][skip:]
            return
        names = tuple(lines.value(name).strip() for name in header.cells)
        if not plan(names, limits.columns).has_page:
            yield from [record_of(dict.fromkeys(names), input.source, 0, limits, header.offset)][skip:]
            return
        number = 0
        for item in _items(table, names):
            if number >= skip:
                yield _finish(item, names, lines, input.source, number, limits)
            number += 1
        if not number and not skip:
            yield Reject(input.source, 0, Outcome.EMPTY, "the table has no rows", "fetch the table again", offset=0)


@dataclass(slots=True)
class _Row:
    cells: list[str]
    offset: int
    size: int
    lines: int
    first_line: int
    fault: str = ""


def _items(table: _Table, names: tuple[str, ...]) -> Iterator[_Row]:
    """Rows; wrong ones that follow each other are one."""
    bad: _Row | None = None
    for row in table.rows(len(names)):
        if not row.fault:
            if bad is not None:
                yield bad
                bad = None
            yield row
        elif bad is None:
            bad = row
        else:
            bad.size += row.size
            bad.lines += row.lines
    if bad is not None:
        yield bad


def _finish(
    row: _Row, names: tuple[str, ...], lines: _Lines, source: str, number: int, limits: Limits
) -> Record | Reject:
    if not row.fault:
        values: dict[str, Any] = {}
        page = plan(names, limits.columns).pages
        for name, cell in zip(names, row.cells, strict=True):
            values.setdefault(name, lines.raw(cell) if name in page else lines.value(cell))
        return record_of(values, source, number, limits, row.offset, row.size)
    last = row.first_line + row.lines - 1
    where = f"line {row.first_line:,}" if row.lines == 1 else f"lines {row.first_line:,} to {last:,}"
    outcome = Outcome.TOO_LARGE if row.fault.startswith("a row of more") else Outcome.INVALID
    sample = "".join(row.cells)[:200]
    return Reject(source, number, outcome, f"{where}: {row.fault}", _REMEDY, row.offset, row.size, sample)


@dataclass(slots=True)
class _Lines:
    """Lines as text in which each character is a byte (Latin-1), so that none is lost whatever the charset; UTF-16, in
    which spreadsheets export, is decoded.
    """

    stream: BinaryIO
    head: bytes
    limit: int
    offset: int = 0
    number: int = 0
    _wide: io.TextIOWrapper | None = field(default=None)

    def __post_init__(self) -> None:
        for mark, charset in _WIDE_BOMS.items():
            if self.head.startswith(mark):
                self._wide = io.TextIOWrapper(self.stream, charset, errors="replace", newline="")
                return
        if self.head.startswith(codecs.BOM_UTF8):
            self.offset = len(self.stream.read(len(codecs.BOM_UTF8)))

    def text(self, head: bytes) -> str:
        """The first bytes in the same form."""
        if self._wide is not None:
            return head.decode("utf-16", "replace")
        return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")

    def next(self) -> str | None:
        """The next line with its end; None at the end. Of an overlong line what goes over the limit is cut."""
        if self._wide is not None:
            line = self._wide.readline(self.limit + 1)
            self.offset += 2 * len(line)
        else:
            stored = self.stream.readline(self.limit + 1)
            self.offset += len(stored)
            line = stored.decode("latin-1")
        self.number += bool(line)
        if len(line) > self.limit and not line.endswith("\n"):
            self._to_the_end_of_the_line()
        return line or None

    def _to_the_end_of_the_line(self) -> None:
        stream: Any = self.stream if self._wide is None else self._wide
        while rest := stream.readline(_CHUNK):
            self.offset += len(rest)
            if rest[-1:] in (b"\n", "\n"):
                return

    def raw(self, cell: str) -> str | bytes:
        """A cell as it was stored."""
        return cell if self._wide is not None else cell.encode("latin-1")

    def value(self, cell: str) -> str:
        """A short cell, decoded."""
        if self._wide is not None:
            return cell
        stored = cell.encode("latin-1")
        try:
            return stored.decode()
        except UnicodeDecodeError:
            return encoding.decode(stored).text


class _Table:
    """Rows of lines. A row that turns out wrong costs its first line only: the next is tried as the start of a row, so
    that a quote that nobody closes does not swallow what follows.
    """

    def __init__(self, lines: _Lines, dialect: Dialect) -> None:
        self._lines, self._dialect = lines, dialect
        self._again: list[tuple[str, int, int]] = []  # lines to be read once more, last first
        self._taken: list[tuple[str, int, int]] = []  # lines of the row at hand: text, offset, number

    def rows(self, width: int = 0) -> Iterator[_Row]:
        """Rows with `width` cells, and others with their fault; blank lines are none."""
        while True:
            self._taken = []
            try:
                cells = self._parse()
            except _TooLongError:
                cells, fault = [], f"a row of more than {self._lines.limit:,} bytes"
            except csv.Error as error:
                cells, fault = [], str(error)
            else:
                if not self._taken:
                    return
                if not cells or (width and not any(cells)):
                    continue
                missing = len(cells) != width and width
                fault = f"{len(cells)} columns, the first line names {width}" if missing else ""
            yield self._row(cells or [], fault)

    def _parse(self) -> list[str] | None:
        # a reader for each row: none may look ahead, or keep the state of a row that was wrong
        try:
            cells = next(csv.reader(self._feed(), strict=True, **self._dialect._asdict()), None)
        except csv.Error:
            if len(self._taken) != 1:
                raise
            # "so" it goes on: against the rules, and no harm within one line
            cells = next(csv.reader([self._taken[0][0]], **self._dialect._asdict()), None)
        return cells

    def _row(self, cells: list[str], fault: str) -> _Row:
        if fault and len(self._taken) > 1:
            self._again += reversed(self._taken[1:])
            del self._taken[1:]
            fault = "a quote is opened that is not closed where it should be"
        (first, offset, number), size = self._taken[0], sum(len(line) for line, _, _ in self._taken)
        return _Row([first] if fault else cells, offset, size, len(self._taken), number, fault)

    def _feed(self) -> Iterator[str]:
        size = 0
        while True:
            if self._again:
                line, offset, number = self._again.pop()
            else:
                offset = self._lines.offset
                found = self._lines.next()
                if found is None:
                    return
                line, number = found, self._lines.number
            self._taken.append((line, offset, number))
            size += len(line)
            if size > self._lines.limit:
                raise _TooLongError
            yield line.replace("\0", "") if "\0" in line else line


class _TooLongError(Exception):
    """A row is larger than the limit."""


class Dialect(NamedTuple):
    """How cells are parted and quotes inside of quotes written: doubled, or behind a backslash."""

    delimiter: str
    doublequote: bool = True
    escapechar: str | None = None


def dialect_of(head: str, suffix: str) -> Dialect:
    """The delimiter that cuts the first lines into equally many cells, most of them where several do."""
    lines = head.splitlines()[: _SAMPLE_LINES + 1]
    whole = lines[:-1] or lines
    best = max(DELIMITERS, key=lambda delimiter: _evenness(whole, delimiter))
    if suffix in (".tsv", ".tab") and "\t" in head:
        best = "\t"
    escaped = '\\"' in head and '""' not in head
    return Dialect(best, not escaped, "\\" if escaped else None)


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] < 2:
        return (0, 0)
    return (sum(width == widths[0] for width in widths), widths[0])
