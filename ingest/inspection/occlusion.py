"""What the line model goes by: change one thing about a page, ask the model again, and measure what that does.

Nothing of the model's inside is used: each probe is a real page that differs from the given one in one respect, and its
effect is the difference of two real predictions. So the attribution stays true when a model is trained anew. Such
occlusion tells what the verdict hangs on as things stand; the effects do not add up, since features act together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ingest.document import Document
from ingest.inspection.perturbation import Copy, Without, ask
from ingest.pipeline import Chain

LEAST = 0.1  # of a log-odds: smaller effects are not told
NEAR = 3  # lines above and below that count as neighbours
LONG, SHORT = 200, 40  # characters

Probe = Callable[[Copy], "Copy | None"]
"""Changes one thing about a page; None where there is nothing to change."""

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


def effects(document: Document, chain: Chain, texts: list[str], place: int) -> ModelView:
    """Probe the model that judged a page on its line `texts[place]` (0-based, not blank).

    document, chain: the page, and the stages that labelled it · texts: its lines as these saw them, blank ones "".
    """
    page = Copy(tuple(enumerate(texts)), place)
    changed = [(feature, instead, probe(page)) for feature, instead, probe in PROBES]
    told = [(feature, instead, copy) for feature, instead, copy in changed if copy is not None and copy != page]
    base, *others = ask(document, chain, page, [page, *(copy for _, _, copy in told)])
    found = [
        Effect(feature, instead, round(_log_odds(base.content) - _log_odds(other.content), 2), round(other.content, 4))
        for (feature, instead, _), other in zip(told, others, strict=True)
    ]
    strong = [effect for effect in found if abs(effect.change) >= LEAST]
    strong.sort(key=lambda effect: (-abs(effect.change), effect.feature))
    return ModelView(round(base.alone, 4), round(base.content, 4), strong)


def _log_odds(p: float) -> float:
    inside = min(max(p, 1e-6), 1 - 1e-6)
    return float(np.log(inside / (1 - inside)))


def _unknown(line: str) -> str:
    """The line with each word spelt backwards: same size, capitals and marks, but words that nobody knows."""

    def backwards(match: re.Match[str]) -> str:
        word = match[0]
        return "".join(c.upper() if w.isupper() else c.lower() for c, w in zip(reversed(word), word, strict=True))

    return _WORD.sub(backwards, line)


def _rewritten(page: Copy, change: Callable[[int, str], str]) -> Copy:
    """The page with other words in its lines; `change` is given the place and text of each line that is not blank."""
    lines = [(row, change(place, text) if text else text) for place, (row, text) in enumerate(page.lines)]
    return replace(page, lines=tuple(lines))


def _line(change: Callable[[str], str]) -> Probe:
    """A probe that changes the line itself."""

    def probe(page: Copy) -> Copy | None:
        changed = _rewritten(page, lambda place, text: change(text) if place == page.at else text)
        return changed if changed.lines[page.at][1].strip() else None

    return probe


def _without(what: Without) -> Probe:
    return lambda page: replace(page, without=what)


def _neighbours(page: Copy) -> Copy:
    full = [place for place, (_, text) in enumerate(page.lines) if text and place != page.at]
    near = {*[place for place in full if place < page.at][-NEAR:], *[place for place in full if place > page.at][:NEAR]}
    return _rewritten(page, lambda place, text: _unknown(text) if place in near else text)


def _without_above(page: Copy) -> Copy:
    return replace(page, lines=page.lines[page.at :], at=0)


def _without_below(page: Copy) -> Copy:
    return replace(page, lines=page.lines[: page.at + 1])


def _without_blanks(page: Copy) -> Copy:
    first = last = page.at
    while first and not page.lines[first - 1][1]:
        first -= 1
    while last + 1 < len(page.lines) and not page.lines[last + 1][1]:
        last += 1
    return replace(page, lines=(*page.lines[:first], page.lines[page.at], *page.lines[last + 1 :]), at=first)


def _once(page: Copy) -> Copy:
    line = page.lines[page.at][1].strip()
    return _rewritten(page, lambda at, text: _unknown(text) if at != page.at and text.strip() == line else text)


def _amid_text(page: Copy) -> Copy | None:
    """The line moved to right below the page's longest other line."""
    others = [place for place, (_, text) in enumerate(page.lines) if text and place != page.at]
    if not others:
        return None
    longest = max(others, key=lambda place: (len(page.lines[place][1]), -place))
    lines = list(page.lines)
    line = lines.pop(page.at)
    target = longest + (longest < page.at)
    lines.insert(target, line)
    return replace(page, lines=tuple(lines), at=target)


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
    ("the rule it meets", "meeting none", _without("rule")),
    ("the site's other pages", "with nothing known of them", _without("site")),
    ("what the page's head says", "with an empty head", _without("head")),
    ("the classes and ids of the elements", "without them", _without("names")),
    ("the sectioning elements of the page", "with plain ones for them", _without("sections")),
    ("the links of the page", "as plain text", _without("links")),
)
