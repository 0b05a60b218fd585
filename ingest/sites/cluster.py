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
        page: int64[n], the page of each line.
        identities: uint64[n_pages]; copies of one article are not evidence for a site, whatever they share.
        generic: sorted fingerprints (without shape bits) of phrases that many sites have.
    """
    n_pages = len(identities)
    outside = (fingerprints & PARAGRAPH_BIT) == 0
    line, of = fingerprints[outside], page[outside]
    order = np.lexsort((of, line))
    line, of = line[order], of[order]
    once = np.ones(len(line), bool)
    once[1:] = (line[1:] != line[:-1]) | (of[1:] != of[:-1])
    line, of = line[once], of[once]
    lines_per_page = np.bincount(of, minlength=n_pages)
    specific_line = (line & SPECIFIC_BIT) != 0
    specific_line &= ~np.isin(line & ~np.uint64(3), generic)

    pairs, specifics = [], []
    for distance in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(line[distance:] == line[:-distance])
        pairs.append(of[same] * n_pages + of[same + distance])  # as one number, which sorts faster
        specifics.append(specific_line[same])
    keys, inverse, shared = np.unique(np.concatenate(pairs), return_inverse=True, return_counts=True)
    if not len(keys):
        return np.full(n_pages, -1, np.int64)
    left, right = np.divmod(keys, n_pages)
    specific = np.bincount(inverse.reshape(-1), weights=np.concatenate(specifics))
    shorter = np.minimum(lines_per_page[left], lines_per_page[right])
    linked = (specific >= MIN_SPECIFIC) | ((shared >= MIN_SHARED) & (shared >= MIN_SHARE * shorter))
    linked &= identities[left] != identities[right]
    return _components(n_pages, np.stack([left[linked], right[linked]], axis=1))


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
