"""The same page as different flatteners would have written it.

Each function takes the lines of one page and gives the lines of the other rendering, with the numbers of the
source lines that each came from, so that labels can follow. Used to train the line model and to test that it
does not lean on one flattener's habits. Pure and deterministic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Rendered = tuple[list[str], list[tuple[int, ...]]]

WIDTH = 80
BULLET_SHORTER_THAN = 60
GLUE_SHORTER_THAN = 40

_SENTENCE = re.compile(r"(?<=[.!?…][\"'”’»)\]]) +|(?<=[.!?…؟۔।]) +(?=\S)|(?<=[。！？])(?=[^」』”’）)])")


def block_per_line(lines: Sequence[str]) -> Rendered:
    """One block per line, no blank lines, no surrounding space."""
    kept = [(line.strip(), (i,)) for i, line in enumerate(lines) if line.strip()]
    return [line for line, _ in kept], [source for _, source in kept]


def blank_separated(lines: Sequence[str]) -> Rendered:
    """A blank line between any two blocks."""
    out: list[str] = []
    sources: list[tuple[int, ...]] = []
    for line, source in zip(*block_per_line(lines), strict=True):
        if out:
            out.append("")
            sources.append(())
        out.append(line)
        sources.append(source)
    return out, sources


def bullets(lines: Sequence[str]) -> Rendered:
    """Short lines as list items, as of a flattener that takes menus for lists."""
    out = [f"  - {line.strip()}" if 0 < len(line.strip()) < BULLET_SHORTER_THAN else line.rstrip() for line in lines]
    return out, [(i,) for i in range(len(out))]


def indented(lines: Sequence[str]) -> Rendered:
    """Every line indented, deeper and deeper by thirds of the page, as of nested boxes."""
    step = max(1, len(lines) // 3)
    out = [" " * (4 * (i // step + 1)) + line if line.strip() else line for i, line in enumerate(lines)]
    return out, [(i,) for i in range(len(out))]


def wrapped(lines: Sequence[str], width: int = WIDTH) -> Rendered:
    """Broken at `width` characters, at spaces where there are any, a blank line between paragraphs."""
    out: list[str] = []
    sources: list[tuple[int, ...]] = []
    for i, line in enumerate(lines):
        rest = line.strip()
        if not rest:
            continue
        if out and (len(rest) > width or sources[-1] != (i - 1,)):
            out.append("")
            sources.append(())
        while len(rest) > width:
            cut = rest.rfind(" ", 1, width + 1)
            cut = cut if cut > 0 else width
            out.append(rest[:cut].rstrip())
            sources.append((i,))
            rest = rest[cut:].lstrip()
        out.append(rest)
        sources.append((i,))
    return out, sources


def crlf(lines: Sequence[str]) -> Rendered:
    """Line ends of Windows, of which a reader that splits at line feeds leaves the carriage return."""
    return [f"{line}\r" for line in lines], [(i,) for i in range(len(lines))]


def sentence_per_line(lines: Sequence[str]) -> Rendered:
    """Each sentence a line."""
    out: list[str] = []
    sources: list[tuple[int, ...]] = []
    for i, line in enumerate(lines):
        for part in _SENTENCE.split(line) if line.strip() else [line]:
            out.append(part)
            sources.append((i,))
    return out, sources


def glued(lines: Sequence[str]) -> Rendered:
    """Runs of up to four adjacent short lines on one line, as of a flattener that knows no inline blocks."""
    out: list[str] = []
    sources: list[tuple[int, ...]] = []
    run: list[int] = []

    def flush() -> None:
        if run:
            out.append(" ".join(lines[i].strip() for i in run))
            sources.append(tuple(run))
            run.clear()

    for i, line in enumerate(lines):
        if 0 < len(line.strip()) < GLUE_SHORTER_THAN:
            run.append(i)
            if len(run) == 4:
                flush()
        else:
            flush()
            out.append(line)
            sources.append((i,))
    flush()
    return out, sources


RENDERINGS: dict[str, Callable[[Sequence[str]], Rendered]] = {
    "block-per-line": block_per_line,
    "blank-separated": blank_separated,
    "bullets": bullets,
    "indented": indented,
    "wrapped": wrapped,
    "crlf": crlf,
    "sentence-per-line": sentence_per_line,
    "glued": glued,
}
