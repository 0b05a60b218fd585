"""Pages without a URL: those that share boilerplate lines are pages of one site.

Pages are linked where they share at least `MIN_SPECIFIC` specific lines, or `MIN_SHARED` lines that make up half of
what stands outside the paragraphs of the shorter page; sites are the connected components. Not all pairs of pages are
compared: of each repeated line only pages near each other in the order of the input, which is linear in the input and
suffices, as pages of one site share the same lines.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.sites.fingerprint import PARAGRAPH_BIT, SPECIFIC_BIT

MIN_SPECIFIC = 2
MIN_SHARED = 3
MIN_SHARE = 0.5
NEIGHBOURS = 3


def cluster(
    fingerprints: npt.NDArray[np.uint64],
    page: npt.NDArray[np.int64],
    identities: npt.NDArray[np.uint64],
    generic: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """int64[n_pages]: the number of each page's cluster, -1 for pages that share nothing.

    Args:
        fingerprints: uint64[n], lines of all pages one after the other.
        page: int64[n], ascending: the page of each line.
        identities: uint64[n_pages]; copies of one article are not evidence for a site, whatever they share.
        generic: sorted fingerprints (without shape bits) of phrases that many sites have.
    """
    n_pages = len(identities)
    outside = (fingerprints & PARAGRAPH_BIT) == 0
    pairs = np.unique(np.stack([fingerprints[outside].astype(np.int64), page[outside]], axis=1), axis=0)
    lines_per_page = np.bincount(pairs[:, 1], minlength=n_pages)
    specific_line = (pairs[:, 0].astype(np.uint64) & SPECIFIC_BIT) != 0
    specific_line &= ~np.isin(pairs[:, 0].astype(np.uint64) & ~np.uint64(3), generic)

    links = []
    for distance in range(1, NEIGHBOURS + 1):
        same = pairs[distance:, 0] == pairs[:-distance, 0]
        left, right = pairs[:-distance, 1][same], pairs[distance:, 1][same]
        links.append(np.stack([left, right, specific_line[distance:][same]], axis=1))
    found = np.concatenate(links) if links else np.empty((0, 3), np.int64)
    keys, inverse, shared = np.unique(found[:, :2], axis=0, return_inverse=True, return_counts=True)
    if not len(keys):
        return np.full(n_pages, -1, np.int64)
    specific = np.bincount(inverse.reshape(-1), weights=found[:, 2])
    shorter = np.minimum(lines_per_page[keys[:, 0]], lines_per_page[keys[:, 1]])
    linked = (specific >= MIN_SPECIFIC) | ((shared >= MIN_SHARED) & (shared >= MIN_SHARE * shorter))
    linked &= identities[keys[:, 0]] != identities[keys[:, 1]]
    return _components(n_pages, keys[linked])


def _components(n: int, links: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Connected components by union-find; the smallest member names the component, -1 for single ones."""
    parent = list(range(n))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in links.tolist():
        a, b = root(left), root(right)
        if a != b:
            parent[max(a, b)] = min(a, b)
    roots = np.array([root(node) for node in range(n)], np.int64)
    single = np.bincount(roots, minlength=n)[roots] == 1
    return np.where(single, -1, roots)
