"""Bring Arrow data to the declared schema of its table, or say which column does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds

from ingest.dataset import layout
from ingest.errors import DatasetError

_NEVER_NULL = {
    "articles": ("id", "source_path", "source_record"),
    layout.DROPPED: ("id", "source_path", "source_record", "duplicate_of"),
    "removed": ("id", "source_path"),
    layout.QUARANTINE: ("id", "source_path", "outcome", "content"),
    "rejected": ("id", "source_path", "outcome"),
}


def conform(table: str, data: Any, *, older: bool = False) -> Iterator[Any]:
    """Yield `data` (RecordBatch or Table) as record batches with exactly the schema of `table`.

    A column may come in another width or encoding of its kind (large_string, dictionary, int32,
    timestamp[us], null), never as another kind: no number is parsed from text. `older` fills columns that an
    earlier schema did not have with nulls. Raises DatasetError naming the table and the column.
    """
    schema = layout.schema(table)
    names = data.schema.names
    for name in names:
        if names.count(name) > 1 or name not in schema.names:
            raise _misfit(table, name, "is given twice" if name in schema.names else "is not in the schema")
    if not older:
        for name in schema.names:
            if name not in names:
                raise _misfit(table, name, "is missing")
    for batch in [data] if isinstance(data, pa.RecordBatch) else data.to_batches():
        aligned = align(table, batch, schema)
        for name in _NEVER_NULL[table]:
            if aligned.column(schema.get_field_index(name)).null_count:
                raise _misfit(table, name, "holds a null")
        yield aligned


def align(table: str, batch: Any, schema: Any) -> Any:
    """The batch with the columns of `schema` (that of the table, or part of it), cast within their kind;
    columns that it lacks are null.
    """
    names = batch.schema.names
    columns = [
        _cast(table, field, batch.column(names.index(field.name)))
        if field.name in names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(table: str, field: Any, column: Any) -> Any:
    if column.type == field.type:
        return column
    if not _same_kind(column.type, field.type):
        raise _misfit(table, field.name, f"is {column.type}, not {field.type}")
    try:
        return column.cast(field.type)
    except pa.ArrowException as error:
        raise _misfit(table, field.name, f"does not fit {field.type}: {error}") from error


def _same_kind(given: Any, declared: Any) -> bool:
    if kinds.is_dictionary(given):
        given = given.value_type
    if kinds.is_null(given):
        return True
    if kinds.is_list(declared):
        is_list = kinds.is_list(given) or kinds.is_large_list(given) or kinds.is_fixed_size_list(given)
        return is_list and _same_kind(given.value_type, declared.value_type)
    if kinds.is_struct(declared):
        same_names = kinds.is_struct(given) and [f.name for f in given] == [f.name for f in declared]
        return same_names and all(_same_kind(a.type, b.type) for a, b in zip(given, declared, strict=True))
    return _kind(given) == _kind(declared)


def _kind(type_: Any) -> str:
    is_view = getattr(kinds, "is_string_view", lambda _: False)  # not in the oldest supported pyarrow
    if kinds.is_string(type_) or kinds.is_large_string(type_) or is_view(type_):
        return "string"
    if kinds.is_integer(type_):
        return "integer"
    if kinds.is_floating(type_):
        return "float"
    if kinds.is_timestamp(type_) and type_.tz is None:
        return "timestamp"
    return str(type_)


def _misfit(table: str, column: str, problem: str) -> DatasetError:
    return DatasetError(
        f"table {table}: column {column} {problem}",
        hint="build rows against ingest.schema.SCHEMAS, without inference",
    )
