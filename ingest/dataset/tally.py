"""Count, source by source, what became of its records, from the rows themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest.dataset.records import SourceEntry
from ingest.document import Outcome
from ingest.errors import DatasetError
from ingest.schema import TABLES

_REJECTIONS = frozenset(outcome.value for outcome in Outcome if outcome is not Outcome.KEPT)


@dataclass(slots=True)
class SourceTally:
    """`outcomes`: rows of `articles` and `rejected` by outcome; `removed_lines`: rows of `removed`.

    A row of `articles` counts as `kept`, or as `duplicate` if its `duplicate_of` is set.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    removed_lines: int = 0

    @property
    def records(self) -> int:
        return sum(self.outcomes.values())

    def agrees_with(self, entry: SourceEntry) -> bool:
        """True if these are the counts that a commit record states."""
        stated = (entry.records, Counter(entry.outcomes), entry.removed_lines)
        return (self.records, self.outcomes, self.removed_lines) == stated


class Tally:
    """Counts for a fixed set of sources, by path."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.sources = {path: SourceTally() for path in paths}

    def add(self, table: str, batch: Any) -> None:
        """Count the rows of a conforming batch; a row of no known source or with an unknown outcome
        raises.
        """
        if table not in TABLES:
            return  # its rows are counted in `rejected`
        if table == "removed":
            for path, n in _counts(batch.column("source_path")):
                self._of(path).removed_lines += n
        elif table == "articles":
            mask = batch.column("duplicate_of").is_valid()
            for outcome, rows in ((Outcome.DUPLICATE, mask), (Outcome.KEPT, _not(mask))):
                for path, n in _counts(batch.column("source_path").filter(rows)):
                    self._of(path).outcomes[outcome.value] += n
        else:
            pairs = zip(batch.column("source_path").to_pylist(), batch.column("outcome").to_pylist(), strict=True)
            for (path, outcome), n in Counter(pairs).items():
                if outcome not in _REJECTIONS:
                    raise DatasetError(f"table rejected: {outcome!r} in column outcome is no outcome of a rejection")
                self._of(path).outcomes[outcome] += n

    def _of(self, path: str) -> SourceTally:
        try:
            return self.sources[path]
        except KeyError:
            raise DatasetError(
                f"column source_path holds {path!r}, which is no source of this part",
                source=path,
                hint="rows carry SourceFile.path of a source given to the writer",
            ) from None


def _counts(column: Any) -> list[tuple[str, int]]:
    counts = column.value_counts()
    return list(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))


def _not(mask: Any) -> Any:
    import pyarrow.compute as pc

    return pc.invert(mask)
