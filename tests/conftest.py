"""Shared fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Examples are not wrong because the machine was busy, as it is where tests run side by side.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is not measured over the evaluation data, which is not everywhere: hundreds of pages take the same ways
    through the code, in twice the time.
    """
    for item in items:
        if {"shared", "dev"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def raw(root: Path) -> Path:
    """The sample dump."""
    return root / "raw"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Evaluation data that stands beside the repository on some machines; tests that need it are skipped elsewhere."""
    folder = Path(os.environ.get("INGEST_SHARED", ROOT.parent / "shared"))
    if not (folder / "DESIGN.md").exists():
        pytest.skip("the evaluation data is not on this machine")
    return folder
