"""What the line model goes by: change one thing about a line, ask the model again, and measure what that does.

Nothing of the model's inside is used: each probe is a real page that differs from the given one in one respect, and its
effect is the difference of two real predictions. So the attribution stays true when the model is trained anew. Such
occlusion tells what the verdict hangs on as things stand; the effects do not add up, since features act together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from ingest.models import line_model

LEAST = 0.1  # of a log-odds: smaller effects are not told
NEAR = 3  # lines above and below that count as neighbours
LONG, SHORT = 200, 40  # characters

Page = tuple[list[str], int]
"""Lines of a page, blank ones "", and the place of the line in question among them."""
Probe = Callable[[list[str], int], Page | None]

Named = Callable[[Sequence[str]], npt.NDArray[np.int8]]
"""The role that rules know each line by, 0 for none."""

_WORD = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"[|/•·›»@#©→←*+=_]+")
_END = re.compile(r"[.!?…。！？؟۔]+[\"'»”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one feature of a line adds to the log-odds that it is article text, in the model's eyes.

    `probability` is that of the changed page. Positive `change`: the feature speaks for article text.
    """

    feature: str
    instead: str
    change: float
    probability: float


@dataclass(frozen=True, slots=True)
class ModelView:
    """Probability of content from the line alone and in its context, and what it hangs on, strongest first."""

    alone: float
    in_context: float
    effects: list[Effect]


def unnamed(lines: Sequence[str]) -> npt.NDArray[np.int8]:
    """No line meets a rule."""
    return np.zeros(len(lines), np.int8)


def effects(texts: list[str], place: int, named: Named = unnamed) -> ModelView:
    """Probe the model on the line `texts[place]` (0-based, not blank) of a page; one batch of a dozen variants.

    named: the roles that rules know lines by, as `ingest.rules.RuleSet.named` tells them.
    """
    variants = [(feature, instead, probe(list(texts), place)) for feature, instead, probe in PROBES]
    asked = [(feature, instead, page) for feature, instead, page in variants if page is not None and page[0] != texts]
    pages = [(texts, place), *(page for _, _, page in asked)]
    offsets = np.array([0, *accumulate(len(lines) for lines, _ in pages)], np.int64)
    lines = [line for lines, _ in pages for line in lines]
    roles = named(lines)
    if roles[place]:  # the last variant: the page as it is, but the line meets no rule
        asked.append(("the rule it meets", "none", (texts, place)))
        offsets, lines = np.append(offsets, offsets[-1] + len(texts)), [*lines, *texts]
        roles = np.concatenate([roles, np.where(np.arange(len(texts)) == place, 0, roles[: len(texts)])]).astype(
            np.int8
        )
        pages.append((texts, place))
    told = line_model.load().predict(lines, offsets, named=roles)
    rows = [int(offset) + at for offset, (_, at) in zip(offsets[:-1], pages, strict=True)]
    base, changed = told.content[rows[0]], told.content[rows[1:]]
    found = [
        Effect(feature, instead, round(_log_odds(base) - _log_odds(p), 2), round(float(p), 4))
        for (feature, instead, _), p in zip(asked, changed.tolist(), strict=True)
    ]
    strong = [effect for effect in found if abs(effect.change) >= LEAST]
    strong.sort(key=lambda effect: (-abs(effect.change), effect.feature))
    return ModelView(round(float(told.alone[rows[0]]), 4), round(float(base), 4), strong)


def _log_odds(p: float) -> float:
    inside = min(max(float(p), 1e-6), 1 - 1e-6)
    return float(np.log(inside / (1 - inside)))


def _unknown(line: str) -> str:
    """The line with each word spelt backwards: same size, capitals and marks, but words that nobody knows."""

    def backwards(match: re.Match[str]) -> str:
        word = match[0]
        return "".join(c.upper() if w.isupper() else c.lower() for c, w in zip(reversed(word), word, strict=True))

    return _WORD.sub(backwards, line)


def _line(change: Callable[[str], str]) -> Probe:
    """A probe that changes the line itself."""

    def probe(texts: list[str], place: int) -> Page | None:
        texts[place] = change(texts[place])
        return (texts, place) if texts[place].strip() else None

    return probe


def _neighbours(texts: list[str], place: int) -> Page:
    full = [row for row, line in enumerate(texts) if line and row != place]
    above, below = [row for row in full if row < place][-NEAR:], [row for row in full if row > place][:NEAR]
    for row in (*above, *below):
        texts[row] = _unknown(texts[row])
    return texts, place


def _without_above(texts: list[str], place: int) -> Page:
    return texts[place:], 0


def _without_below(texts: list[str], place: int) -> Page:
    return texts[: place + 1], place


def _without_blanks(texts: list[str], place: int) -> Page:
    first = last = place
    while first and not texts[first - 1]:
        first -= 1
    while last + 1 < len(texts) and not texts[last + 1]:
        last += 1
    return [*texts[:first], texts[place], *texts[last + 1 :]], first


def _once(texts: list[str], place: int) -> Page:
    line = texts[place].strip()
    return [_unknown(t) if row != place and t.strip() == line else t for row, t in enumerate(texts)], place


def _amid_text(texts: list[str], place: int) -> Page | None:
    """The line moved to right below the page's longest other line."""
    others = [row for row in range(len(texts)) if row != place and texts[row]]
    if not others:
        return None
    longest = max(others, key=lambda row: (len(texts[row]), -row))
    line = texts.pop(place)
    target = longest + (longest < place)
    texts.insert(target, line)
    return texts, target


def _longer(line: str) -> str:
    """A short line as long as a paragraph, by words that nobody knows."""
    if len(line) >= LONG // 2:
        return line
    body = _END.sub("", line)
    filler = f" {_unknown(body).lower()}" * (LONG // (len(body) + 1) + 1)
    return f"{body}{filler}{line[len(body) :]}"


def _shorter(line: str) -> str:
    return line[:SHORT] if len(line) >= LONG // 2 else line


# what is asked about, how the changed page differs, and the change
PROBES: tuple[tuple[str, str, Probe], ...] = (
    ("its words", "with unknown words of the same shape", _line(_unknown)),
    ("its shortness", "as long as a paragraph", _line(_longer)),
    ("its length", "with its first words only", _line(_shorter)),
    ("its end without a full stop", "with a full stop", _line(lambda line: line if _END.search(line) else f"{line}.")),
    ("its end like a sentence", "without the full stop", _line(lambda line: _END.sub("", line))),
    ("its digits", "without them", _line(lambda line: re.sub(r"\d+", "", line))),
    ("its capitals", "in small letters", _line(str.lower)),
    ("its separators and signs", "with blanks for them", _line(lambda line: _MARKS.sub(" ", line))),
    ("the words of its neighbours", "among unknown words of the same shape", _neighbours),
    ("the lines above", "without them", _without_above),
    ("the lines below", "without them", _without_below),
    ("the blank lines around it", "without them", _without_blanks),
    ("its repetition on the page", "standing there once", _once),
    ("its place on the page", "right below the longest line", _amid_text),
)
