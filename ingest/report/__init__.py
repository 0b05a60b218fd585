"""What a dataset holds and what was removed from it, as one HTML file that needs nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from ingest.errors import DatasetError
from ingest.storage.locations import Place


def write_report(dataset: Place, target: str | Path, *, pages: int = 500, stdout: BinaryIO | None = None) -> int:
    """Write the report of a dataset to a file, or to standard output (or `stdout`) for "-"; returns its size in bytes.

    The same dataset gives the same report. A file that is there already is replaced in one step.

    Raises:
        DatasetError: there is no dataset, its totals do not balance, or the file cannot be written.
    """
    from ingest.report.gather import gather
    from ingest.report.render import render

    content = render(gather(dataset, pages=pages)).encode()
    if str(target) == "-":
        (stdout or sys.stdout.buffer).write(content)
        return len(content)
    place = Path(target)
    temporary = place.with_name(f".{place.name}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(place)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise DatasetError(
            f"{place}: cannot be written: {error.strerror}", source=place, hint="give another file with -o"
        ) from None
    return len(content)
