"""The decision: each line's votes, as log-odds of article text, against the threshold of its page.

As in jusText, each line is judged by itself and then in its context; all votes stay on the line. The line model gives
each line a probability. The other voters shift its odds: by the odds of their own score, times the weight that they
have. So a doubtful voter needs a second one, a sure rule overrules the model, and a line goes when what is left of its
odds is below the threshold that `keep` names. Losing article text is worse than leaving a stray line, so the thresholds
are low.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Kind, Lines, Votes
from ingest.metadata.lines import SENTENCE_END
from ingest.models import dom_model, line_model
from ingest.models.line_model import Keep
from ingest.roles import Evidence, Role
from ingest.votes import VOTERS
from ingest.votes.confidence import f1_of_best_choice
from ingest.votes.extractor import ENOUGH
from ingest.votes.rules import is_decisive

# How much the odds of a voter's score count beside those of the model. The extractor's figure was measured on news
# pages that the model had not seen; the others let a sure voter overrule a sure model.
WEIGHT = {Evidence.SITE: 2.0, Evidence.RULE: 2.0, Evidence.DUPLICATE: 2.0, Evidence.EXTRACTOR: 1.1}
SURE_PAGE = 0.9  # expected F1 of a page that the line model is sure of
SENTENCE, OF_PROSE = 40, 0.5  # weighted characters of a sentence, and the share of the threshold that it is asked for
LESS = 0.7  # so much of the threshold is left on an HTML page that the model is unsure of, and the extractor silent
MOST_CERTAIN = 0.99  # no voter is surer than this, so that none can silence all others,
PERSON = 50.0  # but a person's word about this very line, a rule whose score is 1, adds so much to the log-odds


def usual_threshold(kind: Kind, keep: Keep) -> float:
    """The least probability that the model for such pages is measured with."""
    return dom_model.threshold(keep) if kind == "html" else line_model.threshold(keep)


def usual_thresholds(batch: Batch, keep: Keep) -> npt.NDArray[np.float32]:
    """float32[n]: `usual_threshold` of each line of a batch."""
    usual = [usual_threshold(document.record.kind, keep) for document in batch.documents]
    return np.repeat(np.array(usual, np.float32), np.diff(batch.lines.offsets))


def thresholds(
    batch: Batch,
    keep: Keep,
    content: npt.NDArray[np.float32],
    expected: npt.NDArray[np.float64],
    extractor: Votes,
) -> npt.NDArray[np.float32]:
    """float32[n]: each line's least probability, as the model that judges its page was measured with.

    On a page of text that the model is not sure of less is asked, down to a half: of a page of tables and labels it
    would else lose most. How sure it is, is the F1 that the best choice of lines can be expected to reach. Half is also
    asked of sentences: few of what is not text are any, and losing one is worse than a stray label.
    """
    lines = batch.lines
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    of_page = np.empty(len(batch.documents), np.float32)
    for position, document in enumerate(batch.documents):
        usual = usual_threshold(document.record.kind, keep)
        span = lines.span(position)
        here = slice(span.start, span.stop)
        if document.record.kind == "html":
            of_page[position] = usual * (LESS if expected[position] < ENOUGH and not extractor.role[here].any() else 1)
            continue
        sure = f1_of_best_choice(content[here].astype(float), size[here])
        of_page[position] = usual * min(max(sure / SURE_PAGE, 0.5), 1.0)
    is_text = np.array([document.record.kind != "html" for document in batch.documents], bool)
    prose = _sentences(lines) & np.repeat(is_text, np.diff(lines.offsets))
    return np.repeat(of_page, np.diff(lines.offsets)) * np.where(prose, np.float32(OF_PROSE), np.float32(1))


def _sentences(lines: Lines) -> npt.NDArray[np.bool_]:
    long = lines.marks.size >= SENTENCE
    long[long] = [SENTENCE_END.search(lines.texts[row].rstrip()) is not None for row in np.flatnonzero(long).tolist()]
    return long


def probability_with(votes: Votes, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[n]: probabilities of the line model together with what one voter says."""
    found = _probability(_logit(content) + weight_of(votes, content))
    return np.where(votes.role == Role.UNKNOWN, content, found).astype(np.float32)


def decide(
    lines: Lines, votes: Sequence[Votes], content: npt.NDArray[np.float32], threshold: npt.NDArray[np.float32]
) -> None:
    """Write the final columns of the line table from the votes, in whatever order they come; they stay on the table.

    content: float32[n], the model's probability that a line is article text. threshold: float32[n], the least
    probability, after all votes, at which a line stays. The most specific role wins; the first voter of `VOTERS` that
    speaks against a line names the evidence.
    """
    lines.votes = votes = sorted([*lines.votes, *votes], key=_place)
    lines.threshold = threshold
    lines.weights = weights = np.stack([weight_of(some, content) for some in votes])
    lines.log_odds = weights.sum(axis=0)
    lines.stays = lines.log_odds >= _logit(threshold)
    probability = _probability(lines.log_odds)
    full = np.fromiter(map(bool, lines.texts), bool, len(lines))
    goes = full & ~lines.stays

    against = weights < 0
    named = against.argmax(axis=0)  # the first that speaks against the line
    for number, some in enumerate(votes):
        named[is_decisive(some) & against[number]] = number
    roles = np.stack([some.role for some in votes])
    alone = against.sum(axis=0) == 1
    # a title or byline is what the model takes a line for only where nobody knows it as boilerplate
    specific = (
        against & (roles != Role.OTHER_BOILERPLATE) & (alone | (roles >= Role.NAVIGATION) | (roles == Role.CAPTION))
    )
    role = np.take_along_axis(roles, specific.argmax(axis=0)[None], axis=0)[0]
    role = np.where(specific.any(axis=0), role, np.int8(Role.OTHER_BOILERPLATE))
    evidence = np.array([some.voter.evidence for some in votes], np.int8)[named]

    lines.role = np.where(goes, role, np.where(full, np.int8(Role.BODY), np.int8(Role.UNKNOWN)))
    lines.evidence = np.where(goes, evidence, np.int8(Evidence.NONE))
    lines.score = np.where(goes, 1 - probability, np.where(full, probability, 0)).astype(np.float32)
    for row in np.flatnonzero(goes).tolist():
        some = votes[named[row]]
        lines.rule[row], lines.stage[row] = some.rule[row] or "", some.voter.stage


def _place(votes: Votes) -> tuple[int, int]:
    """Before others goes whose evidence does, then who stands first among `VOTERS`, those of plug-ins above all."""
    return votes.voter.evidence, VOTERS.index(votes.voter) if votes.voter in VOTERS else -1


def weight_of(votes: Votes, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[n]: what a voter adds to the log-odds of content; the model adds those of its probability."""
    if votes.voter.evidence is Evidence.MODEL:
        return _logit(content)
    weight = WEIGHT[votes.voter.evidence] * np.where(votes.role == Role.UNKNOWN, 0, _logit(votes.score))
    weight = np.where(is_decisive(votes), PERSON, weight)
    result: npt.NDArray[np.float32] = np.where(votes.against, -weight, weight).astype(np.float32)
    return result


def _logit(p: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    inside = np.clip(p, 1 - MOST_CERTAIN, MOST_CERTAIN)
    result: npt.NDArray[np.float32] = np.log(inside / (1 - inside)).astype(np.float32)
    return result


def _probability(log_odds: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    result: npt.NDArray[np.float32] = (1 / (1 + np.exp(-log_odds))).astype(np.float32, copy=False)
    return result
