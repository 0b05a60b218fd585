"""The exceptions of `ingest`, all of them.

IngestError
├── ConfigError      a setting is unknown or has a wrong value; exit code 2
├── SourceError      a source as a whole cannot be read
├── RuleError        a rule file is malformed
├── DatasetError     the dataset on disk breaks its contract
├── QuarantineError  nothing, or not one record, in quarantine has an id
├── EngineError      the processes that do the work die whatever they are given
└── LockedError      another run holds the dataset; exit code 75

Documents that cannot be processed are *not* exceptions: they are rows of the `rejected` table. An exception means that
the run itself cannot go on.
"""

from __future__ import annotations

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
    """Base of all errors that `ingest` raises on purpose: `message` says what, `hint` says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class ConfigError(IngestError):
    exit_code = 2


class SourceError(IngestError):
    pass


class RuleError(IngestError):
    pass


class DatasetError(IngestError):
    pass


class QuarantineError(IngestError):
    pass


class EngineError(IngestError):
    pass


class LockedError(IngestError):
    exit_code = 75
