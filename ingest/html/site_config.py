"""Site rules by others: files of the FiveFilters collection `ftr-site-config`, read from a folder that the user names.

A file is named after its host (`example.org.txt`), or after a domain for all hosts below it (`.example.org.txt`), and
holds lines `directive: value`. Used are `body` (XPath; the first that matches anything wins), `strip` (XPath; all),
`strip_id_or_class` (part of an id or class), `title`, `author` and `date` (XPath to an element or a string; the first
that matches). Lines are not cut out but voted on, like all others. Directives that fetch, replace or tidy are left
alone and noted, as is what cannot be read.

Format: https://help.fivefilters.org/full-text-rss/site-patterns.html
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.errors import ConfigError
from ingest.html.elements import CHOSEN, MARK, STRIPPED
from ingest.metadata.page import text_content

SUFFIX = ".txt"
GLOBAL = "global.txt"

#: Bounds of one file and of what one expression may cost: XPath has no limit of its own.
MAX_BYTES, MAX_EXPRESSION, MAX_EXPRESSIONS, MAX_MATCHES, MAX_ELEMENTS = 200_000, 1_000, 200, 2_000, 100_000

PATHS = ("body", "strip", "title", "author", "date")
# They say how pages are fetched, joined, cleaned or tested; nothing of it is a matter for text that is there already.
_NOT_OURS = frozenset(
    [
        "tidy",
        "prune",
        "autodetect_on_failure",
        "parser",
        "single_page_link",
        "single_page_link_in_feed",
        "next_page_link",
        "http_header",
        "find_string",
        "replace_string",
        "test_url",
        "test_contains",
        "strip_image_src",
        "src_lazy_load_attr",
        "convert_double_br_tags",
        "native_ad_clue",
        "if_page_contains",
        "requires_login",
        "wrap_in",
        "insert_detected_image",
        "skip_json_ld",
        "strip_attr",
        "dissolve",
        "move_into",
        "strip_comments",
        "not_logged_in_xpath",
        "login_uri",
        "login_username_field",
        "login_password_field",
        "login_extra_fields",
        "skip_id_or_class",
        "footnotes",
        "unwrap",
    ]
)
_LINE = re.compile(r"([a-z_]+)(?:\([^)]*\))?\s*:\s*(.*)", re.I)
# axes that look at the whole page from each element: the cost of these grows with the square of the page
_COSTLY = re.compile(r"\b(?:preceding|following)::|//[^/]*\[[^\]]*//[^\]]*\[[^\]]*//")
_PLAIN = re.compile(r"[\w .:-]{1,100}")


@dataclass(frozen=True, slots=True)
class Note:
    """A line of a file that is not used, and why."""

    file: str
    line: int
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text[:80]!r} {self.why}"


@dataclass(slots=True)
class SiteConfig:
    """The rules of one file. Expressions are compiled; `strip_names` are parts of ids or classes."""

    name: str
    paths: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in PATHS})
    strip_names: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def mark(self, tree: Any) -> bool:
        """Mark the elements of the body and those to be stripped in the tree, for `flatten`; whether any was found."""
        if sum(1 for _, _ in zip(tree.iter(), range(MAX_ELEMENTS + 1), strict=False)) > MAX_ELEMENTS:
            return False
        found = next((nodes for path in self.paths["body"] if (nodes := _elements(path, tree))), [])
        for node in found:
            node.set(MARK, str(CHOSEN))
        stripped = [node for path in self.paths["strip"] for node in _elements(path, tree)]
        if self.strip_names:
            stripped += [
                node
                for node in tree.iter(etree.Element)
                if (names := f"{node.get('class') or ''} {node.get('id') or ''}") != " "
                and any(part in names for part in self.strip_names)
            ]
        for node in stripped:
            node.set(MARK, str(STRIPPED))
        return bool(found or stripped)

    def read(self, name: str, tree: Any) -> list[str]:
        """Texts that the first matching path of `title`, `author` or `date` gives."""
        for path in self.paths[name]:
            value = _evaluate(path, tree)
            items = value if isinstance(value, list) else [value]
            texts = [
                text
                for item in items[:20]
                if (text := text_content(item) if etree.iselement(item) else " ".join(str(item).split())[:1000])
            ]
            if texts:
                return texts
        return []


@dataclass(slots=True)
class SiteConfigs:
    """All files of some folders by host; `version` is a hash of their content, "" for none."""

    by_host: dict[str, SiteConfig] = field(default_factory=dict)
    version: str = ""

    def of(self, host: str | None) -> SiteConfig | None:
        """The rules of a host: its own, or those of the nearest domain above it that has any for all below."""
        if not host or not self.by_host:
            return None
        host = host.lower().rstrip(".")
        for name in (host, host.removeprefix("www."), f"www.{host}"):
            if name in self.by_host:
                return self.by_host[name]
        labels = host.split(".")
        domains = [".".join(["", *labels[i:]]) for i in range(len(labels) - 1)]
        return next((self.by_host[name] for name in domains if name in self.by_host), None)

    @property
    def notes(self) -> list[Note]:
        return [note for name in sorted(self.by_host) for note in self.by_host[name].notes]


def load(folders: list[Path]) -> SiteConfigs:
    """Read all files of the folders; of two files for a host that of the later folder counts.

    Raises:
        ConfigError: a folder does not exist or cannot be read.
    """
    result = SiteConfigs()
    digest = hashlib.blake2b(digest_size=8)
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(
                f"{folder}: no folder of site configurations", source=folder, hint="name a folder of files <host>.txt"
            )
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            host = path.name.removesuffix(SUFFIX).lower()
            if path.name == GLOBAL or not path.is_file() or "." not in host:
                continue
            try:
                with path.open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
            except OSError as error:
                raise ConfigError(f"{path}: {error.strerror or error}", source=path) from None
            result.by_host[host] = parse(path.name, data)
            digest.update(f"{host}\0{len(data)}\0".encode() + data)
    result.version = digest.hexdigest() if result.by_host else ""
    return result


def parse(name: str, data: bytes) -> SiteConfig:
    """One file's rules; what cannot be used becomes a note and costs nothing else."""
    config = SiteConfig(name)
    if len(data) > MAX_BYTES:
        config.notes.append(Note(name, 0, "", f"larger than {MAX_BYTES} bytes, not read"))
        return config
    for number, raw in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        line = raw.strip()
        if line and not line.startswith("#") and (why := _take(config, line)):
            config.notes.append(Note(name, number, line, why))
    return config


def _take(config: SiteConfig, line: str) -> str:
    """Add what the line says; gives why it is not used, "" where it is."""
    match = _LINE.fullmatch(line)
    if not match:
        return "is no directive"
    directive, value = match[1].lower(), match[2].strip()
    if directive in _NOT_OURS:
        return "is not used: nothing is fetched or rewritten here"
    if directive == "strip_id_or_class":
        value = value.strip("\"'")
        if not _PLAIN.fullmatch(value):
            return "is no part of an id or class"
        config.strip_names.append(value)
        return ""
    if directive not in PATHS:
        return "is not known"
    if sum(map(len, config.paths.values())) >= MAX_EXPRESSIONS or len(value) > MAX_EXPRESSION:
        return "is too much for one file"
    if _COSTLY.search(value):
        return "would look through the whole page from each element"
    try:
        config.paths[directive].append(etree.XPath(value, smart_strings=False))
    except etree.XPathError as error:
        return f"is no XPath: {error}"
    return ""


def _evaluate(path: Any, tree: Any) -> Any:
    """The value of an expression, [] where it cannot be evaluated (an unknown function or prefix)."""
    try:
        return path(tree)
    except (etree.XPathError, ValueError):
        return []


def _elements(path: Any, tree: Any) -> list[Any]:
    value = _evaluate(path, tree)
    found = value if isinstance(value, list) else []
    return [node for node in found[:MAX_MATCHES] if etree.iselement(node) and isinstance(node.tag, str)]
