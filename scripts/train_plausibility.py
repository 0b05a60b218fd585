"""Train the class-bigram table of `ingest.encoding.plausibility` from a folder of monolingual lines.

    python scripts/train_plausibility.py LID_TRAIN_FOLDER

`LID_TRAIN_FOLDER` holds one `<language>.txt.gz` of UTF-8 lines per language. A fifth of the lines (chosen by
a hash of the line, so the choice is the same in each run and in the tests) is held out. Writes
`ingest/encoding/plausibility.npz` and the card beside it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parents[1] / "ingest" / "encoding"
CHARSETS = """
cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r koi8_u kz1048 ptcp154 mac_cyrillic mac_roman
cp866 cp855 cp852 cp437 iso8859_2 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_13 cp874
"""
ASCII_GROUPS = dict.fromkeys(".,;:!?", "stop") | dict.fromkeys("'\"", "quote") | dict.fromkeys("()", "bracket")
ASCII_GROUPS["-"] = "hyphen"
CHARS_PER_LANGUAGE = 700_000
SHOUTED = 0.04  # share of lines that are also learnt in capitals: headlines are no fault
BACKOFF = 4.0  # pseudo-counts that the unigram distribution brings to each row
FLOOR = 0.02  # pseudo-count of a class that was never seen
UNSEEN_KINDS = ("L-", "M-")  # classes of letters and marks that are told apart by their block alone
UNSEEN = 300.0  # pairs that a script without training text is credited with
SCALE = 16.0  # steps per nat in the stored table


def is_held_out(line: str) -> bool:
    """A fifth of all lines, the same in each run."""
    return zlib.crc32(line.encode("utf-8", "surrogatepass")) % 5 == 0


def lines_of(path: Path, seed: int) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [unicodedata.normalize("NFC", line.strip()) for line in file]
    lines = [line for line in lines if line and not is_held_out(line)]
    random.Random(seed).shuffle(lines)
    total, kept = 0, []
    for line in lines:
        total += len(line)
        if total > CHARS_PER_LANGUAGE:
            break
        kept.append(line)
    return kept


def repertoire() -> set[str]:
    """All non-ASCII characters that a common 8-bit charset can write."""
    found: set[str] = set()
    for charset in CHARSETS.split():
        for byte in range(0x80, 0x100):
            found.update(bytes([byte]).decode(charset, "ignore"))
    return {c for c in found if ord(c) >= 0xA0 and len(c) == 1}


def group(char: str, counts: Counter[str]) -> str:
    """The name of the class of a character that has no class of its own."""
    code = ord(char)
    if code < 0x80:
        if char in " \t\n\r":
            return "space"
        if char.isalpha():
            return char
        if char.isdigit():
            return "digit"
        if code < 0x20 or code == 0x7F:
            return "c0"
        return ASCII_GROUPS.get(char, "ascii-other")
    if code < 0xA0:
        return "c1"
    if code == 0xFFFD:
        return "replacement"
    kind = unicodedata.category(char)
    n = counts[char]
    if 0x4E00 <= code < 0x9FFF or 0x3400 <= code < 0x4DBF:
        return "han-" + str(min(7, n.bit_length() // 2))
    if 0xAC00 <= code < 0xD7A4:
        return "hangul-" + str(min(4, n.bit_length() // 2))
    if 0x3040 <= code < 0x30A0:
        return "hiragana"
    if 0x30A0 <= code < 0x3100:
        return "katakana"
    if 0x3000 <= code < 0x3040 or 0xFF00 <= code < 0xFF60:
        return "cjk-punctuation" if char in "　、。「」『』【】〈〉《》，．！？：；（）" else "cjk-symbol"
    if 0xFF60 <= code < 0xFFA0:
        return "halfwidth"
    if kind in ("Co", "Cs", "Cn"):
        return kind
    if 0x2500 <= code < 0x25A0:
        return "box"
    return f"{kind[0]}-{code >> 8:02x}"


def class_map(counts: Counter[str]) -> tuple[np.ndarray, list[str]]:
    """(65536,) class numbers by code point, and the class names."""
    own = repertoire() | {c for c, n in counts.items() if n >= 20 and 0xA0 <= ord(c) < 0x2100}
    own = {c for c in own if not "\u0e00" <= c < "\u0e80"}  # Thai: no training text
    names: dict[str, int] = {}
    table = np.zeros(0x10000, np.uint16)
    for code in range(0x10000):
        char = chr(code)
        name = char if char in own and not 0x2500 <= code < 0x25A0 else group(char, counts)
        table[code] = names.setdefault(name, len(names))
    return table, list(names)


def pairs_of(lines: list[str], table: np.ndarray, k: int) -> Iterator[np.ndarray]:
    for start in range(0, len(lines), 2000):
        text = "\n" + "\n".join(lines[start : start + 2000]) + "\n"
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        cls = table[np.minimum(codes, 0xFFFF)].astype(np.int64)
        yield cls[:-1] * k + cls[1:]


def add_unseen_scripts(bigrams: np.ndarray, names: list[str]) -> None:
    """Give scripts without training text what holds for any: letters and marks of a block follow one another."""
    number = {name: i for i, name in enumerate(names)}
    space = number["space"]
    for name, i in number.items():
        if name[:2] in UNSEEN_KINDS and bigrams[i].sum() < UNSEEN:
            block = [number[kind + name[2:]] for kind in ("L-", "M-") if kind + name[2:] in number]
            bigrams[i, block] += UNSEEN / len(block)
            bigrams[i, space] += UNSEEN / 8
            bigrams[space, i] += UNSEEN / 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    rng = random.Random(0)
    texts = {path.name.split(".")[0]: lines_of(path, seed=1) for path in sorted(folder.glob("*.txt.gz"))}
    counts: Counter[str] = Counter()
    for lines in texts.values():
        for line in lines:
            counts.update(line)
    table, names = class_map(counts)
    k = len(names)
    bigrams = np.zeros(k * k)
    for lines in texts.values():
        shouted = [line.upper() for line in lines if rng.random() < SHOUTED]
        # languages with little text count as much as they can without drowning in their own few sentences
        weight = min(8.0, CHARS_PER_LANGUAGE / max(1, sum(map(len, lines))))
        for pairs in pairs_of(lines + shouted, table, k):
            bigrams += weight * np.bincount(pairs, minlength=k * k)
    bigrams = bigrams.reshape(k, k)
    add_unseen_scripts(bigrams, names)
    unigram = bigrams.sum(0) + FLOOR
    unigram /= unigram.sum()
    rows = bigrams.sum(1, keepdims=True)
    p = (bigrams + BACKOFF * unigram) / (rows + BACKOFF)
    # a class of many characters gives each of them an equal part
    members = Counter(int(table[ord(c)]) for c in counts if ord(c) < 0x10000)
    assigned = Counter(int(table[code]) for code in range(0x10000) if unicodedata.category(chr(code)) != "Cn")
    size = np.array([max(1, members[i], assigned[i] if names[i][:2] in UNSEEN_KINDS else 0) for i in range(k)])
    cost = np.clip(np.rint(-np.log(p / size) * SCALE), 1, 255).astype(np.uint8)
    ascii_classes = np.unique(table[:0x80])
    cost[np.ix_(ascii_classes, ascii_classes)] = 0  # ASCII beside ASCII says nothing of charsets
    # what a wrong 8-bit reading can bring forth; pairs without any of it cannot be mojibake
    marks = np.zeros(k, np.bool_)
    marks[table[[ord(char) for char in repertoire()]]] = True
    marks[np.unique(table[0x80:0xA0])] = True
    np.savez_compressed(HOME / "plausibility.npz", classes=table, cost=cost, marks=marks)
    card = {
        "what": "bigram costs over character classes; see ingest/encoding/plausibility.py",
        "classes": k,
        "scale": SCALE,
        "held_out": "lines with crc32 % 5 == 0",
        "characters": {language: sum(map(len, lines)) for language, lines in texts.items()},
        "retrain": "python scripts/train_plausibility.py LID_TRAIN_FOLDER",
    }
    (HOME / "plausibility.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(k, "classes", (HOME / "plausibility.npz").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
