"""Which site a page is from, by its host or by lines that only that site prints."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.rules._match import Matcher
from ingest.rules._spec import Signature, SiteSpec

PROOF = 1.0  # summed weight of different signatures that proves a site


class SiteFinder:
    """The signatures of all site packs, compiled together."""

    def __init__(self, sites: Sequence[SiteSpec]) -> None:
        self._hosts = {host.casefold(): site.name for site in sites for host in site.hosts}
        self._signatures: list[tuple[str, Signature]] = [(s.name, sig) for s in sites for sig in s.signatures]
        self._lines = Matcher()
        for i, (_, sig) in enumerate(self._signatures):
            if sig.line is not None:
                self._lines.add_phrases(i, "und", [sig.line])
            if sig.pattern is not None:
                self._lines.add_patterns(i, "und", [sig.pattern], 1000)

    def by_host(self, host: str | None) -> str | None:
        """Site whose host is `host` or a parent domain of it."""
        parts = (host or "").casefold().rstrip(".").split(".")
        return next(
            (self._hosts[h] for i in range(len(parts)) if (h := ".".join(parts[i:])) in self._hosts), None
        )

    def by_lines(self, texts: Sequence[str]) -> str | None:
        """Site with the most signature weight on the page, if that is proof; each signature counts once."""
        seen = {hit.rule for hits in self._lines.match(texts) for hit in hits}
        whole = "\n".join(texts)
        for i, (_, sig) in enumerate(self._signatures):
            if sig.contains is not None and sig.contains in whole:
                seen.add(i)
        weights: dict[str, float] = {}
        for i in sorted(seen):
            name, sig = self._signatures[i]
            weights[name] = weights.get(name, 0.0) + sig.weight
        best = max(weights, key=lambda name: weights[name], default=None)
        return best if best is not None and weights[best] >= PROOF - 1e-9 else None
