"""Which site a page is from, by its host or by lines that only that site prints.

Few pages are from a site that has a pack, so all lines are first searched as a whole for the words of any signature.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ingest.rules._match import Matcher
from ingest.rules._normal import Folder, fold_letters, normalise
from ingest.rules._prefix import literal_start
from ingest.rules._spec import Signature, SiteSpec

PROOF = 1.0  # summed weight of different signatures that proves a site
_EPSILON = 1e-9
_WORD = re.compile(r"[^\W\d_]+")


class SiteFinder:
    """The signatures of all site packs, numbered."""

    def __init__(self, sites: Sequence[SiteSpec]) -> None:
        self._hosts = {host.casefold(): site.name for site in sites for host in site.hosts}
        self._signatures: dict[int, tuple[str, Signature]] = {}
        self._folder = Folder()
        self._matcher = Matcher(self._folder)
        needed: set[str] = set()  # what begins each line that bears a signature
        for number, (name, sig) in enumerate((s.name, sig) for s in sites for sig in s.signatures):
            self._signatures[number] = (name, sig)
            if sig.line is not None:
                self._matcher.add_phrases(number, "und", [sig.line])
                needed.add(normalise(sig.line))
            if sig.pattern is not None:
                self._matcher.add_patterns(number, "und", [sig.pattern], 1000)
                needed.add(literal_start(sig.pattern))
        self._needed = _by_longest(needed)
        self._without_address = {site.name for site in sites if site.without_address}
        self._words = [(n, sig.contains) for n, (_, sig) in self._signatures.items() if sig.contains]

    def by_host(self, host: str | None) -> str | None:
        """Site whose host is `host` or a parent domain of it."""
        parts = (host or "").casefold().rstrip(".").split(".")
        return next((self._hosts[h] for i in range(len(parts)) if (h := ".".join(parts[i:])) in self._hosts), None)

    def bearing(self, texts: Iterable[str]) -> dict[str, frozenset[int]]:
        """Which of some lines bear signatures, and the numbers of these."""
        found: dict[str, set[int]] = {}
        unique = dict.fromkeys(text for text in texts if "\n" not in text)  # those that are lines
        for ascii_ in (True, False):  # one letter beyond ASCII makes all work on the joined text slower
            lines = [line for line in unique if line.isascii() is ascii_]
            whole = "\n".join(lines)
            for number, words in self._words:
                if words in whole:
                    for line in (line for line in lines if words in line):
                        found.setdefault(line, set()).add(number)
            likely = [lines[place] for place in self._likely(fold_letters(whole))] if lines and self._needed else []
            for line, hits in zip(likely, self._matcher.match(self._folder.keys(likely)), strict=True):
                if hits:
                    found.setdefault(line, set()).update(hit.rule for hit in hits)
        return {line: frozenset(numbers) for line, numbers in found.items()}

    def _likely(self, folded: str) -> list[int]:
        """The numbers of the lines that hold the words of some signature in a row."""
        if "" in self._needed:
            return list(range(folded.count("\n") + 1))
        at = {
            match.start()
            for longest, words in self._needed.items()
            if longest in folded
            for match in words.finditer(folded)
        }
        if not at:
            return []
        ends = [match.start() for match in re.finditer("\n", folded)]
        return sorted({bisect_left(ends, place) for place in at})

    def by_signatures(self, seen: Iterable[int], host: str | None) -> str | None:
        """Site with the most weight among the signatures on a page, if that is proof; each signature counts once."""
        weights: dict[str, float] = {}
        for number in sorted(set(seen)):
            name, sig = self._signatures[number]
            if host is None or name not in self._without_address:
                weights[name] = weights.get(name, 0.0) + sig.weight
        best = max(weights, key=lambda name: weights[name], default=None)
        return best if best is not None and weights[best] >= PROOF - _EPSILON else None


def _by_longest(texts: Iterable[str]) -> dict[str, re.Pattern[str]]:
    """By their longest word, a pattern for the words of the texts in a row, on one line."""
    found: dict[str, list[str]] = {}
    for text in sorted(texts):
        words = _WORD.findall(text)
        found.setdefault(max(words, key=len, default=""), []).append(r"(?:[^\w\n]|[\d_])+".join(words))
    return {longest: re.compile("|".join(patterns)) for longest, patterns in found.items()}
