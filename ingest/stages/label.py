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

from ingest.document import ROLE_BY_LABEL, Batch, Evidence, Kind, Lines, Role, Verdicts
from ingest.html.elements import CHOSEN, STRIPPED
from ingest.html.engine import Engine
from ingest.models import dom_model, line_model
from ingest.models.line_model import Keep, Prediction
from ingest.rules import DECISIVE, RuleSet
from ingest.sites import Profiles, votes
from ingest.stages.copies import copies
from ingest.stages.hear import ENOUGH, expected_of_pages, hear
from ingest.stages.shapes import shapes
from ingest.stages.threads import below_comments
from ingest.stages.unframed import give_back

STAGE = "label"

DOUBLED = 0.9
# Inside the body that a site configuration names, rules and a sure model still find share bars and the like.
CONFIGURED, CHOSEN_KEEPS = 0.99, 0.95
SENTENCE, OFTEN = 40, 3  # characters and occurrences from which a line repeated on its own page is a placeholder
# How much the odds of a witness's score count beside those of the model. The extractor's figure was measured on news
# pages that the model had not seen; the others let a sure witness overrule a sure model.
TRUST = {Evidence.SITE: 2.0, Evidence.RULE: 2.0, Evidence.DUPLICATE: 2.0, Evidence.EXTRACTOR: 1.1}
SURE_PAGE = 0.9  # expected F1 of a page that the line model is sure of
LESS = 0.7  # so much of the threshold is left on an HTML page that the model is unsure of, and the extractor silent
SURE, FOUND = 0.8, 0.2  # probability of a line, and share of such text that an extractor who found the article keeps
MOST_CERTAIN = 0.99  # no witness is surer than this, so that none can silence all others,
PERSON = 50.0  # but a person's word about this very line, a rule whose score is 1, adds so much to the log-odds


def label(batch: Batch, rules: RuleSet, profiles: Profiles, keep: Keep, engine: Engine = "auto") -> Batch:
    """Hear all witnesses on every line, then decide."""
    lines = batch.lines
    predicted = lines.judged
    by_site = votes.vote(votes.predict(batch, votes.known(batch, profiles)), lines, levels(batch))
    content = moved(predicted.content, by_site)
    sites = [document.site for document in batch.documents]
    found = rules.apply(lines.texts, lines.offsets, sites)
    expected = expected_of_pages(batch, content, dom_model.threshold(keep))
    hear(batch, expected, engine)
    lines.votes.append(by_rule := Verdicts("rules", Evidence.RULE, found.role, found.score, found.rule))
    lines.votes.append(below_comments(batch, by_rule, content))
    lines.votes.append(by_site)
    lines.votes.append(configured(batch))
    lines.votes.append(shapes(batch))
    lines.votes.append(copied := copies(lines, predicted.content))
    lines.votes.append(doubled(lines, copied))
    lines.votes.append(model_verdicts(predicted))
    if engine == "trafilatura":
        heard = give_way(lines, predicted.content)
    else:
        silence_lost_extractor(lines, content)
        heard = predicted.content
    decide(lines, heard, thresholds(batch, keep, content, expected))
    return give_back(batch)


def levels(batch: Batch) -> npt.NDArray[np.float32]:
    """float32[n]: the probability at which each line stays by default, as the model that judged its page has it."""
    usual = [usual_threshold(document.record.kind, "balanced") for document in batch.documents]
    return np.repeat(np.array(usual, np.float32), np.diff(batch.lines.offsets))


def moved(content: npt.NDArray[np.float32], by_site: Verdicts) -> npt.NDArray[np.float32]:
    """float32[n]: probabilities of the line model together with what the site's other pages say."""
    found = 1 / (1 + np.exp(-_logit(content) - _weight(by_site, content)))
    return np.where(by_site.role == Role.UNKNOWN, content, found).astype(np.float32)


def configured(batch: Batch) -> Verdicts:
    """What the user's site configuration says: strip this, keep what is in the body, drop what is outside."""
    lines = batch.lines
    verdicts = Verdicts.silent("site-config", Evidence.RULE, len(lines))
    for position, document in batch.alive():
        if document.site_config is None:
            continue
        span = lines.span(position)
        has_body = bool((lines.within[span.start : span.stop] & CHOSEN).any())
        for row in span:
            within = int(lines.within[row])
            if not lines.texts[row]:
                continue
            if within & STRIPPED:
                verdicts.give(row, Role.OTHER_BOILERPLATE, CONFIGURED, f"{document.site_config}: strip")
            elif within & CHOSEN:
                verdicts.give(row, Role.BODY, CHOSEN_KEEPS, f"{document.site_config}: body")
            elif has_body:
                verdicts.give(row, Role.OTHER_BOILERPLATE, CONFIGURED, f"{document.site_config}: outside the body")
    return verdicts


def doubled(lines: Lines, copied: Verdicts) -> Verdicts:
    """Lines that the page itself repeats.

    Of two equal lines in a row, blank ones apart, the second goes: a caption printed after its alt text. A sentence
    that stands on the page three times or more goes wherever it stands: the placeholder of embedded content, unless it
    is part of an article that the page prints several times.
    """
    verdicts = Verdicts.silent(STAGE, Evidence.DUPLICATE, len(lines))
    for first, last in pairwise(lines.offsets.tolist()):
        page = [(text, row) for row, line in enumerate(lines.texts[first:last], first) if (text := line.strip())]
        for (before, _), (text, row) in pairwise(page):
            if text == before and any(map(str.isalpha, text)):
                verdicts.give(row, Role.CAPTION, DOUBLED, "doubled-line")
        long = [text for text, _ in page if len(text) >= SENTENCE]
        if len(long) - len(set(long)) < OFTEN - 1:
            continue
        kept = {lines.texts[row].strip() for row in range(first, last) if copied.role[row] != int(Role.UNKNOWN)}
        often = {text: times for text, times in Counter(long).items() if times >= OFTEN and text not in kept}
        for text, row in page:
            if text in often:
                verdicts.give(row, Role.OTHER_BOILERPLATE, DOUBLED, f"{often[text]} times on the page")
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
        kept = heard.role[first:last] == int(Role.BODY)
        if sure[first:last][kept].sum() < FOUND * sure[first:last].sum():
            heard.role[first:last] = Role.UNKNOWN


def give_way(lines: Lines, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Silence the line model where the extractor has spoken; gives the probabilities that then count."""
    heard, model = lines.vote(Evidence.EXTRACTOR), lines.vote(Evidence.MODEL)
    assert heard is not None
    assert model is not None
    spoke = heard.role != Role.UNKNOWN
    model.role[spoke] = Role.UNKNOWN
    return np.where(spoke, np.float32(0.5), content)


def stays(lines: Lines) -> npt.NDArray[np.bool_]:
    """bool[n]: where the votes left a line in the text, whatever later stages made of it."""
    found: npt.NDArray[np.bool_] = lines.weights.sum(axis=0) >= _logit(lines.threshold)
    return found


def usual_threshold(kind: Kind, keep: Keep) -> float:
    """The least probability that the model for such pages is measured with."""
    return dom_model.threshold(keep) if kind == "html" else line_model.threshold(keep)


def thresholds(
    batch: Batch, keep: Keep, content: npt.NDArray[np.float32], expected: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """float32[n]: each line's least probability, as the model that judges its page was measured with.

    On a page of text that the model is not sure of less is asked, down to a half: of a page of tables and labels it
    would else lose most. How sure it is, is the F1 by characters that the best choice of lines can be expected to reach
    (after Lipton, Elkan and Naryanaswamy 2014, where half of it is the threshold that reaches it).
    """
    lines = batch.lines
    heard = lines.vote(Evidence.EXTRACTOR)
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    of_page = np.empty(len(batch.documents), np.float32)
    for position, document in enumerate(batch.documents):
        usual = usual_threshold(document.record.kind, keep)
        if document.record.kind == "html":
            alone = heard is None or not heard.role[lines.offsets[position] : lines.offsets[position + 1]].any()
            of_page[position] = usual * (LESS if alone and expected[position] < ENOUGH else 1)
            continue
        span = lines.span(position)
        sure = expected_f1(content[span.start : span.stop].astype(float), size[span.start : span.stop])
        of_page[position] = usual * min(max(sure / SURE_PAGE, 0.5), 1.0)
    return np.repeat(of_page, np.diff(lines.offsets))


def expected_f1(content: npt.NDArray[np.float64], size: npt.NDArray[np.int64]) -> float:
    """F1 that the best choice of a page's lines can be expected to reach, if the probabilities are true."""
    order = np.argsort(-content, kind="stable")
    hit, kept = np.cumsum((content * size)[order]), np.cumsum(size[order])
    return float((2 * hit / np.maximum(kept + hit[-1:], 1)).max(initial=0.0))


def decide(lines: Lines, content: npt.NDArray[np.float32], threshold: npt.NDArray[np.float32]) -> None:
    """Write the final columns of the line table from the votes.

    content: float32[n], the model's probability that a line is article text. threshold: float32[n], the least
    probability, after all witnesses, at which a line stays. The most specific role wins; the most trusted witness names
    the evidence.
    """
    lines.votes.sort(key=lambda verdicts: verdicts.evidence)
    lines.threshold = threshold
    lines.weights = weights = weights_of(lines, content)
    final = weights.sum(axis=0)
    probability = 1 / (1 + np.exp(-final))
    full = np.fromiter(map(bool, lines.texts), bool, len(lines))
    goes = full & ~stays(lines)

    against = weights < 0
    witness = against.argmax(axis=0)  # the most trusted that speaks against the line
    for number, verdicts in enumerate(lines.votes):
        witness[is_decisive(verdicts) & against[number]] = number
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


def weights_of(lines: Lines, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[len(lines.votes), n]: what each witness adds to the log-odds that a line is article text."""
    return np.stack([_weight(verdicts, content) for verdicts in lines.votes])


def _weight(verdicts: Verdicts, content: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[n]: what a witness adds to the log-odds of content; the model adds those of its probability."""
    if verdicts.evidence is Evidence.MODEL:
        return _logit(content)
    weight = TRUST[verdicts.evidence] * np.where(verdicts.role == Role.UNKNOWN, 0, _logit(verdicts.score))
    weight = np.where(is_decisive(verdicts), PERSON, weight)
    result: npt.NDArray[np.float32] = np.where(_leaves(verdicts), -weight, weight).astype(np.float32)
    return result


def is_decisive(verdicts: Verdicts) -> npt.NDArray[np.bool_]:
    """bool[n]: where a person has said what the line is; see `ingest rules add`."""
    found: npt.NDArray[np.bool_] = (verdicts.score >= DECISIVE) & (verdicts.role != Role.UNKNOWN)
    return found if verdicts.evidence is Evidence.RULE else np.zeros_like(found)


def saved(lines: Lines) -> npt.NDArray[np.bool_]:
    """bool[n]: where a person has said that the line is article text, whatever any stage takes it for."""
    rules = lines.vote(Evidence.RULE)
    found: npt.NDArray[np.bool_] = np.zeros(len(lines), bool) if rules is None else is_decisive(rules) & ~_leaves(rules)
    return found


def _logit(p: npt.NDArray[np.float32] | np.float32) -> npt.NDArray[np.float32]:
    inside = np.clip(p, 1 - MOST_CERTAIN, MOST_CERTAIN)
    result: npt.NDArray[np.float32] = np.log(inside / (1 - inside)).astype(np.float32)
    return result


def _leaves(verdicts: Verdicts) -> npt.NDArray[np.bool_]:
    """bool[n]: where the verdict is that the line is no article text."""
    result: npt.NDArray[np.bool_] = (
        (verdicts.role >= Role.NAVIGATION) | (verdicts.role == Role.CAPTION) | (verdicts.role == Role.TAG)
    )
    return result
