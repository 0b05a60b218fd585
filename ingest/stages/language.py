"""The language of each line, with its document as context, and certain damage to Kazakh letters."""

from __future__ import annotations

from ingest import language
from ingest.document import Batch


def detect(batch: Batch, engine: language.Engine) -> Batch:
    """Fill `lines.language` (BCP-47, `und` where a line carries no evidence) and count ruined letters in `repairs`."""
    lines = batch.lines
    lines.language = language.detect_lines(lines.texts, lines.offsets, engine=engine, seen=lines.codes).labels
    for position, document in batch.alive():
        kazakh = [lines.texts[row] for row in lines.span(position) if lines.language[row] == "kk"]
        if kazakh:
            for kind, count in language.ruined_kazakh("\n".join(kazakh)).items():
                document.repairs[kind] = count
    return batch
