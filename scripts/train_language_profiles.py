"""Make the langdetect profiles of `ingest.language` from the training lines of ../shared/data/lid/train.

Counts are langdetect's own. Cyrillic profiles are then tuned against each other, see `tune_profiles`. Needs NumPy,
SciPy and langdetect; the same seed and the same data give the same profiles.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from scipy import sparse
from train_language import FAVOURED, GROUPS, HELD_OUT, read_lines, softmax

from ingest.language.alphabet import Script

# Labels that langdetect lacks, and its own of the same script where it has to tell them from ours.
PROFILED = {
    "cyrillic": GROUPS[Script.CYRILLIC][3],
    "arabic": ["kk-Arab", "ug"],
    "latin": ["kk-Latn", "uz", "az", "sr-Latn"],
    "other": ["hy", "ka"],
}
PROFILE_DRAWS = 12  # n-grams that langdetect draws before it is sure, about
PROFILE_PULL = 1e-6
PROFILE_LETTERS = 600_000
PROFILE_NGRAMS = 7000


def count_profile(lines: list[str], label: str, rng: np.random.Generator) -> tuple[Counter[str], list[int]]:
    """n-gram counts of `label` as langdetect counts them, from PROFILE_LETTERS characters, some in title case."""
    from langdetect.utils.lang_profile import LangProfile

    profile = LangProfile(label)
    letters = 0
    for i in rng.permutation(len(lines)):
        profile.update(lines[i].title() if i % 8 == 0 else lines[i])
        letters += len(lines[i])
        if letters > PROFILE_LETTERS:
            break
    profile.omit_less_freq()
    letters_only = {gram: n for gram, n in profile.freq.items() if gram.replace(" ", "").isalpha()}
    return Counter(dict(Counter(letters_only).most_common(PROFILE_NGRAMS))), profile.n_words


def langdetect_ngrams(text: str) -> list[str]:
    from langdetect.utils.ngram import NGram

    ngram, found = NGram(), []
    for char in text:
        ngram.add_char(char)
        found += [gram for n in (1, 2, 3) if (gram := ngram.get(n)) and gram != " "]
    return found


def tune_profiles(
    profiles: dict[str, tuple[Counter[str], list[int]]], lines: dict[str, list[str]], rng: np.random.Generator
) -> dict[str, dict[str, int]]:
    """Frequencies that tell the labels of one script apart, starting from the counted ones.

    langdetect multiplies the n-grams' probabilities, which are far from independent; plain counts lose short words of
    close languages. The logarithms of the frequencies are moved by gradient ascent on the log-probability of the right
    label of short fragments, and pulled back to the counts.
    """
    names = list(profiles)
    grams = sorted({gram for counts, _ in profiles.values() for gram in counts})
    index = {gram: i for i, gram in enumerate(grams)}
    start = np.full((len(grams), len(names)), 1e-7)
    for j, (counts, n_words) in enumerate(profiles.values()):
        for gram, count in counts.items():
            start[index[gram], j] = max(count / n_words[len(gram) - 1], 1e-7)
    rows, columns, labels = [], [], []
    for j, name in enumerate(names):
        n = int(6000 * FAVOURED.get(name, 1.0) ** 1.5)
        for i in rng.integers(0, len(lines[name]), n):
            words = lines[name][i].split()
            size = int(rng.choice([1, 1, 2, 3, 6]))
            at = int(rng.integers(0, max(1, len(words) - size + 1)))
            text = " ".join(words[at : at + size])
            found = [index[gram] for gram in langdetect_ngrams(text.title() if i % 5 == 0 else text) if gram in index]
            if len(found) > 3:
                rows += [len(labels)] * len(found)
                columns += found
                labels.append(j)
    y = np.array(labels)
    x = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(y), len(grams)))
    x = sparse.diags(PROFILE_DRAWS / np.asarray(x.sum(1)).ravel()) @ x
    theta = origin = np.log(start)
    moment, second = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, 401):
        share = np.exp(theta)
        p = softmax(x @ np.log(share + 0.5e-4))
        if step % 100 == 1:
            print(f"  step {step}: right {np.mean(p.argmax(1) == y) * 100:.1f} %", flush=True)
        p[np.arange(len(y)), y] -= 1
        gradient = (x.T @ p) / len(y) * share / (share + 0.5e-4) + PROFILE_PULL * (theta - origin)
        moment += 0.1 * (gradient - moment)
        second += 0.01 * (gradient**2 - second)
        theta = theta - 0.03 * moment / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
    share = np.exp(theta)
    tuned = {}
    for j, name in enumerate(names):
        counts = np.rint(share[:, j] * 1e6).astype(int)
        tuned[name] = {grams[i]: int(counts[i]) for i in np.flatnonzero(counts >= 5)}
    return tuned


def make_profiles(data: Path, folder: Path, seed: int) -> None:
    """Write the langdetect profiles; those of one script are tuned against each other."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    for script, labels in PROFILED.items():
        lines = {
            label: [line for line in read_lines(data, label) if zlib.crc32(line.encode()) % HELD_OUT]
            for label in labels
        }
        profiles = {label: count_profile(lines[label], label, rng) for label in labels}
        frequencies = {label: dict(counts) for label, (counts, _) in profiles.items()}
        n_words = {label: total for label, (_, total) in profiles.items()}
        if script == "cyrillic":
            frequencies = tune_profiles(profiles, lines, rng)
            n_words = dict.fromkeys(labels, [1_000_000] * 3)
        for label in labels:
            content = {"freq": frequencies[label], "n_words": n_words[label], "name": label}
            text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            (folder / f"{label}.json").write_text(text + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/lid/train"))
    parser.add_argument("--out", type=Path, default=Path("ingest/language/profiles"))
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    make_profiles(args.data, args.out, args.seed)


if __name__ == "__main__":
    main()
