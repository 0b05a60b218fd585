"""The site table: the largest sites of a dataset, each in one row."""

from __future__ import annotations

import numpy as np

from ingest.report.content import Site
from ingest.report.index import UNTITLED, Index, month

SITES = 300  # rows of the site table: the largest, and those that jumped


def site_table(index: Index, wanted: set[str]) -> list[Site]:
    """The largest sites, and the wanted ones."""
    n = len(index.sites)
    articles = np.bincount(index.site, minlength=n)
    share = np.bincount(index.site, weights=index.share, minlength=n)
    words = np.bincount(index.site, weights=index.words, minlength=n)
    untitled = np.bincount(index.site[index.flags & UNTITLED > 0], minlength=n)
    undated = np.bincount(index.site[index.month < 0], minlength=n)
    largest = np.argsort(-articles, kind="stable")[:SITES].tolist()
    chosen = [s for s in largest if articles[s]] + [s for s, name in enumerate(index.sites) if name in wanted]
    of_chosen = np.isin(index.site, chosen)
    pairs, counts = np.unique(np.stack([index.site[of_chosen], index.language[of_chosen]]), axis=1, return_counts=True)
    language: dict[int, tuple[int, str]] = {}
    for (site, label), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
        language[site] = max(language.get(site, (0, "")), (count, index.languages[label]))
    dated = index.month >= 0
    first, last = np.full(n, 32_000), np.full(n, -1)
    np.minimum.at(first, index.site[dated], index.month[dated])
    np.maximum.at(last, index.site[dated], index.month[dated])
    return [
        Site(
            index.sites[s],
            int(articles[s]),
            float(share[s] / articles[s]),
            float(words[s] / articles[s]),
            language[s][1],
            int(untitled[s]),
            int(undated[s]),
            month(int(first[s])) if last[s] >= 0 else "",
            month(int(last[s])) if last[s] >= 0 else "",
        )
        for s in dict.fromkeys(chosen)
        if articles[s]
    ]
