"""Which site a page is from, by its host or by lines that only that site prints."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.rules._match import Hit, Matcher
from ingest.rules._spec import Signature, SiteSpec

PROOF = 1.0  # summed weight of different signatures that proves a site
_EPSILON = 1e-9


class SiteFinder:
    """The signatures of all site packs. They take part in the generic matching under numbers below zero."""

    def __init__(self, sites: Sequence[SiteSpec], matcher: Matcher) -> None:
        self._hosts = {host.casefold(): site.name for site in sites for host in site.hosts}
        self._signatures: dict[int, tuple[str, Signature]] = {}
        for number, (name, sig) in enumerate(((s.name, sig) for s in sites for sig in s.signatures), start=1):
            self._signatures[-number] = (name, sig)
            if sig.line is not None:
                matcher.add_phrases(-number, "und", [sig.line])
            if sig.pattern is not None:
                matcher.add_patterns(-number, "und", [sig.pattern], 1000)
        self._without_address = {site.name for site in sites if site.without_address}
        self._words = [(n, sig.contains) for n, (_, sig) in self._signatures.items() if sig.contains]

    def by_host(self, host: str | None) -> str | None:
        """Site whose host is `host` or a parent domain of it."""
        parts = (host or "").casefold().rstrip(".").split(".")
        return next((self._hosts[h] for i in range(len(parts)) if (h := ".".join(parts[i:])) in self._hosts), None)

    def by_lines(self, texts: Sequence[str], hits: Sequence[tuple[Hit, ...]], host: str | None) -> str | None:
        """Site with the most signature weight on the page, if that is proof; each signature counts once."""
        seen = {hit.rule for found in hits if found for hit in found if hit.rule < 0}
        whole = "\n".join(texts)
        seen.update(number for number, words in self._words if words in whole)
        weights: dict[str, float] = {}
        for number in sorted(seen, reverse=True):
            name, sig = self._signatures[number]
            if host is None or name not in self._without_address:
                weights[name] = weights.get(name, 0.0) + sig.weight
        best = max(weights, key=lambda name: weights[name], default=None)
        return best if best is not None and weights[best] >= PROOF - _EPSILON else None
