"""The rows of `removed`: each line that is not in the text, and each that was mended or trimmed.

Most rows of a run are of this table, so they are made column by column for a whole batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.document import Batch
from ingest.roles import Evidence, Role
from ingest.schema import REMOVED

# Roles whose lines make up `text`, in page order.
IN_TEXT = frozenset({Role.STANDFIRST, Role.BODY, Role.QUOTE, Role.LIST})


def among(role: npt.NDArray[np.int8], *roles: Role) -> npt.NDArray[np.bool_]:
    """bool[n]: which of the roles int8[n] are among some. A look-up, as pages are too short for `isin`, and NumPy asks
    each member of an enumeration in vain what it knows of arrays.
    """
    found: npt.NDArray[np.bool_] = _table(roles)[role]
    return found


@cache
def _table(roles: tuple[Role, ...]) -> npt.NDArray[np.bool_]:
    table = np.zeros(max(Role) + 1, np.bool_)
    table[list(map(int, roles))] = True
    return table


# A line can have two rows: mended, and then gone or trimmed.
_MENDED, _GONE, _TRIMMED = range(3)


@dataclass(frozen=True, slots=True)
class Removed:
    """rows: of the table, in the order of the lines · gone: of each document, the lines that left whole · share: of its
    characters, how many left.
    """

    rows: pa.RecordBatch
    gone: list[int]
    share: list[float]


def removed(batch: Batch) -> Removed:
    """What has left the pages of a batch."""
    lines = batch.lines
    n_documents = len(batch.documents)
    of = np.repeat(np.arange(n_documents), np.diff(lines.offsets))
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    goes = (size > 0) & ~among(lines.role, *IN_TEXT)
    gone = np.flatnonzero(goes)
    mended = np.array([row for row in sorted(lines.repaired) if size[row]], np.int64)
    trimmed = np.array([row for row in sorted(lines.altered) if size[row] and not goes[row]], np.int64)
    left = np.where(goes, size, 0)
    left[trimmed] = [len(lines.altered[row].removed) for row in trimmed.tolist()]
    whole = np.maximum(np.bincount(of, size, n_documents), 1)
    return Removed(
        _rows(batch, of, mended, gone, trimmed),
        np.bincount(of[gone], minlength=n_documents).tolist(),
        (np.bincount(of, left, n_documents) / whole).tolist(),
    )


def _rows(
    batch: Batch,
    of: npt.NDArray[np.int64],
    mended: npt.NDArray[np.int64],
    gone: npt.NDArray[np.int64],
    trimmed: npt.NDArray[np.int64],
) -> pa.RecordBatch:
    """The rows of these lines; `of` is the document of each line of the batch."""
    lines, documents = batch.lines, batch.documents
    repairs = [lines.repaired[row] for row in mended.tolist()]
    cuts = [lines.altered[row] for row in trimmed.tolist()]
    places = gone.tolist()
    row = np.concatenate([mended, gone, trimmed])
    kind = np.repeat([_MENDED, _GONE, _TRIMMED], [len(mended), len(gone), len(trimmed)])
    role, evidence, score = lines.role[row], lines.evidence[row], lines.score[row]
    role[kind == _TRIMMED] = [cut.role for cut in cuts]
    evidence[kind != _GONE] = Evidence.RULE
    score[kind != _GONE] = 1.0
    document = of[row]
    columns: dict[str, pa.Array] = {
        "id": pa.array([page.id for page in documents], pa.string()).take(pa.array(document)),
        "source_path": pa.array([page.record.source for page in documents], pa.string()).take(pa.array(document)),
        "source_record": pa.array([page.record.number for page in documents], pa.int64()).take(pa.array(document)),
        "line": pa.array(row - lines.offsets[document] + 1),
        "text": [repair.before for repair in repairs]
        + list(map(lines.texts.__getitem__, places))
        + [cut.removed for cut in cuts],
        "role": _labels(tuple(Role), role),
        "stage": ["repair"] * len(repairs) + list(map(lines.stage.__getitem__, places)) + ["trim"] * len(cuts),
        "evidence": _labels(tuple(Evidence), evidence),
        "rule": [" + ".join(repair.steps) for repair in repairs]
        + list(map(lines.rule.__getitem__, places))
        + [cut.rule for cut in cuts],
        "score": pa.array(score, pa.float32()),
        "language": list(map(lines.language.__getitem__, row.tolist())),
        "altered_to": list(map(lines.texts.__getitem__, mended.tolist()))
        + [None] * len(places)
        + [cut.kept for cut in cuts],
    }
    arrays = [
        values if isinstance(values := columns[field.name], pa.Array) else pa.array(values, field.type)
        for field in REMOVED
    ]
    rows = pa.RecordBatch.from_arrays(arrays, schema=REMOVED)
    return rows.take(pa.array(np.lexsort((kind, row)))) if len(repairs) or len(cuts) else rows


def _labels(members: tuple[Role, ...] | tuple[Evidence, ...], values: npt.NDArray[np.int8]) -> pa.Array:
    """The labels of the values of an enumeration, whose members come in rising order."""
    labels = pa.array([member.label for member in members], pa.string())
    return labels.take(pa.array(np.searchsorted(members, values)))
