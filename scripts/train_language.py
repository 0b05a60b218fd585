"""Train the n-gram model of `ingest.language` from the training lines of ../shared/data/lid/train.

One softmax regression for each script over the hashed features of `ingest.language.features`, by Adam on random
fragments of the lines: single words, runs of two to five words, whole lines. Dropping features at random and leaving
out the whole-word feature half of the time keeps the n-grams fit for words that were never seen.

Needs NumPy and SciPy. The same seed and the same data give the same weights on the same machine.
"""

from __future__ import annotations

import argparse
import gzip
import time
import unicodedata
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from ingest.language.alphabet import Script
from ingest.language.features import hash_words
from ingest.language.words import words_of
from ingest.lines import scan

# fmt: off
LATIN = [
    "kk-Latn", "uz", "tr", "az", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sl", "hr",
    "sr-Latn", "ro", "hu", "sv", "da", "nb", "fi", "et", "lv", "lt", "vi", "id", "ca", "sq",
]
# fmt: on
# Bits of a bucket, epochs, share of the n-grams dropped at random, labels.
GROUPS: dict[Script, tuple[int, int, float, list[str]]] = {
    Script.CYRILLIC: (
        17,
        6,
        0.5,
        ["kk", "ru", "uk", "be", "bg", "mk", "sr", "mn", "tg", "ky", "tt", "ba", "uz-Cyrl", "cv", "sah"],
    ),
    Script.LATIN: (16, 4, 0.3, LATIN),
    Script.ARABIC: (15, 6, 0.3, ["kk-Arab", "ar", "fa", "ur", "ug", "ckb"]),
    Script.CJK: (13, 6, 0.3, ["zh", "ja"]),
}
UNCLIPPED = 0.99998  # share of the weights that eight bits hold as they are; letters of one language weigh most
HELD_OUT = 25  # one line in so many, chosen by its checksum, is never trained on
FAVOURED = {
    "kk": 2.0,
    "ru": 1.6,
    "en": 1.5,
    "hr": 1.3,
    "sr-Latn": 0.6,
    "az": 1.6,
    "ca": 1.2,
}  # examples of a label relative to the others

# Nats that a label has before the first letter of a text without context: this project reads Kazakh and Russian pages.
PRIOR = {"kk": 2.5, "ru": 1.8, "hr": 1.0, "cv": -1.0, "sah": -1.0, "ckb": -1.0}

_SERBIAN = "аa бb вv гg дd ђđ еe жž зz иi јj кk лl љlj мm нn њnj оo пp рr сs тt ћć уu фf хh цc чč џdž шš"
SERBIAN = {pair[0]: pair[1:] for pair in _SERBIAN.split()}
# What Kazakh letters become where a font, a keyboard or a code page lacks them.
LOSSES = {
    "russian": dict(zip("әіңғүұқөһ", "аингуукох", strict=True)),
    "question": dict.fromkeys("әіңғүұқөһ", "?"),
    "font": dict(zip("әіңғүұқөһ", "єіѕѓїўќґћ", strict=True)),
    "mixed": dict(zip("әңғүұқ", "энгууқ", strict=True)),
}
BARE = ("cs", "sk", "pl", "hu", "ro", "tr", "hr", "sl", "lt", "lv")  # often typed without their marks
BARE_SHARE = 0.06
LOST_SHARE = {"russian": 0.10, "question": 0.03, "font": 0.04, "mixed": 0.02}


def replace_letters(text: str, table: dict[str, str]) -> str:
    both = table | {a.upper(): b.capitalize() for a, b in table.items()}
    return text.translate(str.maketrans(both))


def without_marks(text: str) -> str:
    """`text` as typed on a keyboard without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def read_lines(folder: Path, label: str) -> list[str]:
    source = "sr" if label == "sr-Latn" else label
    with gzip.open(folder / f"{source}.txt.gz", "rt", encoding="utf-8") as file:
        lines = list(dict.fromkeys(line.strip() for line in file if line.strip()))
    return [replace_letters(line, SERBIAN) for line in lines] if label == "sr-Latn" else lines


def with_losses(lines: list[str], label: str, rng: np.random.Generator) -> list[str]:
    """`lines` and ruined copies of some of them, for the labels whose letters get lost."""
    if label in BARE:
        return lines + [without_marks(lines[i]) for i in rng.permutation(len(lines))[: int(BARE_SHARE * len(lines))]]
    if label not in ("kk", "ky", "tt", "ba"):
        return lines
    more = []
    for name, share in LOST_SHARE.items():
        if label != "kk" and name != "russian":
            continue
        chosen = rng.permutation(len(lines))[: int(share * len(lines))]
        more += [replace_letters(lines[i], LOSSES[name]) for i in chosen]
    return lines + more


@dataclass
class Corpus:
    """Word types and, line by line, the word types of a script's labels."""

    ngrams: sparse.csr_matrix  # [types, buckets]
    whole: sparse.csr_matrix  # [types, buckets], one per row
    tokens: np.ndarray  # type of each word
    first: np.ndarray  # [lines+1]
    label: np.ndarray  # [lines]
    length: np.ndarray  # letters of each type


def build(texts: list[str], labels: np.ndarray, script: Script, bits: int) -> Corpus:
    words = words_of(scan.whole(texts))
    mine = np.flatnonzero(words.script == script)
    of_line = np.repeat(np.arange(len(texts)), np.diff(words.first))[mine]
    size = words.end[mine] - words.start[mine]
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    powers = np.cumprod(np.full(64, 6364136223846793005, np.uint64), dtype=np.uint64)
    letters = words.symbols[place + np.repeat(words.start[mine], size)].astype(np.uint64)
    key = np.add.reduceat(letters * powers[place], np.cumsum(size) - size, dtype=np.uint64)
    _, example, tokens = np.unique(key, return_index=True, return_inverse=True)
    buckets = hash_words(words, mine[example], bits)
    types, width = len(example), 1 << bits
    row = np.repeat(np.arange(types), buckets.size)
    first_order = buckets.orders[0].copy()
    whole = sparse.csr_matrix(
        (np.ones(types, np.float32), first_order[buckets.start].astype(np.int32), np.arange(types + 1)), (types, width)
    )
    first_order[buckets.start] = 0
    rows, columns = [], []
    for order in (first_order, *buckets.orders[1:]):
        used = np.flatnonzero(order)
        rows.append(row[used].astype(np.int32))
        columns.append(order[used].astype(np.int32))
    column = np.concatenate(columns)
    ngrams = sparse.csr_matrix(
        (np.ones(len(column), np.float32), (np.concatenate(rows), column)), (types, width), dtype=np.float32
    )
    first = np.searchsorted(of_line, np.arange(len(texts) + 1))
    return Corpus(ngrams, whole, tokens.astype(np.int64), first, labels, size[example])


def sample(corpus: Corpus, per_label: np.ndarray, rng: np.random.Generator, shares: dict[str, float]):
    """Random fragments: (indptr, types, labels)."""
    counts = np.diff(corpus.first)
    pieces, sizes, labels = [], [], []
    for label, total in enumerate(per_label):
        lines = np.flatnonzero((corpus.label == label) & (counts > 0))
        inside = np.concatenate([corpus.tokens[corpus.first[a] : corpus.first[a + 1]] for a in lines])
        types, seen = np.unique(inside, return_counts=True)
        n_single = int(total * shares["word"])
        chance = seen**0.4 * np.where(corpus.length[types] >= 3, 1.0, 0.3)
        single = rng.choice(types, n_single, p=chance / chance.sum())
        pieces.append(single)
        sizes.append(np.ones(n_single, np.int64))
        n_run = int(total * shares["run"])
        chosen = rng.choice(lines, n_run)
        want = np.minimum(rng.choice([2, 2, 2, 3, 4, 5], n_run), counts[chosen])
        start = corpus.first[chosen] + (rng.random(n_run) * (counts[chosen] - want + 1)).astype(np.int64)
        n_line = total - n_single - n_run
        whole = rng.choice(lines, n_line)
        start = np.concatenate((start, corpus.first[whole]))
        want = np.concatenate((want, np.minimum(counts[whole], 30)))
        ends = np.cumsum(want)
        pieces.append(corpus.tokens[np.arange(want.sum()) + np.repeat(start - (ends - want), want)])
        sizes.append(want)
        labels.append(np.full(total, label))
    return np.concatenate(sizes), np.concatenate(pieces), np.concatenate(labels)


def bags(sizes: np.ndarray, types: np.ndarray, n_types: int) -> sparse.csr_matrix:
    indptr = np.concatenate(([0], np.cumsum(sizes)))
    return sparse.csr_matrix((np.ones(len(types), np.float32), types.astype(np.int32), indptr), (len(sizes), n_types))


def softmax(logits: np.ndarray) -> np.ndarray:
    out = np.exp(logits - logits.max(1, keepdims=True))
    return out / out.sum(1, keepdims=True)


def fit(
    corpus: Corpus,
    n_labels: int,
    per_label: np.ndarray,
    epochs: int,
    drop: float,
    args: argparse.Namespace,
    rng: np.random.Generator,
):
    width = corpus.ngrams.shape[1]
    weights = np.zeros((width, n_labels), np.float32)
    moment, second = np.zeros_like(weights), np.zeros_like(weights)
    step, shares = 0, {"word": 0.45, "run": 0.30}
    per_epoch = -(-int(per_label.sum()) // args.batch)
    total_steps = epochs * per_epoch
    for epoch in range(epochs):
        started, losses = time.time(), []
        sizes, types, labels = sample(corpus, per_label, rng, shares)
        tokens = bags(sizes, types, corpus.ngrams.shape[0])
        tokens = tokens[order := rng.permutation(len(labels))]
        labels = labels[order]
        for a in range(0, len(labels), args.batch):
            some, y = tokens[a : a + args.batch], labels[a : a + args.batch]
            known = sparse.diags((rng.random(some.shape[0]) < 0.5).astype(np.float32))
            x = some @ corpus.ngrams
            x.data *= (rng.random(len(x.data), np.float32) > drop) / np.float32(1 - drop)
            x = x + (known @ some) @ corpus.whole
            p = softmax(x @ weights)
            losses.append(-np.log(p[np.arange(len(y)), y] + 1e-9).mean())
            p[np.arange(len(y)), y] -= 1
            gradient = (x.T @ p) / np.float32(len(y))
            step += 1
            moment += np.float32(0.1) * (gradient - moment)
            second += np.float32(0.01) * (gradient * gradient - second)
            rate = args.rate * 0.5 * (1 + np.cos(np.pi * step / total_steps)) + 1e-4
            scale = np.sqrt(1 - 0.99**step) / (1 - 0.9**step)
            weights -= np.float32(rate * scale) * moment / (np.sqrt(second) + np.float32(1e-6))
            weights *= np.float32(1 - rate * args.decay)
        print(
            f"  epoch {epoch}: {len(labels)} examples, loss {np.mean(losses):.4f}, {time.time() - started:.0f} s",
            flush=True,
        )
    return weights


def quantise(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """int8 weights and the unit; each bucket is centred first, as only differences between labels count."""
    centred = weights - weights.mean(1, keepdims=True)
    unit = float(np.quantile(np.abs(centred), UNCLIPPED)) / 127
    return np.clip(np.rint(centred / unit), -127, 127).astype(np.int8), unit


def fit_temperature(corpus: Corpus, by_type: np.ndarray, n_labels: int) -> tuple[float, float]:
    """(a, b) of the temperature a + b * log(words) under which held-out fragments are most probable."""
    drawn = np.full(n_labels, 2000)
    sizes, types, y = sample(corpus, drawn, np.random.default_rng(2), {"word": 0.3, "run": 0.3})
    logits = bags(sizes, types, len(by_type)) @ by_type
    best = (np.inf, 1.0, 0.0)
    for a in np.arange(0.7, 2.01, 0.1):
        for b in np.arange(0.0, 2.01, 0.2):
            p = softmax(logits / (a + b * np.log(sizes))[:, None])
            best = min(best, (float(-np.log(p[np.arange(len(y)), y] + 1e-9).mean()), float(a), float(b)))
    print(f"  temperature {best[1]:.1f} + {best[2]:.1f} log(words)", flush=True)
    return best[1], best[2]


def train_group(script: Script, args: argparse.Namespace) -> dict[str, np.ndarray]:
    bits, epochs, drop, names = GROUPS[script]
    bits, epochs, drop = args.bits or bits, args.epochs or epochs, args.drop or drop
    rng = np.random.default_rng(args.seed)
    kept, held = ([], []), ([], [])
    for number, name in enumerate(names):
        for line in read_lines(args.data, name):
            part = held if zlib.crc32(line.encode()) % HELD_OUT == 0 else kept
            part[0].append(line)
            part[1].append(number)
    texts, labels = [], []
    of_label = np.array(kept[1])
    for number, name in enumerate(names):
        lines = with_losses([kept[0][i] for i in np.flatnonzero(of_label == number)], name, rng)
        texts += lines
        labels += [number] * len(lines)
    corpus = build(texts, np.array(labels), script, bits)
    print(f"{script.name}: {len(texts)} lines, {len(corpus.length)} word types", flush=True)
    letters = np.bincount(np.array(labels), [len(t) for t in texts], len(names))
    per_label = args.examples * np.minimum(1.0, (letters / 3e5) ** 0.5)
    per_label = (per_label * [FAVOURED.get(name, 1.0) for name in names]).astype(np.int64)
    weights = fit(corpus, len(names), per_label, epochs, drop, args, rng)
    small, unit = quantise(weights)

    testing = build(held[0], np.array(held[1]), script, bits)
    dense = small.astype(np.float32) * unit
    dense[0] = 0
    by_type = (testing.ngrams + testing.whole) @ dense
    temper = fit_temperature(testing, by_type, len(names))
    for kind, shares in {"words": (1.0, 0.0), "runs": (0.0, 1.0), "lines": (0.0, 0.0)}.items():
        drawn = np.full(len(names), 1000)
        share = {"word": shares[0], "run": shares[1]}
        sizes, types, y = sample(testing, drawn, np.random.default_rng(1), share)
        logits = (bags(sizes, types, len(by_type)) @ by_type) / (temper[0] + temper[1] * np.log(sizes))[:, None]
        p = softmax(logits)
        good = p.argmax(1) == y
        sure = p.max(1)
        bins = np.digitize(sure, [0.5, 0.7, 0.9, 0.99])
        drift = sum(abs(good[bins == i].mean() - sure[bins == i].mean()) * np.mean(bins == i) for i in set(bins))
        each = " ".join(f"{name} {good[y == i].mean() * 100:.1f}" for i, name in enumerate(names))
        print(f"  held out {kind}: mean {good.mean() * 100:.2f}, calibration error {drift:.3f} | {each}", flush=True)
    key = script.name.lower()
    return {
        f"{key}.weights": small,
        f"{key}.scale": np.float32(unit),
        f"{key}.labels": np.array(names),
        f"{key}.prior": np.array([PRIOR.get(name, 0.0) for name in names], np.float32),
        f"{key}.temper": np.array(temper, np.float32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/lid/train"))
    parser.add_argument("--out", type=Path, default=Path("ingest/language/ngram.npz"))
    parser.add_argument("--only", choices=[script.name.lower() for script in GROUPS])
    parser.add_argument("--examples", type=int, default=40000, help="examples of a label in an epoch")
    parser.add_argument("--bits", type=int, default=0, help="try another number of buckets, 2**BITS")
    parser.add_argument("--epochs", type=int, default=0, help="try another number of epochs")
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=0.03)
    parser.add_argument("--decay", type=float, default=1e-2)
    parser.add_argument("--drop", type=float, default=0.0, help="try another share of dropped n-grams")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    arrays = dict(np.load(args.out)) if args.out.exists() else {}
    for script in GROUPS:
        if args.only in (None, script.name.lower()):
            arrays |= train_group(script, args)
    np.savez_compressed(args.out, **arrays)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
