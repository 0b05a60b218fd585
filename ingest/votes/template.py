"""What the site's other pages say of a line: for it or against it, by how much its log-odds change with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.document import Lines, Voter, Votes
from ingest.lines.shape import is_final
from ingest.models import site_model
from ingest.roles import Evidence, Role
from ingest.sites.prediction import F32, SitePrediction

VOTER = Voter("template", Evidence.SITE, "sites")
ENOUGH_PAGES = 3  # other pages from which a sentence that repeats may be of the template
SENTENCE = 40  # characters of a line that may be a sentence of an article
LEAST = 0.3  # of log-odds; a site that moves a line less says nothing of it
# Of HTML the line model sees the tree, and is more often right against its site, of forms above all. Held out, word F1
# of nine Russian news sites, two parliaments and 100 mixed sites: with all of what speaks against a line 0.983, 0.795
# and 0.934, with half of it 0.981, 0.811 and 0.936, with a fifth 0.977, 0.833 and 0.933.
AGAINST_HTML = 0.5
SHOWN = 30  # characters of a line of the template


def vote(predicted: SitePrediction | None, lines: Lines, level: F32) -> Votes:
    """Votes of the site profiles on the lines of a batch.

    level: float32[n], the probability at which lines of such pages stay, as the line model was measured with: the model
    of sites has another.
    """
    texts, content = lines.texts, lines.judged.content
    votes = Votes.silent(VOTER, len(texts))
    if predicted is None:
        return votes
    rows = predicted.rows
    inside = np.clip(content[rows], 0.01, 0.99)
    usual = level[rows]
    shift = predicted.logit - site_model.load().level + np.log(usual / (1 - usual)) - np.log(inside / (1 - inside))
    shift = np.where((lines.place[rows] != 0) & (shift < 0), AGAINST_HTML * shift, shift)
    # where two of three pages are the same article, what both have is no template; what all three have is
    few = (predicted.others < ENOUGH_PAGES) & (predicted.on < np.maximum(predicted.others, ENOUGH_PAGES - 1))
    for at in np.flatnonzero((shift < 0) & few & (content[rows] >= usual)).tolist():
        if _is_sentence(texts[rows[at]]):
            shift[at] = 0
    speaks = np.flatnonzero(np.abs(shift) >= LEAST)
    rows = rows[speaks]
    votes.role[rows] = np.where(shift[speaks] > 0, Role.BODY, Role.OTHER_BOILERPLATE)
    votes.score[rows] = 1 / (1 + np.exp(-np.abs(shift[speaks]) / 2))
    for at, row in zip(speaks.tolist(), rows.tolist(), strict=True):
        votes.rule[row] = _in_words(predicted, at, texts)
    return votes


def _is_sentence(text: str) -> bool:
    return len(text) >= SENTENCE and is_final(text)


def _in_words(predicted: SitePrediction, at: int, texts: Sequence[str]) -> str:
    others = int(predicted.others[at])
    of = f" of template {predicted.template[at]}" if predicted.template[at] else ""
    if predicted.anchor[at] or predicted.on[at]:
        return f"on {predicted.on[at] + 1} of {others + 1} pages{of}"
    between = [_short(texts, int(predicted.above[at]), "the top"), _short(texts, int(predicted.below[at]), "the end")]
    return f"between {between[0]} and {between[1]}, as on {predicted.slot[at]} of {others} other pages{of}"


def _short(texts: Sequence[str], row: int, edge: str) -> str:
    if row < 0:
        return edge
    text = texts[row].strip()
    return f"«{text[:SHOWN]}…»" if len(text) > SHOWN else f"«{text}»"
