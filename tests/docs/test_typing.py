"""What the Python examples of the README do is allowed by the types of the library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from markdown_it import MarkdownIt


def _checked(code: str, root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "example.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
    options = ["--cache-dir", str(folder / "cache"), "--no-site-packages", str(folder / "example.py")]
    environment = os.environ | {"MYPYPATH": str(root)}
    return subprocess.run([*command, *options], capture_output=True, text=True, env=environment, cwd=folder)


def test_examples_of_the_readme_have_types(root: Path, tmp_path: Path) -> None:
    """mypy finds nothing in them, and finds the argument of a wrong type."""
    blocks = MarkdownIt().parse((root / "README.md").read_text(encoding="utf-8"))
    examples = [token.content for token in blocks if token.type == "fence" and token.info.split()[:1] == ["python"]]
    code = "\n".join(text for text in examples if ">>>" not in text)
    assert "ingest" in code
    done = _checked(code, root, tmp_path)
    assert done.returncode == 0, done.stdout
    wrong = _checked("import ingest\ningest.clean(5)\n", root, tmp_path)
    assert "arg-type" in wrong.stdout
