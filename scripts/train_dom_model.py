#!/usr/bin/env python3
"""Train the line model of HTML pages and measure it, the extractor and the gate on sites that it has not seen.

    python scripts/train_dom_model.py --data ../shared/data                     # folds, figures, then the weights
    python scripts/train_dom_model.py --data ../shared/data --no-folds          # the weights only
    python scripts/train_dom_model.py --data my/pages --sets mine               # my/pages/mine.parquet

Each Parquet file needs the columns id, site, url, page_type, html, gold_text, gold_title. Needs torch, pyarrow, lxml,
trafilatura. One thread; labels, evidence and trafilatura's choice are cached in `--cache`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.line_model import dom_figures, dom_study, export

WEIGHTS = Path(__file__).resolve().parents[1] / "ingest" / "models" / "dom_model.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the page sets")
    parser.add_argument("--sets", default=",".join(dom_study.SETS), help="names of the Parquet files, comma separated")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "linemodel")
    parser.add_argument("--epochs", type=int, default=dom_study.EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-folds", action="store_true", help="no measuring and no calibration: the weights only")
    parser.add_argument("--figures", type=Path, help="write the figures as JSON")
    parser.add_argument("--folds", type=Path, help="also write the models of the folds, into this folder")
    args = parser.parse_args()

    pages = dom_study.HtmlPages.load(args.data, args.sets.split(","), args.cache)
    calibration = dom_study.DEFAULT_CALIBRATION
    if not args.no_folds:
        verdicts, models = dom_study.cross_validate(pages, epochs=args.epochs, seed=args.seed)
        calibration = dom_study.calibrate(pages, verdicts)
        language = dom_figures.languages(args.data, list(pages.sets))
        figures = dom_figures.figures(pages, verdicts, calibration, dom_study.DEFAULT_THRESHOLDS[1], language)
        print(json.dumps(figures, indent=1, ensure_ascii=False))
        if args.figures:
            args.figures.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
        for fold, model in enumerate(models if args.folds else ()):
            args.folds.mkdir(parents=True, exist_ok=True)
            write(model, calibration, args.folds / f"{fold}.npz")
    fitted = dom_study.train(pages, lambda page: True, epochs=args.epochs, seed=args.seed)
    print(f"{args.out}: {write(fitted, calibration, args.out) / 1e3:.0f} kB")


def write(model: dom_study.HtmlFitted, calibration: tuple[float, float], path: Path) -> int:
    arrays = export.arrays_of(model.fitted, calibration, dom_study.DEFAULT_THRESHOLDS, model.names)
    return export.write(arrays, path)


if __name__ == "__main__":
    main()
