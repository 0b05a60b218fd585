"""Contributions that were merged in a tree, and cut down on the way, make the profiles that all of them make."""

from __future__ import annotations

from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ingest.lines.fingerprints import marks
from ingest.lines.scan import scan
from ingest.sites import freeze, freezing
from ingest.sites.contributions import SCHEMA
from ingest.sites.page_lines import sizes

GENERIC = np.empty(0, np.uint64)
TEXTS = 40


def contributed(draw: Random, pages: int) -> pa.Table:
    """Pages of four sites and of nobody's, with lines that repeat, and copies among them."""
    rows = []
    for _ in range(pages):
        site, text = draw.choice([None, "a", "b", "c", "d", "d"]), draw.randrange(TEXTS)
        body = [f"Sentence {number} of {text}, which is long enough." for number in range(3)]
        found = marks(scan([f"Home of {site}", "News | Sport", *body, f"Footer {draw.randrange(3)} of {site}"]))
        rows.append(
            {
                "digest": f"source {draw.randrange(4)}",
                "page": f"{draw.randrange(1 << 40):010x}",
                "site": site,
                "identity": text,
                "lines": found.line,
                "masks": found.mask,
                "exacts": found.exact,
                "places": np.zeros(len(found.line), np.uint64),
                "opinions": np.full(len(found.line), 128 + text, np.uint8),
                "sizes": sizes(found.size),
                "head_day_first": text % 2,
                "head_month_first": text % 3,
            }
        )
    return pa.Table.from_pylist(rows, SCHEMA)


@pytest.mark.parametrize("sample", [3, 4096])
@pytest.mark.parametrize("seed", range(5))
def test_a_tree_of_merges_loses_nothing_that_counts(seed: int, sample: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the shape of the tree, profiles and the names of unnamed pages are the same, from fewer pages."""
    monkeypatch.setattr(freezing, "SAMPLE", sample)
    draw = Random(seed)
    tables = [contributed(draw, draw.randrange(60)) for _ in range(9)]
    whole = freeze(tables, GENERIC)
    while len(tables) > 1:
        first, second, *others = draw.sample(tables, len(tables))
        tables = [*others, freezing.reduced([first, second])]
    tree = freeze(tables, GENERIC)
    assert (tree.version, tree.unnamed) == (whole.version, whole.unnamed)
    assert tree.sites.keys() == whole.sites.keys() >= {"a", "b", "c", "d"}
    named = tables[0].filter(pc.is_valid(tables[0]["site"]))
    assert len(named) <= 4 * min(sample, TEXTS)


def test_nothing_reduces_to_nothing() -> None:
    """No contributions at all are no trouble."""
    assert len(freezing.reduced([])) == 0
