#!/usr/bin/env python3
"""Train the model of sites, and one for each fold that has seen no site of it.

    python scripts/train_site_model.py --data ../shared/data                  # the weights of the package
    python scripts/train_site_model.py --data ../shared/data --folds weights  # and weights/0.npz to 4.npz, to judge by
    python scripts/train_site_model.py --data ../shared/data --line-folds line --dom-folds dom

The models of lines have learned from the same sets, so what they think of a page must come from weights that have not
seen its site: those that `train_line_model.py --folds line` and `train_dom_model.py --folds dom` wrote.

Each Parquet file needs the columns id, site, html, dump, gold_text, gold_title. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingest.models.site_model import WEIGHTS
from ingest.sites.features import N
from scripts.line_model import data
from scripts.site_model import fit, pages
from scripts.site_model.export import arrays_of
from scripts.site_model.fold_models import FoldModels

SETS = ("sites_dev", "press5_dev", "ru_news_dev", "ru_zh_dev", "cyrillic_sites_dev")
LEVEL = 0.5  # probability from which a line is as well kept


def write(model: Any, path: Path) -> None:
    """The weights of a fitted model, with their version."""
    arrays = arrays_of(model, N) | {"level": np.array(math.log(LEVEL / (1 - LEVEL)))}
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
    np.savez_compressed(path, **arrays, version=np.array(f"site-{digest[:12]}"))


def train(folder: Path, sets: Sequence[str], models: FoldModels, seed: int) -> fit.Rows:
    """What the pages of the sets tell, with the models of lines that have not seen them."""
    parts = []
    for mode in pages.FIELDS:
        known = [page for name in sets for page in pages.read(folder / f"{name}.parquet", mode, models)]
        print(f"{mode}: {len(known)} pages", file=sys.stderr, flush=True)
        parts.append(fit.rows_of(known, seed))
    return fit.joined(parts)


def write_folds(rows: fit.Rows, folder: Path, seed: int) -> None:
    """Weights for each fold that have seen no site of it."""
    folder.mkdir(parents=True, exist_ok=True)
    for fold in range(data.FOLDS):
        write(fit.fitted(rows, without=fold, seed=seed), folder / f"{fold}.npz")


def add_line_folds(parser: argparse.ArgumentParser) -> None:
    """Options for the weights of the models of lines."""
    parser.add_argument("--line-folds", type=Path, help="folder of the line model's weights by fold")
    parser.add_argument("--dom-folds", type=Path, help="folder of the weights of the model of HTML by fold")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the page sets")
    parser.add_argument("--sets", default=",".join(SETS), help="names of the Parquet files, comma separated")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--folds", type=Path, help="also write weights for each fold into this folder")
    parser.add_argument("--seed", type=int, default=1, help="of groups, traps and trees")
    add_line_folds(parser)
    args = parser.parse_args()
    rows = train(args.data, args.sets.split(","), FoldModels.read(args.line_folds, args.dom_folds), args.seed)
    write(fit.fitted(rows, seed=args.seed), args.out)
    if args.folds:
        write_folds(rows, args.folds, args.seed)


if __name__ == "__main__":
    main()
