"""Where the shared evaluation data stands, if it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("INGEST_SHARED") or Path(__file__).resolve().parents[2] / ".." / "shared")
    if not folder.is_dir():
        pytest.skip("no shared data beside the repository (or in INGEST_SHARED)")
    return folder
