#!/usr/bin/env python3
"""Train the line model and measure it on sites that it has not seen.

    python scripts/train_line_model.py --data ../shared/data              # folds, figures, then the weights
    python scripts/train_line_model.py --data ../shared/data --no-folds   # the weights only
    python scripts/train_line_model.py --data my/pages --sets mine        # my/pages/mine.parquet, the same columns

Each Parquet file needs the columns id, site, page_type, html, dump, dump_main, gold_text, gold_title (html,
dump_main and gold_title may be null). Needs torch, pyarrow, lxml. One thread; labels and features are cached
in `--cache`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.line_model import data, export, figures, study

WEIGHTS = Path(__file__).resolve().parents[1] / "ingest" / "models" / "line_model.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the page sets")
    parser.add_argument("--sets", default=",".join(data.SETS), help="names of the Parquet files, comma separated")
    parser.add_argument(
        "--judged",
        default=",".join(data.JUDGED),
        help="sets that are measured on but not trained on, where they are there",
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "linemodel")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--no-folds", action="store_true", help="no measuring and no calibration: the final weights only"
    )
    parser.add_argument("--folds", type=Path, help="also write the models of the folds, into this folder")
    parser.add_argument("--figures", type=Path, help="write the figures as JSON")
    args = parser.parse_args()

    judged = [name for name in args.judged.split(",") if not args.no_folds and (args.data / f"{name}.parquet").exists()]
    pages = study.Pages.load(args.data, args.sets.split(","), args.cache, judged)
    calibration = study.DEFAULT_CALIBRATION
    if not args.no_folds:
        held_out, models = study.cross_validate(pages, epochs=args.epochs, seed=args.seed)
        calibration = study.calibrate(pages, held_out)
        found = figures.figures(pages, held_out, calibration)
        weights = study.exported(models, calibration)
        found |= figures.score_renderings(pages, weights)
        for fold, model in enumerate(models if args.folds else []):
            args.folds.mkdir(parents=True, exist_ok=True)
            export.write(export.arrays_of(model, calibration, study.DEFAULT_THRESHOLDS), args.folds / f"{fold}.npz")
        print(json.dumps(found, indent=1, ensure_ascii=False))
        if args.figures:
            args.figures.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    fitted = study.train(pages, lambda page: True, epochs=args.epochs, seed=args.seed)
    size = export.write(export.arrays_of(fitted, calibration, study.DEFAULT_THRESHOLDS), args.out)
    print(f"{args.out}: {size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
