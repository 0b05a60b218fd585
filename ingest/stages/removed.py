"""The rows of `removed`: each line that is not in the text, and each that was mended or trimmed.

Most rows of a run are of this table, so they are tuples in the order of its columns until a batch is done.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ingest.document import Batch, Evidence, Role
from ingest.schema import REMOVED

# Roles whose lines make up `text`, in page order.
IN_TEXT = frozenset({Role.STANDFIRST, Role.BODY, Role.QUOTE, Role.LIST})

_STAYS = frozenset(map(int, IN_TEXT))
_ROLE = {int(role): role.label for role in Role}
_EVIDENCE = {int(evidence): evidence.label for evidence in Evidence}
_RULE = Evidence.RULE.label


class Removed:
    """Rows in the making."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []

    def add(self, batch: Batch, position: int) -> dict[str, Any]:
        """Add the rows of one page. Returns how many lines left whole, and the share of its characters that left.

        Raises:
            AssertionError: a line is neither in the text nor among the removed ones; a fault of the program.
        """
        lines, document = batch.lines, batch.documents[position]
        span = lines.span(position)
        texts = lines.texts[span.start : span.stop]
        columns = (lines.role, lines.evidence, lines.score)
        verdicts = zip(span, texts, *(column[span.start : span.stop].tolist() for column in columns), strict=True)
        page = (document.id, document.record.source, document.record.number)
        kept = gone = left = 0
        for row, text, role, evidence, score in verdicts:
            if not text:
                continue
            place = (*page, row - span.start + 1)
            language = lines.language[row]
            if mended := lines.repaired.get(row):
                steps = " + ".join(mended.steps)
                verdict = (mended.before, _ROLE[role], "repair", _RULE, steps, 1.0, language, text)
                self._rows.append(place + verdict)
            if role not in _STAYS:
                gone += 1
                left += len(text)
                rule, stage = lines.rule[row], lines.stage[row]
                verdict = (text, _ROLE[role], stage, _EVIDENCE[evidence], rule, score, language, None)
                self._rows.append(place + verdict)
                continue
            kept += 1
            if cut := lines.altered.get(row):
                left += len(cut.removed)
                verdict = (cut.removed, cut.role.label, "trim", _RULE, cut.rule, 1.0, language, cut.kept)
                self._rows.append(place + verdict)
        total = len(texts) - texts.count("")
        assert kept + gone == total, f"{document.id}: {total} lines, {kept} kept and {gone} removed"
        return {"removed_lines": gone, "removed_share": left / max(1, sum(map(len, texts)))}

    def rows(self) -> pa.RecordBatch:
        """All rows, in the order of the lines."""
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(REMOVED)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, REMOVED, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=REMOVED)
