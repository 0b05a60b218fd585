"""Rows of any table, as records: which column is the page, and what the others say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from ingest.config import Columns
from ingest.document import Kind, Outcome, Record, Reject
from ingest.readers import cell_values
from ingest.readers.limits import Limits
from ingest.readers.page import kind_of

PAGE = ("html", "text")
_GIVEN = ("id", "title", "published", "fetched_at", "section", "standfirst", "language")
_LISTED = ("authors", "tags")
_NOTED = 50  # different unknown columns that are told
_SHAPE = 'name the column with the pages in [columns], e.g. text = "story"'

Path = tuple[str, ...]


class _Either(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    published_beside: str


class _Names(msgspec.Struct, forbid_unknown_fields=True):
    names: dict[str, list[str]]
    either: _Either


class Plan(msgspec.Struct, frozen=True):
    """Where rows with certain columns have what: for each field the paths to try, in order. `ignored` means nothing;
    `crawled` may be the day of the crawl or that of publication, and is taken for the former.
    """

    fields: dict[str, tuple[Path, ...]]
    ignored: tuple[str, ...]
    crawled: str = ""

    @property
    def has_page(self) -> bool:
        return any(self.fields[kind] for kind in PAGE)

    @property
    def pages(self) -> set[str]:
        """Names of the columns that may hold the page."""
        return {path[0] for kind in PAGE for path in self.fields[kind]}

    @property
    def used(self) -> set[str]:
        """Names of the columns that are of use."""
        return {path[0] for paths in self.fields.values() for path in paths}


@lru_cache(maxsize=1)
def _names() -> _Names:
    data = files(__package__).joinpath("columns.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Names)


@lru_cache(maxsize=256)
def plan(columns: tuple[str, ...], given: Columns) -> Plan:
    """How to read rows with these columns."""
    table = _names()
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(_normal(column), column)
    doubtful = ""
    fields: dict[str, tuple[Path, ...]] = {}
    for field, names in table.names.items():
        own = getattr(given, field)
        fields[field] = _paths([own] if own else names, known, set(columns))
    if table.either.name in known:
        field = "published" if fields[table.either.published_beside] else "fetched_at"
        if field == "fetched_at" and not fields[field] and not fields["published"]:
            doubtful = known[table.either.name]
        fields[field] = fields[field] or ((known[table.either.name],),)
    result = Plan(fields, ())
    return Plan(fields, tuple(column for column in columns if column not in result.used), doubtful)


def _paths(names: list[str], known: dict[str, str], columns: set[str]) -> tuple[Path, ...]:
    paths: list[Path] = []
    for name in names:
        root, *rest = name.split(".")
        if name in columns:
            paths.append((name,))
        elif _normal(name) in known:
            paths.append((known[_normal(name)],))
        elif rest and _normal(root) in known:
            paths.append((known[_normal(root)], *rest))
    return tuple(paths)


def _normal(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def record_of(
    row: Any,
    source: str,
    number: int,
    limits: Limits,
    offset: int | None = None,
    size: int | None = None,
    sample: str = "",
) -> Record | Reject:
    """What one row says, as a record; a row without a page becomes a refusal. `offset`, `size` and `sample` are of the
    place that it was read from.
    """

    def refused(outcome: Outcome, reason: str, remedy: str) -> Reject:
        return Reject(source, number, outcome, reason, remedy, offset, size, sample)

    if not isinstance(row, Mapping):
        return refused(Outcome.INVALID, f"{_a(row)}, not an object", "a row is an object with named values")
    way = plan(tuple(row), limits.columns)
    _note_columns(way, limits)
    empty = False
    for name in reversed(PAGE) if limits.columns.text and not limits.columns.html else PAGE:
        for path in way.fields[name]:
            value = _lookup(row, path)
            if isinstance(value, list) and all(isinstance(part, str) for part in value):
                value = "\n".join(value)
            if value is not None and not isinstance(value, str | bytes):
                reason = f'"{".".join(path)}" is {_a(value)}, not a string'
                return refused(Outcome.INVALID, reason, _SHAPE)
            if value is not None and value.strip():
                return _record(row, way, value, _kind(name, path, value), (source, number, offset, size, limits))
            empty = True
    if empty:
        return refused(Outcome.EMPTY, "the page of this row is empty", "check how the page was fetched")
    names = ", ".join(repr(str(column)[:40]) for column in list(row)[:12]) or "none"
    return refused(Outcome.INVALID, f"no column with a page among {names}", _SHAPE)


def _record(
    row: Mapping[str, Any], way: Plan, content: str | bytes, kind: Kind, place: tuple[str, int, Any, Any, Limits]
) -> Record | Reject:
    source, number, offset, size, limits = place
    url, given = _told(row, way, limits)
    record = Record(source, number, content, kind, url=url, given=given, offset=offset, length=size)
    if len(content) > limits.max_bytes:
        reason = f"a page of {len(content):,} bytes or characters, the limit is {limits.max_bytes:,}"
        return record.refused(Outcome.TOO_LARGE, reason, "raise max_document_bytes")
    return record


def told(row: Mapping[str, Any], limits: Limits) -> tuple[str | None, dict[str, str]]:
    """What a row says of a page that stands elsewhere: its address, and `Record.given`."""
    way = plan(tuple(row), limits.columns)
    _note_columns(way, limits)
    return _told(row, way, limits)


def _told(row: Mapping[str, Any], way: Plan, limits: Limits) -> tuple[str | None, dict[str, str]]:
    given = {field: _word(row, way, field, limits) for field in _GIVEN}
    given |= {field: "\n".join(_words(row, way, field, limits)) for field in _LISTED}
    return _word(row, way, "url", limits) or None, {field: value for field, value in given.items() if value}


def _note_columns(way: Plan, limits: Limits) -> None:
    for column in way.ignored:
        _note(limits, f"unknown key {column[:80]!r} ignored")
    if way.crawled:
        _note(
            limits,
            f"{way.crawled!r} is taken for the day of the crawl; see [columns] if it is of publication",
        )


def _kind(name: str, path: Path, value: str | bytes) -> Kind:
    """What is called text is text; `content`, `body` and the like may be either."""
    if name == "html" or path == ("text",):
        return "html" if name == "html" else "text"
    head = value[:4096]
    return kind_of(head.encode("utf-8", "replace") if isinstance(head, str) else head)


def _word(row: Mapping[str, Any], way: Plan, field: str, limits: Limits) -> str:
    for path in way.fields[field]:
        value = _lookup(row, path)
        if isinstance(value, list) and value:  # Scrapy's loaders make a list of every value
            value = value[0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value).strip()
        if value is not None:
            _note(limits, f"{'.'.join(path)[:80]!r} is {_a(value)} and was ignored")
    return ""


def _words(row: Mapping[str, Any], way: Plan, field: str, limits: Limits) -> list[str]:
    for path in way.fields[field]:
        value = _lookup(row, path)
        if found := cell_values.values(value):
            return found
        if value is not None and not isinstance(value, str | list):
            _note(limits, f"{'.'.join(path)[:80]!r} is {_a(value)} and was ignored")
    return []


def _lookup(row: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(row, Mapping):
            return None
        if step not in row:
            wanted = _normal(step)
            step = next((key for key in row if _normal(str(key)) == wanted), step)
        row = row.get(step)
    return row


def _note(limits: Limits, note: str) -> None:
    if note in limits.notes or len(limits.notes) < _NOTED:
        limits.notes[note] += 1


def _a(value: Any) -> str:
    name = type_name(value)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if name != "null" else name


def type_name(value: Any) -> str:
    """The JSON name of a value's type."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null" if value is None else type(value).__name__)
