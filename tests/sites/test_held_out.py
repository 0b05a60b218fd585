"""Judging the model of sites on sites that it has not seen."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sites.test_profiles import page

from ingest.models import dom_model, line_model, site_model


def test_pages_are_judged_by_the_weights_of_their_fold(tmp_path: Path) -> None:
    """What the pages of a site share is asked of the weights that have not seen it, and of no others."""
    fold_models = importlib.import_module("scripts.site_model.fold_models")
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
    asked: set[tuple[str, int]] = set()

    class Noted(dict[int, Any]):
        """By fold, the package's model, and a note that it was asked for."""

        def __init__(self, module: Any) -> None:
            super().__init__({fold: module.load() for fold in range(5)})
            self.kind = module.__name__.rpartition(".")[2]

        def __getitem__(self, fold: int) -> Any:
            asked.add((self.kind, fold))
            return super().__getitem__(fold)

    models = fold_models.FoldModels(Noted(line_model), Noted(dom_model), Noted(site_model))
    judged = held_out.judge(tmp_path / "ponds.parquet", "text", models)
    fold = held_out.fold_of("pond.example")
    assert len(judged) == 6
    assert asked == {("line_model", fold), ("dom_model", fold), ("site_model", fold)}


def test_a_fold_without_weights_is_an_error(tmp_path: Path) -> None:
    """A folder that lacks the weights of a fold is no ground to judge by other weights."""
    fold_models = importlib.import_module("scripts.site_model.fold_models")
    with pytest.raises(FileNotFoundError):
        fold_models.FoldModels.read(site=tmp_path)
