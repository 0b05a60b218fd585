"""Where the evaluation data of the project may stand: beside the repository, or where INGEST_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def dev() -> Path:
    """Folder of the language identification development lists; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("INGEST_SHARED", beside)) / "data" / "lid" / "dev"
    if not folder.is_dir():
        pytest.skip("no evaluation data beside the repository")
    return folder
