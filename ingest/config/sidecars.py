"""The setting `sidecars`: the names of files that say something of the pages beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable

SUFFIXES = (".json", ".jsonl", ".ndjson", ".jl")
FORMS = "a file name such as index.jsonl or meta.json, or one with {stem} or {name}, such as {stem}.json"
_FIELDS = re.compile(r"\{(\w*)\}")


def check(patterns: Iterable[str]) -> None:
    """Raises ValueError for what is no value of `sidecars`."""
    for pattern in patterns:
        if not pattern.endswith(SUFFIXES):
            raise ValueError(f"{pattern!r} does not end in {', '.join(SUFFIXES)}; it is {FORMS}")
        if "/" in pattern or "\\" in pattern:
            raise ValueError(f"{pattern!r} is a path; it is {FORMS}")
        if unknown := set(_FIELDS.findall(pattern)) - {"stem", "name"}:
            raise ValueError(f"{pattern!r} has {{{min(unknown)}}}; it is {FORMS}")


def is_of_one_page(pattern: str) -> bool:
    """Whether files of this name are made from the name of a page."""
    return bool(_FIELDS.search(pattern))


def filled(pattern: str, stem: str, name: str) -> str:
    """The name of the sidecar of a page."""
    return pattern.replace("{stem}", stem).replace("{name}", name)
