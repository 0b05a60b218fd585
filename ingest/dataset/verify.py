"""Proof that a dataset keeps its contract.

Checked of the ledger: each record can be read, no source is in two parts, nothing waits for removal. Of the
folders: no Parquet file without a record; segments of unfinished sources are as they were written. Of each
part: its files are there with the size, digest, number of rows and schema that its record states; the rows of
each source add up to its records and outcomes; each removed line belongs to a record of the part; each
`text_sha256` is that of its `text`. Of the whole: no id twice in `articles` and `rejected`; each
`duplicate_of` names an article that is no duplicate itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from ingest.dataset import layout, segments, state
from ingest.dataset.ledger import Ledger, read_ledger
from ingest.dataset.verify_part import Problem, Seen, check_part
from ingest.errors import DatasetError
from ingest.schema import TABLES
from ingest.storage import Storage

_RERUN = "the next `ingest run` clears it"
_EXAMPLES = 5


class Finding(msgspec.Struct, frozen=True):
    """Something wrong: `file` is relative to the dataset. A warning harms no reader that follows the ledger
    or globs `*.parquet`; an error does.
    """

    severity: Literal["error", "warning"]
    file: str
    message: str
    remedy: str


class Verification(msgspec.Struct, frozen=True):
    """Result of `verify`: `ok` if there is no finding of severity `error`."""

    ok: bool
    deep: bool
    parts: int
    rows: dict[str, int]
    findings: list[Finding]


def verify(storage: Storage, *, deep: bool = True) -> Verification:
    """Check the dataset in `storage`; without `deep` only what needs no reading of the rows."""
    damaged: list[DatasetError] = []
    ledger = read_ledger(storage, damaged.append)
    findings = [Finding("error", layout.LEDGER, error.message, error.hint) for error in damaged]
    findings += _check_ledger(ledger)
    findings += _check_folders(storage, ledger)
    findings += _check_staging(storage, deep=deep)
    seen: list[Seen] = []
    for record in ledger.records.values():
        problems: list[Problem] = []
        seen += check_part(storage, record, problems, deep=deep)
        findings += [Finding("error", *problem) for problem in problems]
    findings += _check_ids([some for some in seen if some.table != layout.DROPPED])
    findings += _check_originals(seen, settled=_settled_version(storage) == ledger.version)
    rows = {table: sum(record.rows[table] for record in ledger.records.values()) for table in TABLES}
    ok = not any(finding.severity == "error" for finding in findings)
    return Verification(ok, deep, len(ledger.records), rows, findings)


def _check_ledger(ledger: Ledger) -> Iterator[Finding]:
    for key in ledger.replaced:
        # not yet an error: until it is cleared its files are found below as files without a record
        yield Finding("warning", layout.record_path(key), "is replaced and waits for removal", _RERUN)
    for what in ("path", "digest"):
        counts = Counter(getattr(entry, what) for entry in ledger.entries())
        for value, n in counts.items():
            if n > 1:
                keys = [k for k, r in ledger.records.items() if any(getattr(e, what) == value for e in r.sources)]
                yield Finding(
                    "error",
                    layout.record_path(keys[-1]),
                    f"a source stands in {n} places of the ledger: {what} {value}",
                    "run `ingest run --reprocess all` over it",
                )


def _check_folders(storage: Storage, ledger: Ledger) -> Iterator[Finding]:
    committed = {file.path for record in ledger.records.values() for file in record.files}
    for folder in layout.table_folders():
        for name in storage.list(folder):
            file = f"{folder}/{name}"
            if layout.is_temporary(name):
                yield Finding("warning", file, "was left by a run that did not end", _RERUN)
            elif name.endswith(".parquet") and file not in committed:
                remedy = _RERUN if layout.is_part(name) else "move it elsewhere: it was not written by ingest"
                yield Finding("error", file, "has no commit record", remedy)


def _check_staging(storage: Storage, *, deep: bool) -> Iterator[Finding]:
    """Finished segments are no finding: the next run goes on from them."""
    for name in segments.leftovers(storage):
        yield Finding("warning", f"{layout.STAGING}/{name}", "belongs to no finished segment", _RERUN)
    for key, found in segments.read_staging(storage).items():
        for segment in found:
            for name, problem in segments.damage(storage, key, segment, deep=deep):
                yield Finding("warning", f"{layout.STAGING}/{name}", problem, "the next `ingest run` makes it anew")


def _check_ids(seen: list[Seen]) -> Iterator[Finding]:
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pa.chunked_array([some.ids for some in seen], pa.string())
    counts = ids.value_counts()
    twice = counts.field(0).filter(pc.greater(counts.field(1), 1))
    if len(twice):
        files = sorted({some.file for some in seen if pc.any(pc.is_in(some.ids, twice)).as_py()})
        names = ", ".join(twice.slice(0, _EXAMPLES).to_pylist())
        yield Finding(
            "error",
            files[-1],
            f"{len(twice)} ids occur more than once (e.g. {names}), in: {', '.join(files)}",
            "run `ingest run --reprocess all` over their sources",
        )


def _settled_version(storage: Storage) -> str | None:
    """The version of the ledger for which a run has marked all duplicates."""
    data = state.get_state(storage, layout.DUPLICATES)
    try:
        return str(msgspec.json.decode(data)["ledger"]) if data else None
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None


def _check_originals(seen: list[Seen], *, settled: bool) -> Iterator[Finding]:
    """A run that was cut off may leave duplicates of what it has just replaced: only a warning then."""
    import pyarrow as pa
    import pyarrow.compute as pc

    articles = [some for some in seen if some.table == "articles"]
    originals = pa.chunked_array([some.ids.filter(some.originals.is_null()) for some in articles], pa.string())
    for some in seen:
        if some.originals is None:
            continue
        named = some.originals.drop_null()
        strays = named.filter(pc.invert(pc.is_in(named, originals)))
        if len(strays):
            message = f"{len(strays)} duplicates of what is no original article, e.g. of {strays[0].as_py()}"
            yield Finding("error" if settled else "warning", some.file, message, "`ingest run` marks them anew")
