#!/usr/bin/env python3
"""Judge the model of sites on sites that it has not seen: the whole program, each page by the weights of its fold.

    python scripts/judge_site_model.py --data ../shared/data                        # trains the folds first
    python scripts/judge_site_model.py --data ../shared/data --weights folds        # those of `train_site_model.py`
    python scripts/judge_site_model.py --data ../shared/data --weights folds --mode html --per-site 5 --worst 10
    python scripts/judge_site_model.py --data ../shared/data --weights folds --line-folds line --dom-folds dom

Prints the figures of `../shared/bench/sites.py` for each set, and the sites that are furthest below the crude rule.
Training needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.site_model import held_out
from scripts.site_model.fold_models import FoldModels
from scripts.site_model.pages import FIELDS
from scripts.train_site_model import SETS, add_line_folds, train, write_folds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the page sets")
    parser.add_argument("--sets", default=",".join(SETS), help="names of the Parquet files, comma separated")
    parser.add_argument("--mode", default="text", choices=FIELDS)
    parser.add_argument("--weights", type=Path, help="folder of the weights of the folds; else they are trained")
    parser.add_argument("--seed", type=int, default=1, help="by which weights are trained")
    add_line_folds(parser)
    parser.add_argument("--per-site", type=int, default=0, help="at most so many pages of each site")
    parser.add_argument(
        "--worst", type=int, default=0, help="print so many sites, the furthest below the crude rule first"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.weights is None:
            args.weights = Path(folder, "weights")
            of_lines = FoldModels.read(args.line_folds, args.dom_folds)
            write_folds(train(args.data, SETS, of_lines, args.seed), args.weights, args.seed)
        models = FoldModels.read(args.line_folds, args.dom_folds, args.weights)
        for name in args.sets.split(","):
            path = args.data / f"{name}.parquet"
            judged = held_out.judge(path, args.mode, models, per_site=args.per_site, shelf=Path(folder, "shelf"))
            for site, f1, after, crude, pages in held_out.by_site(judged)[: args.worst]:
                print(
                    f"  {site}: {pages} pages, F1 {f1:.3f}, after the crude rule {after:.3f}, by it alone {crude:.3f}"
                )
            figures = {key: round(value, 4) for key, value in held_out.summary(judged).items()}
            print(json.dumps({"set": name, "mode": args.mode} | figures), flush=True)


if __name__ == "__main__":
    main()
