"""What README and docs show is true: each example runs, and each link leads somewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from docs import examples

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if examples.blocks(page) and "reference" not in page.parts]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    """All examples of a page, in their order, do what the page says."""
    shutil.copytree(ROOT / "raw", tmp_path / "raw")
    names: dict[str, object] = {"__name__": "example"}
    skipped: set[str] = set()
    for block in examples.blocks(page):
        if lacking := examples.missing(block):
            skipped.update(lacking)
            continue
        try:
            examples.run(block, tmp_path, names)
        except Exception as error:
            raise AssertionError(f"{name(page)}, line {block.line}: {error}") from error
    if skipped:
        pytest.skip(f"all examples run but those that need {', '.join(sorted(skipped))}")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files of the repository, and headings that these have."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", file.read_text(encoding="utf-8"))
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, target


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "ingest/models").glob("*.md"))], ids=name)
def test_named_files_exist(page: Path) -> None:
    """Scripts and modules that a page names are there."""
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"(?<![\w./-])((?:scripts|ingest|tests|docs)/[\w/]+\.(?:py|toml|md))\b", text):
        assert (ROOT / path).exists(), path


def test_each_page_is_in_the_index() -> None:
    """docs/README.md names every page of the docs."""
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in PAGES[2:]:
        if page.name != "README.md":
            assert page.relative_to(ROOT / "docs").as_posix() in index


def test_few_examples_are_not_run() -> None:
    """Examples that are only parsed are the exception."""
    found = [block for page in WITH_EXAMPLES for block in examples.blocks(page)]
    run = [block for block in found if block.language in ("sh", "console", "python")]
    assert sum("not-run" in block.words for block in run) <= len(run) / 5
