"""datatrove over a JSONL corpus, one worker: ftfy, language and C4 filters; of HTML, trafilatura's extractor first.

    python datatrove_run.py text|html CORPUS FOLDER

datatrove's own language filter loads fastText weights from the network; here CLD2 takes its place, which is faster.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pycld2
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import C4QualityFilter
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.formatters import FTFYFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


class Cld2Filter(BaseFilter):
    """Keeps what has a language, and tells it."""

    name = "language"

    def filter(self, doc: Any) -> bool:
        reliable, _, details = pycld2.detect(doc.text.encode("utf-8", "ignore").replace(b"\0", b""))
        doc.metadata["language"] = details[0][1]
        return bool(reliable)


def main() -> None:
    kind, corpus, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    reader = JsonlReader(str(corpus.parent), glob_pattern=corpus.name, text_key=kind, id_key="id")
    steps = [reader, *([Trafilatura()] if kind == "html" else []), FTFYFormatter(), Cld2Filter(), C4QualityFilter()]
    steps.append(JsonlWriter(folder, compression=None))
    LocalPipelineExecutor(pipeline=steps, tasks=1, workers=1, logging_dir=f"{folder}-logs").run()


if __name__ == "__main__":
    main()
