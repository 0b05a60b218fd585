"""A page as it was, put together again from the rows of the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import msgspec


class PageLine(msgspec.Struct, array_like=True):
    """One line of the page. `kept` lines are in the text; `line` is 1-based.

    `cut` is what trimming took off a kept line, `mended_from` the line before its characters were repaired.
    """

    line: int
    kept: bool
    text: str
    role: str = ""
    evidence: str = ""
    rule: str = ""
    score: float | None = None
    language: str = ""
    cut: str | None = None
    mended_from: str | None = None


def rebuild(article: Mapping[str, Any] | None, removed: Iterable[Mapping[str, Any]]) -> tuple[list[PageLine], bool]:
    """The lines of a page in its order, and whether that order is exact.

    Args:
        article: row of `articles`, None for a record that became no article; then there are only removed lines.
        removed: its rows of `removed`, in any order.

    Blank lines are in no table. A paragraph that was wrapped over several lines is one line here. The order is a guess
    for rows written before `text_lines` was kept: then the text goes where most lines are missing.
    """
    removed = sorted(removed, key=lambda row: row["line"])
    gone = [_removed_line(row) for row in removed if row["altered_to"] is None]
    kept, exact = _kept_lines(article, [line.line for line in gone])
    lines = sorted([*gone, *kept], key=lambda line: line.line)
    place = {line.line: line for line in lines}
    for row in removed:
        line = place.get(row["line"])
        if line is None or row["altered_to"] is None:
            continue
        if row["stage"] == "repair":
            line.mended_from = row["text"]
        else:
            line.cut, line.role, line.rule = row["text"], row["role"], row["rule"] or ""
    return lines, exact


def _removed_line(row: Mapping[str, Any]) -> PageLine:
    return PageLine(
        row["line"],
        False,
        row["text"],
        row["role"],
        row["evidence"] or "",
        row["rule"] or "",
        None if row["score"] is None else round(row["score"], 3),
        row["language"] or "",
    )


def _kept_lines(article: Mapping[str, Any] | None, gone: list[int]) -> tuple[list[PageLine], bool]:
    if article is None or not article["text"]:
        return [], True
    paragraphs = article["text"].split("\n\n")
    numbers = article.get("text_lines")
    if numbers is not None and len(numbers) == len(paragraphs):
        return [PageLine(number, True, text) for number, text in zip(numbers, paragraphs, strict=True)], True
    gaps = pairwise([0, *gone, (gone[-1] if gone else 0) + len(paragraphs) + 1])
    first = max(gaps, key=lambda gap: gap[1] - gap[0])[0]
    return [PageLine(first, True, text) for text in paragraphs], False
