"""The exceptions of `ingest`, all of them.

    IngestError
    ├── ConfigError      a setting is unknown or has a wrong value; exit code 2
    ├── SourceError      a source as a whole cannot be read
    ├── RuleError        a rule file is malformed
    ├── DatasetError     the dataset on disk breaks its contract
    ├── QuarantineError  nothing, or not one record, in quarantine has an id
    ├── EngineError      the processes that do the work die whatever they are given
    └── LockedError      another run holds the dataset; exit code 75

Each has `message`, `hint`, `source` and `record`, so that a program need not read the message. A document that cannot
be processed is *not* an exception: it is a row of the table `rejected`, with the same fields by the names of columns.
An exception means that the run itself cannot go on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

SHOWN = 20  # names in a hint


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """A hint that names what is known under nearly that name, else what is known."""
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, 1, cutoff) or [other for other in names if name and name in other]
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names[:SHOWN]) or 'none'}{', …' if len(names) > SHOWN else ''}"


class IngestError(Exception):
    """Base of all errors that `ingest` raises on purpose.

    Attributes:
        message: one sentence on what is wrong.
        hint: what to do about it; may be empty.
        source: path, URL or name of the file, folder or setting that the error is about; None if it is about none.
        record: 0-based number of the record in `source`; None if the error is about all of it.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        source: str | os.PathLike[str] | None = None,
        record: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.source = None if source is None else os.fspath(source)
        self.record = record

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class ConfigError(IngestError):
    """A setting is unknown or has a wrong value."""

    exit_code = 2


class SourceError(IngestError):
    """A source as a whole cannot be read."""


class RuleError(IngestError):
    """A rule file is malformed."""


class DatasetError(IngestError):
    """The dataset on disk breaks its contract, or there is none."""


class QuarantineError(IngestError):
    """Nothing, or not one record, in quarantine has an id."""


class EngineError(IngestError):
    """The processes that do the work die whatever they are given."""


class LockedError(IngestError):
    """Another run holds the dataset."""

    exit_code = 75
