"""Compare a dataset with hand-made labels of pages: `{path: {"lines": [[number, role]], "metadata": {…}}}`.

Content lines (body, standfirst) must be paragraphs of `text`; `chrome:` lines must not, and must stand in `removed`
with role and evidence. Other lines (title, byline, date …) may go either way.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ingest.dataset import open_dataset

CONTENT = ("body", "standfirst")


def flat(text: str | None) -> str:
    return re.sub(r"[\W_]+", " ", text or "").casefold().strip()


def differences(dataset: Path, gold_file: Path, decoded: dict[str, list[str]]) -> list[str]:
    """All differences in words. `decoded` holds the lines of each page as a reader of it would see them."""
    gold: dict[str, Any] = json.loads(gold_file.read_text(encoding="utf-8"))
    snapshot = open_dataset(dataset)
    articles = {row["source_path"]: row for row in snapshot.table("articles").to_pylist()}
    removed: dict[str, dict[int, Any]] = {}
    for row in snapshot.table("removed").to_pylist():
        removed.setdefault(row["source_path"], {})[row["line"]] = row
    found: list[str] = []
    for path, page in gold.items():
        article = articles.get(path)
        if article is None:
            found.append(f"{path}: no article")
            continue
        paragraphs = {flat(line) for line in article["text"].split("\n")}
        for number, role in page["lines"]:
            text = decoded[path][number - 1]
            gone = removed.get(path, {}).get(number)
            if role in CONTENT and flat(text) not in paragraphs:
                found.append(f"{path}:{number} lost {role}: {text[:60]!r} ({gone and gone['rule']})")
            if role.startswith("chrome:") and (
                flat(text) in paragraphs or gone is None or not gone["evidence"] or not gone["role"]
            ):
                found.append(f"{path}:{number} left {role}: {text[:60]!r}")
            wanted = page["metadata"].get("fragments", {}).get(str(number))
            if wanted and gone is not None and gone["language"] != wanted:
                found.append(f"{path}:{number} language {gone['language']}, should be {wanted}: {text[:50]!r}")
        found += _metadata_differences(path, article, page["metadata"])
    return found


def _metadata_differences(path: str, article: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    found = []
    if flat(article["title"]) != flat(wanted["title"]):
        found.append(f"{path}: title {article['title']!r}, should be {wanted['title']!r}")
    if [flat(a) for a in article["authors"]] != [flat(a) for a in wanted["authors"]]:
        found.append(f"{path}: authors {article['authors']}, should be {wanted['authors']}")
    if article["language"] != wanted["language"]:
        found.append(f"{path}: language {article['language']}, should be {wanted['language']}")
    have = article["published"].strftime("%Y-%m-%dT%H:%M") if article["published"] else None
    published = wanted["published"]
    if (have or "")[: len(published)] != published if published else have is not None:
        found.append(f"{path}: published {have}, should be {published} ({article['published_raw']})")
    return found
