"""Which lines are article text: witnesses first, then one decision.

As in jusText, each line is judged by itself and then in its context; all verdicts stay on the line. The line model
gives each line a probability. The other witnesses shift its odds: by the odds of their own score, times the trust that
they have. So a doubtful witness needs a second one, a sure rule overrules the model, and a line goes when what is left
of its odds is below the threshold that `keep` names. Losing article text is worse than leaving a stray line, so the
thresholds are low.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.document import ROLE_BY_LABEL, Batch, Evidence, Lines, Role, Verdicts
from ingest.models import line_model
from ingest.models.line_model import Keep, Prediction
from ingest.rules import RuleSet
from ingest.sites import Profiles, votes

STAGE = "label"

DOUBLED = 0.9
SENTENCE, OFTEN = 40, 3  # characters and occurrences from which a line repeated on its own page is a placeholder
# How much the odds of a witness's score count beside those of the model. The extractor's figure was measured on news
# pages that the model had not seen; the others let a sure witness overrule a sure model.
TRUST = {Evidence.SITE: 2.0, Evidence.RULE: 2.0, Evidence.DUPLICATE: 2.0, Evidence.EXTRACTOR: 2.5}
SURE, FOUND = 0.8, 0.2  # probability of a line, and share of such text that an extractor who found the article keeps
DOUBTFUL = 0.5  # expected F1 of a page below which no less is asked of its lines
MOST_CERTAIN = 0.99  # no witness is surer than this, so that none can silence all others


def label(batch: Batch, rules: RuleSet, profiles: Profiles, keep: Keep) -> Batch:
    """Hear all witnesses on every line, then decide."""
    lines = batch.lines
    model = line_model.load()
    known = votes.known(batch, profiles)
    predicted = model.predict(lines.texts, lines.offsets, *votes.evidence_of(known, lines.texts))
    sites = [document.site for document in batch.documents]
    found = rules.apply(lines.texts, lines.offsets, sites)
    lines.votes.append(Verdicts("rules", Evidence.RULE, found.role, found.score, found.rule))
    lines.votes.append(votes.vote(known, lines.texts))
    lines.votes.append(doubled(lines))
    lines.votes.append(model_verdicts(predicted))
    silence_lost_extractor(lines, predicted.content)
    decide(lines, predicted.content, line_model.threshold(keep))
    return batch


def doubled(lines: Lines) -> Verdicts:
    """Lines that the page itself repeats.

    Of two equal lines in a row, blank ones apart, the second goes: a caption printed after its alt text. A sentence
    that stands on the page three times or more goes wherever it stands: the placeholder of embedded content.
    """
    verdicts = Verdicts.silent(STAGE, Evidence.DUPLICATE, len(lines))
    for first, last in zip(lines.offsets[:-1].tolist(), lines.offsets[1:].tolist(), strict=True):
        before = ""
        times = Counter(text for row in range(first, last) if len(text := lines.texts[row].strip()) >= SENTENCE)
        for row in range(first, last):
            text = lines.texts[row].strip()
            if not text:
                continue
            if text == before and any(map(str.isalpha, text)):
                verdicts.give(row, Role.CAPTION, DOUBLED, "doubled-line")
            if times[text] >= OFTEN:
                verdicts.give(row, Role.OTHER_BOILERPLATE, DOUBLED, f"{times[text]} times on the page")
            before = text
    return verdicts


def model_verdicts(predicted: Prediction) -> Verdicts:
    """The line model's verdicts: content, or the most probable role that is not."""
    roles = np.array([ROLE_BY_LABEL[label] for label in predicted.role_labels], np.int8)
    outside = ~np.isin(roles, [Role.BODY, Role.STANDFIRST, Role.QUOTE, Role.LIST])
    other = roles[outside][predicted.roles[:, outside].argmax(1)]
    is_content = predicted.content >= 0.5
    role = np.where(is_content, np.int8(Role.BODY), other).astype(np.int8)
    score = np.where(is_content, predicted.content, 1 - predicted.content).astype(np.float32)
    return Verdicts("model", Evidence.MODEL, role, score, ["line-model"] * len(role))


def silence_lost_extractor(lines: Lines, content: npt.NDArray[np.float32]) -> None:
    """Do not hear the extractor on pages where it keeps little of the text that the line model is sure of.

    There it has taken a teaser or a comment for the article, and its voice against all other lines would lose the page.
    """
    heard = lines.vote(Evidence.EXTRACTOR)
    if heard is None:
        return
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    sure = np.where(content >= SURE, size, 0)
    for first, last in pairwise(lines.offsets.tolist()):
        kept = heard.role[first:last] == Role.BODY
        if sure[first:last][kept].sum() < FOUND * sure[first:last].sum():
            heard.role[first:last] = Role.UNKNOWN


def decide(lines: Lines, content: npt.NDArray[np.float32], share: float) -> None:
    """Write the final columns of the line table from the votes.

    content: float32[n], the model's probability that a line is article text. share: see `least_probability`. The most
    specific role wins; the most trusted witness names the evidence.
    """
    lines.votes.sort(key=lambda verdicts: verdicts.evidence)
    weights = np.stack([_weight(verdicts, content) for verdicts in lines.votes])
    final = weights.sum(axis=0)
    probability = 1 / (1 + np.exp(-final))
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    full = size > 0
    goes = full & (probability < least_probability(probability, size, lines.offsets, share))

    against = weights < 0
    witness = against.argmax(axis=0)  # the most trusted that speaks against the line
    roles = np.stack([verdicts.role for verdicts in lines.votes])
    alone = against.sum(axis=0) == 1
    # a title or byline is what the model takes a line for only where nobody knows it as boilerplate
    specific = (
        against & (roles != Role.OTHER_BOILERPLATE) & (alone | (roles >= Role.NAVIGATION) | (roles == Role.CAPTION))
    )
    role = np.take_along_axis(roles, specific.argmax(axis=0)[None], axis=0)[0]
    role = np.where(specific.any(axis=0), role, np.int8(Role.OTHER_BOILERPLATE))
    evidence = np.array([verdicts.evidence for verdicts in lines.votes], np.int8)[witness]

    lines.role = np.where(goes, role, np.where(full, np.int8(Role.BODY), np.int8(Role.UNKNOWN)))
    lines.evidence = np.where(goes, evidence, np.int8(Evidence.NONE))
    lines.score = np.where(goes, 1 - probability, np.where(full, probability, 0)).astype(np.float32)
    for row in np.flatnonzero(goes).tolist():
        verdicts = lines.votes[witness[row]]
        lines.rule[row], lines.stage[row] = verdicts.rule[row] or "", verdicts.stage


def least_probability(
    probability: npt.NDArray[np.float64], size: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], share: float
) -> npt.NDArray[np.float64]:
    """float64[n]: the probability that each line needs to stay, the same for all lines of a page.

    It is `share` times the best F1, by characters, that a choice of the page's lines can be expected to reach; half of
    that F1 would be the threshold that reaches it (Lipton, Elkan and Naryanaswamy 2014). So less is asked of the lines
    of a page of which the witnesses are not sure, down to a limit, for a page without an article has no text.
    """
    out = np.zeros(len(probability))
    for first, last in pairwise(offsets.tolist()):
        p, n = probability[first:last], size[first:last]
        order = np.argsort(-p, kind="stable")
        hit, kept = np.cumsum((p * n)[order]), np.cumsum(n[order])
        if len(p) and kept[-1]:
            best = (2 * hit / np.maximum(kept + hit[-1], 1)).max()
            out[first:last] = share * max(best, DOUBTFUL)
    return out


def _weight(verdicts: Verdicts, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[n]: what a witness adds to the log-odds of content; the model adds those of its probability."""
    if verdicts.evidence is Evidence.MODEL:
        return _logit(content)
    weight = TRUST[verdicts.evidence] * np.where(verdicts.role == Role.UNKNOWN, 0, _logit(verdicts.score))
    result: npt.NDArray[np.float32] = np.where(_leaves(verdicts), -weight, weight).astype(np.float32)
    return result


def _logit(p: npt.NDArray[np.float32] | np.float32) -> npt.NDArray[np.float32]:
    inside = np.clip(p, 1 - MOST_CERTAIN, MOST_CERTAIN)
    result: npt.NDArray[np.float32] = np.log(inside / (1 - inside)).astype(np.float32)
    return result


def _leaves(verdicts: Verdicts) -> npt.NDArray[np.bool_]:
    """bool[n]: where the verdict is that the line is no article text."""
    result: npt.NDArray[np.bool_] = (verdicts.role >= Role.NAVIGATION) | (verdicts.role == Role.CAPTION)
    return result
