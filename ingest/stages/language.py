"""The language of each line, with its document as context."""

from __future__ import annotations

from ingest import language
from ingest.document import Batch


def detect(batch: Batch, engine: language.Engine) -> Batch:
    """Fill `lines.language` (BCP-47, `und` where a line carries no evidence)."""
    batch.lines.language = language.detect_lines(batch.lines.texts, batch.lines.offsets, engine=engine).labels
    return batch
