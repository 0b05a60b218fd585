"""Characters that are no text: controls, invisible marks, entities left over, presentation forms, surrogates.

Each function takes one line and gives it back with what was done as (name, count) pairs. What stays, on purpose:
soft hyphens and non-breaking spaces (typography), zero-width joiners and non-joiners where script or emoji need them,
zero-width spaces in scripts written without spaces, direction marks in lines with right-to-left letters, ligatures,
typographic quotes, widths of letters, and the C1 controls that Windows-1252 leaves open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import unescape
from html.entities import html5

import numpy as np
import numpy.typing as npt

Counts = list[tuple[str, int]]

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ESCAPE = re.compile("\x1b\\[[0-9;]{0,16}[A-Za-z]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ufff9-\ufffb\ufeff\u2060]")
_BREAK = re.compile("[\r\x0b\x0c\x1c-\x1f\u2028\u2029]+")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# scripts that neither join letters nor go without spaces: ASCII to Cyrillic, Armenian, Georgian, general punctuation
_PLAIN = "\x00-\u058f\u10a0-\u10ff\u2000-\u200a\u2010-\u206f\u20a0-\u20cf"
_ZERO_WIDTH = re.compile("[\u200b-\u200d]+")
_PLAIN_CHAR = re.compile(f"[{_PLAIN}]")
_ENTITY = re.compile(
    r"&(?:(?:amp|#0{0,5}38|#[xX]0{0,4}26);)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_PRESENTATION = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdef\ufe70-\ufe74\ufe76-\ufefc]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_C1 = re.compile("[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")

_FLAGGED = (
    (0x00, 0x09), (0x0B, 0x20), (0x7F, 0xA0), (0x061C, 0x061D), (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2061),
    (0x2066, 0x206A), (0xD800, 0xE000), (0xFB50, 0xFE00), (0xFE70, 0xFEFD), (0xFEFF, 0xFF00), (0xFFF9, 0xFFFE),
)  # fmt: skip


def flag_table() -> npt.NDArray[np.bool_]:
    """(65536,) which characters, or an ampersand, call for a closer look at their line."""
    table = np.zeros(0x10000, np.bool_)
    for first, end in _FLAGGED:
        table[first:end] = True
    table[ord("&")] = True
    return table


def unescape_entities(line: str) -> tuple[str, Counts]:
    """Entities that the scrape left, `&amp;nbsp;` too; not in lines with `<`, where they may be meant."""
    if "&" not in line or "<" in line:
        return line, []
    total = 0
    for _ in range(4):
        line, n = _ENTITY.subn(_entity, line)
        changed = n - _unknown(line) if n else 0
        total += max(0, changed)
        if changed <= 0 or "<" in line:
            break
    return line, [("entity", total)] if total else []


def _unknown(line: str) -> int:
    return sum(1 for match in _ENTITY.finditer(line) if _entity(match) == match[0])


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return html5.get(name + ";", match[0])
    char = unescape(f"&{name};")
    return char if len(char) == 1 and unicodedata.category(char)[0] != "C" and char != "\ufffd" else match[0]


def join_surrogates(line: str) -> tuple[str, Counts]:
    """Pairs of UTF-16 surrogates become their character, lone ones U+FFFD."""
    n = len(_SURROGATE.findall(line))
    if not n:
        return line, []
    return line.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), [("surrogate", n)]


def c1_as_windows(line: str) -> tuple[str, Counts]:
    """C1 controls become what browsers show for them: the Windows-1252 character of that byte."""
    return _counted("c1", _C1, lambda match: match[0].encode("latin-1").decode("cp1252"), line)


def strip_controls(line: str) -> tuple[str, Counts]:
    """Controls go; line ends within a line become one space, a carriage return at its end goes."""
    line, escapes = _counted("terminal-escape", _ESCAPE, "", line)
    kept = line.rstrip("\r")
    ends = [("line-end", 1)] if kept != line else []
    line, breaks = _counted("line-end", _BREAK, " ", kept)
    line, controls = _counted("control", _CONTROL, "", line)
    return line, escapes + ends + breaks + controls


def strip_invisible(line: str) -> tuple[str, Counts]:
    """Zero-width characters between letters that do not join, direction marks where all runs left to right."""
    runs = [match for match in _ZERO_WIDTH.finditer(line) if _between_plain(line, *match.span())]
    zero = [("zero-width", len(runs))] if runs else []
    if runs:
        starts, ends = [0, *(run.end() for run in runs)], [*(run.start() for run in runs), len(line)]
        line = "".join(line[a:b] for a, b in zip(starts, ends, strict=True))
    if _BIDI.search(line) and not _RTL.search(line):
        line, bidi = _counted("bidi", _BIDI, "", line)
        return line, zero + bidi
    return line, zero


def _between_plain(line: str, start: int, end: int) -> bool:
    before = start == 0 or _PLAIN_CHAR.match(line[start - 1])
    return bool(before and (end == len(line) or _PLAIN_CHAR.match(line[end])))


def base_letters(line: str) -> tuple[str, Counts]:
    """Arabic presentation forms become the letters they show; word signs (ﷲ, ﷺ) and ornate brackets stay."""
    return _counted("presentation-form", _PRESENTATION, lambda match: unicodedata.normalize("NFKC", match[0]), line)


def _counted(
    name: str, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str], line: str
) -> tuple[str, Counts]:
    line, n = pattern.subn(replacement, line)
    return line, [(name, n)] if n else []


def merge(counts: Iterable[tuple[str, int]]) -> Counts:
    """Counts of one name added up, in order of first appearance."""
    total: dict[str, int] = {}
    for name, n in counts:
        total[name] = total.get(name, 0) + n
    return list(total.items())
