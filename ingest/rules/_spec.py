"""What a rule file may say, and its reading with errors that name file, rule and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Literal

import msgspec
import tomli

from ingest import plugins
from ingest.errors import RuleError
from ingest.roles import ROLE_BY_LABEL
from ingest.rules._normal import normalise, normalise_many
from ingest.rules._prefix import anchor

Scope = Literal["line", "block", "to-end"]
Position = Literal["any", "head", "tail"]
_OWN = Path(__file__).parent
_ESCAPE = re.compile(r"\\.")
_ID = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


DECISIVE = 1.0  # score of a person's word about a line, which no other voter outweighs


class RuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule as written. `phrases` and `patterns` are by language (BCP-47, `und` where there is none)."""

    id: str
    role: str
    scope: Scope = "line"
    position: Position = "any"
    phrases: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}  # regular expressions on the normalised line, full match
    items: list[str] = []  # phrases that count only directly below this rule's own line, anywhere on the page
    max_chars: int = 80  # longest normalised line that a pattern may match
    count: bool = False  # phrases match with a number before or behind, too
    drop: list[str] = []
    keep: list[str] = []
    score: float = 0.95
    note: str = ""

    @property
    def saves(self) -> bool:
        """Whether what the rule meets is article text and stays; all other rules name what goes."""
        return ROLE_BY_LABEL[self.role].is_content and self.role not in ("title", "caption")


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Evidence for a site: a whole line, a pattern of one, or words inside one. Weight 1.0 is proof."""

    line: str | None = None
    pattern: str | None = None
    contains: str | None = None
    weight: float = 1.0


class SiteSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A site. With a name alone, the file adds rules to the site of that name, whatever names it."""

    name: str
    hosts: list[str] = []
    signatures: list[Signature] = []
    date_order: Literal["dmy", "mdy"] | None = None
    without_address: bool = False  # signatures tell only of pages whose address is not known

    @property
    def is_addition(self) -> bool:
        return not self.hosts and not self.signatures


class FileSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of rules, of a site, or of one language.

    That of a language holds what its speaker reviews: what the rules of all files match in it, by the rules' ids.
    """

    rule: list[RuleSpec] = []
    site: SiteSpec | None = None
    language: str | None = None  # BCP-47, `und` where there is none
    phrases: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}


class RuleFile(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    spec: FileSpec
    content: bytes


def read_file(path: Path, *, trusted: bool = False) -> RuleFile:
    """Read and check one rule file; raises `RuleError` for anything that is not as it must be.

    Of a `trusted` one only form and types are checked, which saves the compiling of patterns that are never met.
    """
    try:
        content = path.read_bytes()
        spec = msgspec.convert(tomli.loads(content.decode()), FileSpec)
    except OSError as error:
        raise RuleError(
            f"{path}: cannot be read: {error}", source=path, hint="check the path given for rules"
        ) from error
    except (msgspec.ValidationError, ValueError) as error:
        raise RuleError(
            f"{path}: {_named(path, error)}", source=path, hint="see docs/rules.md for the keys and their types"
        ) from error
    file = RuleFile(path=path, spec=spec, content=content)
    if not trusted:
        check(file)
    return file


def is_shipped(path: Path) -> bool:
    """Whether a rule file is one of the package's own, which the tests have checked."""
    return path.is_relative_to(_OWN)


def check(file: RuleFile) -> None:
    """Raise `RuleError` for what the types of a rule file do not tell: ids, roles, cases, patterns, signatures."""
    for rule in file.spec.rule:
        _check(file.path, rule)
        _check_words(file.path, rule.id, chain(*rule.phrases.values()), chain(*rule.patterns.values()))
    for rule_id, phrases in file.spec.phrases.items():
        _check_words(file.path, rule_id, phrases, ())
    for rule_id, patterns in file.spec.patterns.items():
        _check_words(file.path, rule_id, (), patterns)
    if file.spec.site is not None:
        _check_site(file.path, file.spec.site)


def find_files(extra: Sequence[Path]) -> list[Path]:
    """All rule files: the package's own, those of installed packs (by name), then `extra`; each sorted."""
    packs = [_folder_of(plugins.load("rules", name), name) for name in plugins.names("rules")]
    folders = [_OWN, *packs]
    return list(_toml_in([*folders, *extra]))


def _toml_in(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"), key=lambda p: p.relative_to(path).as_posix())
        else:
            yield path


def _folder_of(thing: object, name: str) -> Path:
    if isinstance(thing, (str, Path)):
        return Path(thing)
    if isinstance(thing, ModuleType) and thing.__file__:
        return Path(thing.__file__).parent
    raise RuleError(
        f"entry point {name!r} of group 'ingest.rules' gives {type(thing).__name__}",
        hint="let it name a module beside the TOML files, or a path",
    )


def _named(path: Path, error: Exception) -> str:
    """The message, with the rule's id where the position `$.rule[i]` can be turned into one."""
    message = str(error)
    where = re.search(r"\$\.rule\[(\d+)\]", message)
    if where is None:
        return message
    raw = tomli.loads(path.read_text(encoding="utf-8"))
    rule = raw["rule"][int(where[1])]
    return f"rule {rule.get('id', int(where[1]))!r}: {message}"


def _check_site(path: Path, site: SiteSpec) -> None:
    for sig in site.signatures:
        given = [x for x in (sig.line, sig.pattern, sig.contains) if x]
        if len(given) != 1 or (sig.pattern is not None and _pattern_fault(sig.pattern)):
            raise RuleError(
                f"{path}: site {site.name!r}: bad signature {sig.line or sig.pattern or sig.contains!r}",
                source=path,
                hint="give just one of line, pattern (fixed at one end) and contains",
            )


@cache
def _is_foreign(char: str) -> bool:
    """Whether no normalised line has this letter."""
    return char.isalpha() and normalise(char) != char


def _pattern_fault(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    foreign = sorted(char for char in set(_ESCAPE.sub("", pattern)) if _is_foreign(char))
    if foreign:
        return f"has letters that no normalised line has: {' '.join(foreign)}"
    return "starts and ends with a wildcard" if anchor(pattern) is None else None


def _check(path: Path, rule: RuleSpec) -> None:
    def fail(what: str, hint: str) -> None:
        raise RuleError(f"{path}: rule {rule.id!r}: {what}", source=path, hint=hint)

    if not _ID.fullmatch(rule.id):
        fail("bad id", "use small letters, digits and hyphens in dotted parts, role group first: share.print")
    if rule.role not in ROLE_BY_LABEL:
        fail(f"unknown role {rule.role!r}", f"one of {', '.join(ROLE_BY_LABEL)}")
    if not 0 < rule.score <= 1:
        fail(
            f"score {rule.score} is not in (0, 1]",
            "give the share of matching lines that really have this role",
        )
    if rule.saves and not rule.keep:
        fail("no keep case", "give lines that it must save")
    corrected = rule.score == DECISIVE and not rule.patterns  # whole lines that a person has seen
    if not rule.saves and (not rule.drop or not (rule.keep or corrected)):
        fail("no drop or no keep cases", "give lines that must match, and look-alikes that must not")


def _check_words(path: Path, rule_id: str, phrases: Iterable[str], patterns: Iterable[str]) -> None:
    def fail(what: str, hint: str) -> None:
        raise RuleError(f"{path}: rule {rule_id!r}: {what}", source=path, hint=hint)

    phrases = list(phrases)
    for phrase, key in zip(phrases, normalise_many(phrases), strict=True):
        if not key:
            fail(f"phrase {phrase!r} has no letter or digit", "a phrase is compared without outer punctuation")
    for pattern in patterns:
        fault = _pattern_fault(pattern)
        if fault is not None:
            fail(
                f"pattern {pattern!r}: {fault}",
                "give a regular expression in normalised letters with two fixed characters at one end",
            )
