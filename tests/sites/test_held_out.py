"""Judging the model of sites on sites that it has not seen."""

from __future__ import annotations

import importlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sites.test_profiles import page

from ingest.models import site_model
from ingest.models.site_model import SiteModel


def test_pages_are_judged_by_the_weights_of_their_fold(tmp_path: Path) -> None:
    """What the pages of a site share is asked of the weights that have not seen it, and of no others."""
    held_out = importlib.import_module("scripts.site_model.held_out")  # of the scripts mypy reads only what tests name
    rng = random.Random(1)
    pages = [page(rng) for _ in range(6)]
    columns = {
        "site": ["pond.example"] * 6,
        "dump": ["\n".join(lines) for lines in pages],
        "gold_text": ["\n".join(lines[-10:-4]) for lines in pages],
        "gold_title": [None] * 6,
    }
    pq.write_table(pa.table(columns), tmp_path / "ponds.parquet")
    asked, loaded = set(), site_model.load()

    def weights(fold: int) -> SiteModel:
        asked.add(fold)
        return loaded

    judged = held_out.judge(tmp_path / "ponds.parquet", "text", weights)
    assert len(judged) == 6
    assert asked == {held_out.fold_of("pond.example")}
