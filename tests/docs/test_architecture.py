"""docs/architecture.md and docs/glossary.md speak of what is there; the tree itself: see test_reference.py."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
CODE = DOCS.parent / "ingest"
TRAIL = (DOCS / "architecture.md").read_text(encoding="utf-8").split("<!-- trail -->")[1].split("<!-- end of trail")[0]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(ingest[\w.]*:[\w.]+)`", TRAIL))))
def test_the_trail_leads_through_definitions(name: str) -> None:
    """Each definition on the way of a document is where the page says."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)


@pytest.mark.parametrize("page", ["architecture.md", "glossary.md"])
def test_files_that_are_named_are_there(page: str) -> None:
    """Folders and files of the package, of its tests and scripts, by the paths that the page gives."""
    named = re.findall(r"`((?:\w+/)+(?:[\w*]+\.(?:py|toml))?|\w+\.py)`", (DOCS / page).read_text(encoding="utf-8"))
    assert len(named) > 5
    for path in named:
        roots = (CODE, DOCS.parent, CODE / "metadata")
        assert path == "factory.py" or any(list(root.glob(path.rstrip("/"))) for root in roots), path
