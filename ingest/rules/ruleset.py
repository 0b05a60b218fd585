"""All rules together: which lines of a batch they know, and as what."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from ingest.errors import RuleError
from ingest.roles import ROLE_BY_LABEL
from ingest.rules._cases import Case, cases_of
from ingest.rules._match import Hit, Matcher, is_code
from ingest.rules._normal import Folder, normalise_many
from ingest.rules._page import Page, label
from ingest.rules._sites import SiteFinder
from ingest.rules._spec import DECISIVE, RuleFile, RuleSpec, SiteSpec, check, find_files, is_shipped, read_file
from ingest.rules._words import with_words


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the rules say of the n lines of a batch; lines that no rule knows have role 0, score 0, rule None.

    `scope_head` is the row of the line whose block a line belongs to, or -1: for lines that met a rule
    themselves, and for those without verdict. `language` is that of the phrase or pattern (BCP-47) where it
    belongs to one language alone. `named` is the role of the first rule that a line meets by itself, wherever it
    stands.
    """

    role: npt.NDArray[np.int8]
    score: npt.NDArray[np.float32]
    rule: list[str | None]
    scope_head: npt.NDArray[np.int64]
    language: list[str | None]
    named: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule for people: where it stands and what it matches."""

    id: str
    role: str
    scope: str
    position: str
    site: str | None
    file: Path
    score: float
    phrases: dict[str, list[str]]
    patterns: dict[str, list[str]]
    items: list[str]
    note: str


class RuleSet:
    """Rules and site packs, compiled. Made by `load`; immutable."""

    def __init__(self, files: Sequence[RuleFile]) -> None:
        self.files = files = tuple(with_words(files))
        digest = hashlib.sha256()
        self.rules: list[RuleSpec] = []
        self.sites: dict[str, SiteSpec] = {}
        self.date_orders: dict[str, Literal["day", "month"]] = {}  # by site: what comes first in its dates of figures
        self._files: list[RuleFile] = []  # by rule
        self._site_names: list[str | None] = []  # by rule
        self._folder = Folder()
        self._matchers: dict[str | None, Matcher] = {None: Matcher(self._folder)}
        self._items: list[frozenset[str]] = []
        self._number: dict[str, int] = {}
        self._decisive: set[int] = set()
        for file in files:
            digest.update(len(file.content).to_bytes(8, "big") + file.content)
            self._add(file)
        self.version: str = digest.hexdigest()[:16]
        self._saving = frozenset(number for number, rule in enumerate(self.rules) if rule.saves)
        self._finder = SiteFinder(list(self.sites.values()))

    def _add(self, file: RuleFile) -> None:
        site = file.spec.site.name if file.spec.site else None
        if file.spec.site is not None and file.spec.site.date_order is not None:
            self.date_orders[file.spec.site.name] = "day" if file.spec.site.date_order == "dmy" else "month"
        if file.spec.site is not None and not file.spec.site.is_addition:
            if file.spec.site.name in self.sites:
                raise RuleError(
                    f"{file.path}: site {site!r} is there already", source=file.path, hint="give each site one file"
                )
            self.sites[file.spec.site.name] = file.spec.site
        matcher = self._matchers.setdefault(site, Matcher(self._folder))
        for rule in file.spec.rule:
            if rule.id in self._number:
                other = self._files[self._number[rule.id]].path
                raise RuleError(
                    f"{file.path}: rule {rule.id!r} is also in {other}", source=file.path, hint="rename one of them"
                )
            number = self._number[rule.id] = len(self.rules)
            self.rules.append(rule)
            self._files.append(file)
            self._site_names.append(site)
            self._items.append(frozenset(rule.items))
            if rule.score == DECISIVE:
                self._decisive.add(number)
            for language, phrases in rule.phrases.items():
                matcher.add_phrases(number, language, phrases, count=rule.count)
            for language, patterns in rule.patterns.items():
                matcher.add_patterns(number, language, patterns, rule.max_chars)
            if rule.position == "any":
                matcher.joinable.add(number)

    def sites_of(
        self, texts: Sequence[str], offsets: npt.NDArray[np.int64], hosts: Sequence[str | None]
    ) -> list[str | None]:
        """Name of the site pack that each page of a batch belongs to: by its host, else by signature lines, else None;
        page d owns rows `offsets[d]:offsets[d + 1]`.
        """
        finder = self._finder
        bearing = finder.bearing(texts)
        marked = [row for row, text in enumerate(texts) if text in bearing] if bearing else []
        seen: defaultdict[int, set[int]] = defaultdict(set)
        for row, page in zip(marked, np.searchsorted(offsets, marked, side="right").tolist(), strict=True):
            seen[page - 1] |= bearing[texts[row]]
        return [finder.by_host(host) or finder.by_signatures(seen[d], host) for d, host in enumerate(hosts)]

    def site_at(self, host: str) -> str | None:
        """Name of the site pack that a host, or a parent domain of it, belongs to."""
        return self._finder.by_host(host)

    def met(self, texts: Sequence[str]) -> dict[int, tuple[Hit, ...]]:
        """What generic phrases and patterns each line meets by itself, by row; lines without any are left out."""
        found = self._matchers[None].match(self._folder.keys(texts))
        return {row: hits for row, hits in enumerate(found) if hits}

    def apply(
        self,
        texts: Sequence[str],
        offsets: npt.NDArray[np.int64],
        sites: Sequence[str | None],
        met: Mapping[int, tuple[Hit, ...]] | None = None,
    ) -> Verdicts:
        """Label the lines of a batch.

        `texts` are n lines (blank ones ""), page d owns rows `offsets[d]:offsets[d + 1]`, `sites` has one
        name or None per page, `met` is what `met` gave for these lines, where it has been asked. A page's verdicts
        depend on that page alone.
        """
        n = len(texts)
        role, score, named = np.zeros(n, np.int8), np.zeros(n, np.float32), np.zeros(n, np.int8)
        rule: list[str | None] = [None] * n
        language: list[str | None] = [None] * n
        head = np.full(n, -1, np.int64)
        generic = self.met(texts) if met is None else met
        hits: list[tuple[Hit, ...]] = [generic.get(row, ()) for row in range(n)]
        for row, text in enumerate(texts):
            if text and not hits[row]:
                hits[row] = self._matchers[None].glued(text)
        bounds = offsets.tolist()
        for d, site in enumerate(sites):
            rows = range(bounds[d], bounds[d + 1])
            own = self._matchers.get(site) if site is not None else None
            if own is not None:
                keys = self._folder.keys(texts[rows.start : rows.stop])
                for row, found in zip(rows, own.match(keys), strict=True):
                    hits[row] = found + hits[row] if found else hits[row]
            for row in rows:
                if hits[row]:
                    hits[row] = self._of_rules(hits[row], texts[row])
            known = [row for row in rows if hits[row]]
            if not known:
                continue
            named[known] = [ROLE_BY_LABEL[self.rules[hits[row][0].rule].role] for row in known]
            page = Page(texts, rows, hits, known, saving=self._saving)
            for verdict in label(page, self.rules, self._items):
                spec = self.rules[verdict.rule]
                role[verdict.row] = ROLE_BY_LABEL[spec.role]
                score[verdict.row] = spec.score * verdict.factor
                rule[verdict.row] = spec.id
                head[verdict.row] = verdict.head
                language[verdict.row] = verdict.language
        return Verdicts(role, score, rule, head, language, named)

    def named(self, texts: Sequence[str], met: Mapping[int, tuple[Hit, ...]] | None = None) -> npt.NDArray[np.int8]:
        """int8[n]: the role of the first generic rule that each line meets by itself, 0 where it meets none; `met` as
        for `apply`.
        """
        found = np.zeros(len(texts), np.int8)
        for row, hits in (self.met(texts) if met is None else met).items():
            if of_rules := self._of_rules(hits, texts[row]):
                found[row] = ROLE_BY_LABEL[self.rules[of_rules[0].rule].role]
        return found

    def matches(self, line: str, *, site: str | None = None) -> list[str]:
        """Ids of the rules that `line` meets wherever it stands: the site's own first, then generic ones."""
        keys = self._folder.keys([line])
        found: list[Hit] = []
        for name in (site, None) if site is not None else (None,):
            if name in self._matchers:
                found.extend(self._of_rules(self._matchers[name].match(keys)[0], line))
        return [self.rules[hit.rule].id for hit in found]

    def met_by(self, rule_id: str, line: str) -> str | None:
        """What of a rule `line` meets by itself, in words; None where it meets nothing, as a line of a block may."""
        rule = self.rules[self._number[rule_id]]
        key = self._folder.keys([line])[0]
        for language, phrases in rule.phrases.items():
            for phrase, folded in zip(phrases, normalise_many(phrases), strict=True):
                if folded == key or (rule.count and folded in key):
                    return f"phrase «{phrase}» ({language})"
        for language, patterns in rule.patterns.items():
            for pattern in patterns:
                if re.fullmatch(pattern, key):
                    return f"pattern {pattern} ({language})"
        return None

    def explain(self, rule_id: str) -> Explanation:
        """The rule of that id; raises `RuleError` for an unknown one."""
        number = self._number.get(rule_id)
        if number is None:
            raise RuleError(f"no rule {rule_id!r}", hint="`ingest rules list` names all rules")
        r = self.rules[number]
        return Explanation(
            id=r.id, role=r.role, scope=r.scope, position=r.position, site=self._site_names[number],
            file=self._files[number].path, score=r.score, phrases=r.phrases, patterns=r.patterns,
            items=r.items, note=r.note,
        )  # fmt: skip

    def cases(self) -> list[Case]:
        """Each rule's own examples, and each phrase as an example of itself."""
        return [
            case for rule, site, file in zip(self.rules, self._site_names, self._files, strict=True)
            for case in cases_of(rule, site, file.path)
        ]  # fmt: skip

    def failures(self) -> list[Case]:
        """Cases that fail: lines that must go and are not met, lines that must stay and are.

        Raises `RuleError` for a rule that is not as it must be.
        """
        for file in self.files:
            check(file)
        cases = self.cases()
        keys = self._folder.keys([case.text for case in cases])
        generic = self._matchers[None].match(keys)
        failed = []
        for case, key, hits in zip(cases, keys, generic, strict=True):
            own = self._matchers[case.site].match([key])[0] if case.site in self._matchers and case.site else ()
            met = [self.rules[hit.rule] for found in (own, hits) for hit in self._of_rules(found, case.text)]
            # what saves a line is no reason why a rule that removes should not leave it
            if not case.holds([rule.id for rule in met if case.saves or not rule.saves]):
                failed.append(case)
        return failed

    def _of_rules(self, hits: tuple[Hit, ...], line: str) -> tuple[Hit, ...]:
        """Decisive rules first; for lines of code nothing but those."""
        if hits and self._decisive:
            hits = tuple(sorted(hits, key=lambda hit: hit.rule not in self._decisive))
        if hits and is_code(line):
            return tuple(hit for hit in hits if hit.rule in self._decisive)
        return hits


def load(extra: Sequence[Path] = ()) -> RuleSet:
    """Shipped rules, those of installed packs, and `extra` files or folders. Raises `RuleError`. Cached."""
    return _load(tuple(Path(path) for path in extra))


def load_anew(extra: Sequence[Path] = ()) -> RuleSet:
    """`load` without the cache, for files that have just been written."""
    _load.cache_clear()
    return load(extra)


@lru_cache(maxsize=4)
def _load(extra: tuple[Path, ...]) -> RuleSet:
    return RuleSet([_shipped(path) if is_shipped(path) else read_file(path) for path in find_files(extra)])


@cache
def _shipped(path: Path) -> RuleFile:
    return read_file(path, trusted=True)
