"""Data that several tests of the encoding package share."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"


def shared_folder() -> Path:
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    return Path(os.environ.get("INGEST_SHARED", beside))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with evaluation data beside the repository; tests that need it are skipped without it."""
    folder = shared_folder()
    if not (folder / "data" / "encodings").is_dir():
        pytest.skip("evaluation data is not here")
    return folder


def cases(name: str) -> list[Any]:
    """The cases of one data file."""
    loaded: list[Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return loaded
