"""Pages with aligned labels, from the Parquet page sets; cached, since HTML parsing and alignment take
minutes.
"""

from __future__ import annotations

import ast
import hashlib
import pickle
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pyarrow.parquet as pq

from ingest.roles import Role
from scripts.line_model import labels, weak_roles

T = TypeVar("T")

FOLDS = 5
SETS = (
    "wcxb_dev", "news_dev", "news_history_dev", "ru_news_dev", "ru_zh_dev", "press5_dev", "parsers_dev",
    "libraries_dev", "romance_silver", "sites_dev", "cyrillic_sites_dev",
)  # fmt: skip
JUDGED = ("kk_authored_dev",)  # measured on, never trained on
APART = {"kenesh.kg": 1, "duma.gov.ru": 2}  # the sites with labels in the body: each is judged by the other


@dataclass(slots=True)
class Page:
    """One flattened page with its labels.

    words, kept: per line, words it has and those of them that are article text · role: per line, a `Role`
    value, 0 where unknown · gold: the article text.
    """

    set: str
    id: str
    site: str
    type: str
    rendering: str  # "dump" or "dump_main"
    lines: list[str]
    words: list[int]
    kept: list[int]
    role: list[int]
    gold: str
    title: str | None


def domain_of(site: str) -> str:
    """The registrable domain, near enough."""
    parts = site.lower().partition(":")[0].split(".")
    second = len(parts) > 2 and parts[-2] in ("co", "com", "gov", "org", "net", "edu", "ac")
    return ".".join(parts[-3 if second else -2 :])


def fold_of(site: str) -> int:
    """The fold of a site, the same for all sites of a domain, in every set and for every model."""
    domain = "duma.gov.ru" if site.endswith("duma.gov.ru") else domain_of(site)
    return APART.get(domain, zlib.crc32(domain_of(site).encode()) % FOLDS)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def label_page(lines: list[str], gold: str, title: str | None, markup: dict[str, Role]) -> tuple[list[int], ...]:
    """(words, kept, role) per line."""
    aligned = labels.align(lines, gold)
    title_plain = _plain(title or "")
    first_body = next((i for i, (n, k) in enumerate(aligned) if n > 25 and k > 0.6 * n), len(lines))
    role: list[int] = []
    for i, (line, (n, kept)) in enumerate(zip(lines, aligned, strict=True)):
        if not n and not line.strip():
            role.append(0)
        elif title_plain and n > 1 and i <= first_body and _plain(line) == title_plain:
            role.append(Role.TITLE)
        elif kept > 0.5 * n:
            guess = weak_roles.weak_role(line, markup) if n < 60 else Role.UNKNOWN
            role.append(Role.CAPTION if guess is Role.CAPTION else Role.BODY)
        else:
            role.append(weak_roles.weak_role(line, markup))
    return [n for n, _ in aligned], [k for _, k in aligned], role


def _read(path: Path) -> Iterator[Page]:
    table = pq.ParquetFile(path)
    for batch in table.iter_batches(64):
        for row in batch.to_pylist():
            if not row["gold_text"]:
                continue
            markup = weak_roles.markup_roles(row["html"] or "")
            for rendering in ("dump", "dump_main"):
                text = row[rendering]
                if not text:
                    continue
                lines = text.split("\n")
                words, kept, role = label_page(lines, row["gold_text"], row["gold_title"], markup)
                yield Page(
                    set=path.stem,
                    id=row["id"],
                    site=row["site"] or row["id"],
                    type=row["page_type"],
                    rendering=rendering,
                    lines=lines,
                    words=words,
                    kept=kept,
                    role=role,
                    gold=row["gold_text"],
                    title=row["gold_title"],
                )


def digest_of(*modules: ModuleType) -> str:
    """Digest of what the modules do: their syntax trees without docstrings, so that comments and layout are
    free.
    """
    digest = hashlib.sha256()
    for module in modules:
        tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [x for x in body if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:16]


def load(data: Path, name: str, cache: Path) -> list[Page]:
    """All labelled pages of one set, from the cache where file and labelling code are unchanged."""
    path = data / f"{name}.parquet"
    return cached(
        cache / f"{name}-{path.stat().st_size}-{digest_of(labels, weak_roles)}.pickle", lambda: list(_read(path))
    )


def cached(file: Path, make: Callable[[], T]) -> T:
    """What the file holds, or what is made now, and then kept in it."""
    if file.exists():
        with file.open("rb") as source:
            kept: T = pickle.load(source)
        return kept
    file.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    with file.open("wb") as out:
        pickle.dump(made, out)
    return made
