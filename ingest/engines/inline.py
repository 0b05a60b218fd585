"""Work in the process itself: for debuggers, and for programs that may not start processes.

No limit on time or memory holds here, and a page that kills its process kills the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.document import Records
from ingest.engines import Results, Work


class InlineEngine:
    """One batch after the other."""

    def map(self, work: Work, batches: Iterable[Records]) -> Results:
        for batch in batches:
            yield batch, work(batch) if batch else {}
