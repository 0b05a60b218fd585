"""What a reader may expect of the tests themselves."""

from __future__ import annotations

import ast
from pathlib import Path


def test_each_test_states_a_behaviour() -> None:
    """In its docstring, since ruff asks tests for none."""
    silent = [
        f"{path.name}: {node.name}"
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []
