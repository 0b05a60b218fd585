"""Charset decision and repair of broken text: `decode` for one document, `repair` for a batch of lines."""

from __future__ import annotations

from ingest.encoding.decode import Decoded, decode
from ingest.encoding.repair import Repaired, Step, repair

__all__ = ["Decoded", "Repaired", "Step", "decode", "repair"]
