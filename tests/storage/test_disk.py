"""Writing that survives whatever looks on."""

from __future__ import annotations

from pathlib import Path

import pytest
from noting import noted

from ingest.storage import disk


def test_a_view_that_another_thread_holds_does_not_stop_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profiler that keeps the frame of a write, and with it a view of what was written, changes nothing."""
    held: list[memoryview] = []
    write = disk._write_all
    monkeypatch.setattr(disk, "_write_all", lambda fd, data: noted(held, memoryview(data), write(fd, data)))
    sink = disk.HashingSink(tmp_path / "file")
    for _ in range(3):
        sink.write(b"x" * (disk._BUFFER - 1))
    sink.close()
    assert held
    assert (tmp_path / "file").read_bytes() == b"x" * 3 * (disk._BUFFER - 1)
