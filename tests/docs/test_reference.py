"""The reference pages are what the program says of itself."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RENDERED = runpy.run_path(str(ROOT / "scripts/render_docs.py"))["render"]()


@pytest.mark.parametrize("name", RENDERED)
def test_reference_is_current(name: str) -> None:
    """Help texts, schema and settings in docs/reference are those of the code; white space apart."""
    assert (ROOT / name).read_text(encoding="utf-8").split() == RENDERED[name].split(), "run scripts/render_docs.py"


def test_each_command_has_its_help() -> None:
    """No command is left out, nor its subcommands."""
    from ingest.cli import COMMANDS

    page = RENDERED["docs/reference/commands.md"]
    for name in [*COMMANDS, "sites show", "rules test", "config show"]:
        assert f"## ingest {name}\n" in page


def test_each_setting_has_a_meaning() -> None:
    """A setting without a description, or a column without one where its name does not say all, is not shipped."""
    from ingest.config import Settings

    page = RENDERED["docs/reference/settings.md"]
    for name in Settings.__struct_fields__:
        assert f"## {name}\n" in page
