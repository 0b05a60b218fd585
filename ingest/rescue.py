"""Lines that are given back after the decision: losing article text, and a whole document most of all, is worse than a
stray line.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Lines
from ingest.metadata.lines import SENTENCE_END
from ingest.roles import Evidence, Role
from ingest.stages.removed import IN_TEXT, among
from ingest.votes import copies, repetition, rules

STAGE = "rescue"
SENTENCE = 40  # characters
FEW, FEW_SHARE = 5, 0.03  # lines that go from a clean page: so many, or so large a share of all,
KINDS = 1  # of furniture that rules know on a clean page, at most,
UNLIKELY = 0.2  # and lines that are less likely text than this hold
LITTLE, FEW_LINES = 0.1, 0.15  # less than this share of its characters, and are less than this share of its lines;
HOPELESS = 0.1  # such a line stays out of a page that is clean but for it
COPY = 0.25  # of the characters of a page that prints its article twice repeat others, at least
TWICE = 0.4  # and of one that holds nothing else
MOST = 0.4  # of a short page no more than this share,
SMALL = 0.35  # and share of the characters at most
#: Languages without an author's portrait in the pages that the line model was trained on.
UNTRAINED = frozenset(
    {"kk", "kk-Arab", "kk-Latn", "ky", "uz", "uz-Cyrl", "tg", "ug", "tt", "ba", "az", "tk", "mn", "ka"}
)


def of_clean_pages(batch: Batch) -> Batch:
    """Mark the pages that nothing surrounds, and give them back the lines that neither a rule nor the site took out.

    Dumps carry dozens of lines of furniture, and rules know several kinds of it. Where they know one at most, and
    little of a page looks like furniture to the line model, or no more than a few of its lines were to go, the page is
    most likely clean already: the text column of another tool, or this program's own output. There the line model or a
    repetition is not enough: the burden of proof lies with who takes a line out.
    """
    lines = batch.lines
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    by_rules = lines.votes_of(rules.VOTER)
    known = np.zeros(len(lines), np.int8) if by_rules is None else by_rules.role * (by_rules.role >= Role.NAVIGATION)
    for position, document in batch.alive():
        if document.record.kind == "html":
            continue
        span = lines.span(position)
        here = slice(span.start, span.stop)
        unlikely = lines.judged.content[here] < UNLIKELY
        few = _hardly_a_line_goes(size[here], lines.role[here] != int(Role.BODY))
        plain = len(set(known[here].tolist()) - {0}) <= KINDS
        calm = (
            plain
            and size[here][unlikely].sum() < LITTLE * size[here].sum()
            and (unlikely & (size[here] > 0)).sum() < FEW_LINES * (size[here] > 0).sum()
        )
        if not few and not calm:
            continue
        document.unframed = few and plain  # a byline below a text that merely looks clean is one
        gone = (size[here] > 0) & (lines.role[here] != int(Role.BODY))
        again = gone & _repeats(lines, span)
        model = gone & ~again & (lines.evidence[here] == int(Evidence.MODEL))
        if not few:
            model &= lines.judged.content[here] >= HOPELESS
            again &= size[here][again].sum() < COPY * size[here].sum()
        elif size[here][again].sum() >= TWICE * size[here].sum():
            again &= False
        again &= np.isin(lines.evidence[here], (int(Evidence.MODEL), int(Evidence.DUPLICATE)))
        doubtful = model | again
        for row in (np.flatnonzero(doubtful) + span.start).tolist():
            lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", "label")
    return batch


def _hardly_a_line_goes(size: npt.NDArray[np.int64], gone: npt.NDArray[np.bool_]) -> bool:
    """Whether few lines of a page were to go, and its lines are parted alike, where dumps show blocks."""
    full = size > 0
    gone = gone & full
    touching = int((full[1:] & full[:-1]).sum())
    most = min(max(FEW, FEW_SHARE * full.sum()), MOST * full.sum())
    alike = touching in (0, int(full.sum()) - 1)
    return alike and bool(gone.sum() <= most) and bool(size[gone].sum() <= SMALL * size.sum())


def _repeats(lines: Lines, span: range) -> npt.NDArray[np.bool_]:
    """bool[len(span)]: lines that say what others of their page say, whatever else speaks against them."""
    voters = [found for voter in (copies.VOTER, repetition.VOTER) if (found := lines.votes_of(voter)) is not None]
    result = np.zeros(len(span), bool)
    for found in voters:
        result |= found.role[span.start : span.stop] != int(Role.UNKNOWN)
    return result


def rescue(batch: Batch) -> Batch:
    """Give the first of equal sentences back to pages that have no line of text, and what closes an article to all.

    A sentence that a page repeats looks like a placeholder or a caption, to the line model too, and on most pages it is
    one. But where nothing else is left, and nobody but the model and the repetition itself spoke against the sentence,
    it may be all that the page has to say.
    """
    lines = batch.lines
    for position, _ in batch.alive():
        span = lines.span(position)
        if not among(lines.role[span.start : span.stop], *IN_TEXT).any():
            for row in _repeated(lines, span):
                lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
        for row in _closing(lines, span):
            lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
    return batch


def _closing(lines: Lines, span: range) -> list[int]:
    """Sentences right behind article text that the line model alone takes for the author's portrait, in languages whose
    portraits it was not trained on: there, whatever short sentence ends an article looks like one to it.
    """
    here = slice(span.start, span.stop)
    portrayed = (lines.role[here] == int(Role.AUTHOR_BIO)) & (lines.evidence[here] == int(Evidence.MODEL))
    bios = (np.flatnonzero(portrayed) + span.start).tolist()
    found: list[int] = []
    for row in bios:
        above = next((r for r in range(row - 1, span.start - 1, -1) if lines.texts[r]), row)
        is_text = lines.role[above] in IN_TEXT or above in found
        if is_text and lines.language[row] in UNTRAINED and SENTENCE_END.search(lines.texts[row].rstrip()):
            found.append(row)
    return found


def _repeated(lines: Lines, span: range) -> list[int]:
    """The first rows of sentences that stand on a page several times and that only a doubtful voter spoke against."""
    times = Counter(lines.texts[row].strip() for row in span)
    first: dict[str, int] = {}
    for row in span:
        text = lines.texts[row].strip()
        if len(text) >= SENTENCE and times[text] > 1 and SENTENCE_END.search(text):
            first.setdefault(text, row)
    return [row for row in first.values() if _is_doubtful(lines, row)]


def _is_doubtful(lines: Lines, row: int) -> bool:
    return int(lines.evidence[row]) in (Evidence.MODEL, Evidence.DUPLICATE) or lines.rule[row] == "metadata.title"
