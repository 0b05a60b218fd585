"""Speed and hits of decoding and repair: `python scripts/bench_encoding.py SHARED [--all]`.

SHARED is the folder with `data/encodings` and `data/lid/train`. Prints the speed of decode + repair on clean text
beside `ftfy.fix_text` in the same run (processor time, one core, best of three), the charset files decoded right, the
round trips repaired, and the clean lines changed. `--all` takes 1,000 sentences per mix-up and 10,000 lines per
language, else a tenth of both.
"""

from __future__ import annotations

import argparse
import codecs
import gzip
import random
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.encoding import decode, repair
from ingest.encoding.charsets import charsets, codec_of, lookup, normalise

CLEAN = (
    *("ar", "be", "bg", "cs", "de", "el", "en", "es", "fa", "fr"),
    *("it", "kk", "ky", "pl", "ru", "tr", "uk", "ur", "uz-Cyrl", "zh"),
)
EIGHT_BIT = ("windows-1251", "koi8-r", "ibm866", "kz1048")
READ_AS = ("latin-1", "windows-1252", "windows-1251", "koi8-r", "ibm866")
TWICE = (
    (("utf-8", "latin-1"),) * 2,
    (("utf-8", "windows-1252"),) * 2,
    (("utf-8", "windows-1251"),) * 2,
    (("windows-1251", "latin-1"), ("utf-8", "latin-1")),
    (("koi8-r", "latin-1"), ("utf-8", "latin-1")),
    (("utf-8", "windows-1251"), ("utf-8", "windows-1252")),
)
Chain = tuple[tuple[str, str], ...]


def chains() -> Iterator[Chain]:
    """Every mix-up of Cyrillic: (written in, read as), once and twice."""
    for written in (*EIGHT_BIT, "utf-8"):
        for read in READ_AS:
            # kz1048 read as windows-1251 is measured apart: half of its letters look right
            if written != read and (written, read) != ("kz1048", "windows-1251"):
                yield ((written, read),)
    yield from TWICE


def mix_up(text: str, chain: Chain) -> str | None:
    """The text as it looks after the mix-up; None if a charset cannot write it. Open bytes come out as C1 controls."""
    for written, read in chain:
        try:
            raw = text.encode(codec_of(written))
        except UnicodeEncodeError:
            return None
        text = "".join(_char(byte, codec_of(read)) for byte in raw)
    return text


def _char(byte: int, codec: str) -> str:
    char = bytes([byte]).decode(codec, "replace")
    return chr(byte) if char == "\ufffd" else char


def lines_of(shared: Path, language: str, *, held_out: bool = False) -> list[str]:
    """Clean lines of a language in NFC; `held_out`: only those that the plausibility model never saw."""
    with gzip.open(shared / "data/lid/train" / f"{language}.txt.gz", "rt", encoding="utf-8") as file:
        lines = [unicodedata.normalize("NFC", line.strip()) for line in file]
    return [line for line in lines if line and (not held_out or zlib.crc32(line.encode()) % 5 == 0)]


def charset_files(shared: Path) -> Iterator[tuple[str, Path]]:
    """(charset that the folder names, file); `None` for binaries."""
    for path in sorted((shared / "data/encodings").glob("charset*/*/*")):
        name = path.parent.name
        base, _, language = name.rpartition("-")
        yield (base if language.isalpha() and language.islower() and lookup(base) else name), path


def is_right(path: Path, name: str) -> bool:
    """Charset right or text equal; for the folder `None`, refused."""
    content = path.read_bytes()
    decoded = decode(content)
    if name == "None":
        return decoded.outcome is not None
    if decoded.outcome is not None:
        return False
    if lookup(name) == decoded.encoding:
        return True
    try:
        codec = codecs.lookup(name).name
    except LookupError:  # EUC-TW: Python has no such codec
        return False
    return codec == codecs.lookup(decoded.encoding).name or normalise(content.decode(codec, "replace")) == decoded.text


def repaired_share(lines: list[str], chain: Chain) -> tuple[int, int]:
    """(repaired, tried) of the lines that the chain changes."""
    cases = [(line, mixed) for line in lines if (mixed := mix_up(line, chain)) not in (None, line)]
    texts = repair([mixed or "" for _, mixed in cases]).texts
    return sum(text == line for text, (line, _) in zip(texts, cases, strict=True)), len(cases)


def megabytes_per_second(work: Callable[[], object], size: int) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return size / 1e6 / best


def print_speed(shared: Path) -> None:
    import ftfy

    print("MB/s on clean text      decode  repair  both   ftfy.fix_text")
    for language in ("kk", "ru", "en", "zh", "ar"):
        lines = lines_of(shared, language)[:20_000]
        documents = ["\n".join(lines[i : i + 40]).encode() for i in range(0, len(lines), 40)]
        size = sum(map(len, documents))
        texts = [decode(document).text.split("\n") for document in documents]
        batches = [[line for text in texts[i : i + 200] for line in text] for i in range(0, len(texts), 200)]
        few = [line for batch in batches for line in batch][:2000]
        both = [
            megabytes_per_second(lambda d=documents: [decode(document) for document in d], size),
            megabytes_per_second(lambda b=batches: [repair(batch) for batch in b], size),
        ]
        theirs = megabytes_per_second(lambda f=few: [ftfy.fix_text(line) for line in f], len("\n".join(few).encode()))
        print(f"{language:23} {both[0]:6.0f} {both[1]:7.0f} {1 / (1 / both[0] + 1 / both[1]):5.0f} {theirs:10.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    n_sentences, n_lines = (1000, 10_000) if args.all else (100, 1000)
    charsets()
    print_speed(args.shared)

    files = list(charset_files(args.shared))
    for kind, chosen in (("charset files right", False), ("binaries refused", True)):
        verdicts = [is_right(path, name) for name, path in files if (name == "None") is chosen]
        print(f"{kind}: {sum(verdicts)} of {len(verdicts)} = {sum(verdicts) / len(verdicts):.4f}")

    for language in ("kk", "ru"):
        sentences = [line for line in lines_of(args.shared, language, held_out=True) if len(line.split()) >= 4]
        sentences = random.Random(1).sample(sentences, n_sentences)
        worst, done, tried = 1.0, 0, 0
        for chain in chains():
            n, of = repaired_share(sentences, chain)
            done, tried = done + n, tried + of
            if of >= n_sentences // 10:
                worst = min(worst, n / of)
                if n < 0.99 * of:
                    print(f"  {language} {chain}: {n} of {of}")
        print(f"{language} round trips repaired: {done} of {tried} = {done / tried:.4f}; the worst mix-up {worst:.4f}")
    n, of = repaired_share(sentences_of_kazakh(args.shared, n_sentences), (("kz1048", "windows-1251"),))
    print(f"kk kz1048 read as windows-1251 repaired: {n} of {of} = {n / max(1, of):.4f}")

    total = 0
    for language in CLEAN:
        lines = lines_of(args.shared, language)
        lines = random.Random(1).sample(lines, min(n_lines, len(lines)))
        steps = repair(lines).steps
        names = sorted({step.name for taken in steps.values() for step in taken})
        total += sum(any(":" in step.name for step in taken) for taken in steps.values())
        if steps:
            print(f"  {language}: {len(steps)} of {len(lines)} changed by {', '.join(names)}")
    print(f"clean lines of {len(CLEAN)} languages taken for mojibake: {total}")


def sentences_of_kazakh(shared: Path, n: int) -> list[str]:
    sentences = [line for line in lines_of(shared, "kk", held_out=True) if len(line.split()) >= 4]
    return random.Random(1).sample(sentences, n)


if __name__ == "__main__":
    main()
