"""One new page in a later run gets what the site has taught, whatever order or names the earlier pages came in."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from sites.test_profiles import FOOTER, MENU, page

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.run import run

NEW = "new.jsonl"


def dump(path: Path, pages: list[list[str]], url: bool) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, lines in enumerate(pages):
            row = {"text": "\n".join(lines)} | ({"url": f"http://pond.example/{number}"} if url else {})
            file.write(json.dumps(row) + "\n")


def result(folder: Path, pages: list[list[str]], later: list[str], url: bool) -> tuple[str, str, dict[str, str]]:
    """Site and text of a later page, and for its removed lines the reasons, after a run over other pages."""
    folder.mkdir()
    dump(folder / "old.jsonl", pages, url)
    run([folder / "old.jsonl"], folder / "out", Settings(workers=0, settle=0.0))
    dump(folder / NEW, [later], url)
    run([folder / NEW], folder / "out", Settings(workers=0, settle=0.0))
    found = open_dataset(folder / "out")
    [row] = [row for row in found.table("articles").to_pylist() if row["source_path"] == NEW]
    gone = [row for row in found.table("removed").to_pylist() if row["source_path"] == NEW]
    return row["site"], row["text"], {row["text"]: row["rule"] for row in gone}


@pytest.mark.parametrize("url", [True, False])
def test_a_later_page_gets_what_the_site_has_taught(tmp_path: Path, url: bool) -> None:
    """Its menu and footer go by what eight earlier pages have, although it came alone; its own text stays."""
    rng = random.Random(1)
    pages, later = [page(rng) for _ in range(8)], page(rng)
    site, text, gone = result(tmp_path / "a", pages, later, url)
    assert {*MENU, *FOOTER} <= gone.keys()
    assert gone[MENU[-1]] == gone[FOOTER[0]] == "on 9 of 9 pages"
    assert {line for line in later if line.endswith(".")} <= {*text.split("\n\n")}
    rng.shuffle(pages)
    assert result(tmp_path / "b", pages, later, url) == (site, text, gone)
