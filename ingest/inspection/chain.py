"""The full chain of reasons for one line."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest import rescue
from ingest.decide import usual_threshold
from ingest.errors import RuleError
from ingest.inspection.occlusion import Effect, effects
from ingest.inspection.pages import Labelled
from ingest.inspection.views import LineView, PageView, Vote
from ingest.rules import RuleSet
from ingest.stages import metadata


@dataclass(frozen=True, slots=True)
class Witness:
    """One voter: what it says, what that adds to the log-odds of article text, and its grounds in plain words."""

    evidence: str
    says: str
    score: float
    weight: float
    rule: str | None
    grounds: list[str]


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """Why a line is where it is.

    The `witnesses`' weights add up to `log_odds`; the line stays in the text if their `probability` is at least
    `threshold`, that of its page, unless a later stage (`afterwards`) takes it as metadata, cuts it, or gives it back.
    `usual` is the threshold that `keep` names for such pages. `alone` and `in_context` are the line model's
    probabilities before other voters are heard, `effects` what they hang on.
    """

    line: int
    text: str
    kept: bool
    role: str
    site: str | None
    witnesses: list[Witness]
    log_odds: float
    probability: float
    keep: str
    threshold: float
    usual: float
    verdict: str
    afterwards: list[str]
    alone: float
    in_context: float
    effects: list[Effect] = field(default_factory=list)


def explain_line(found: Labelled, number: int) -> LineExplanation | None:
    """The chain for the line of that number (1-based), None for a blank line or none."""
    page, chain = found.page, found.chain
    line = page.line(number)
    if line is None:
        return None
    model = effects(found.document, chain, page.texts(), number - 1)
    witnesses = [
        Witness(vote.evidence, *_says(vote, weight), weight, vote.rule, _grounds(vote, weight, found, line))
        for vote, weight in zip(line.votes, line.weights, strict=True)
    ]
    total = round(sum(witness.weight for witness in witnesses), 2)
    return LineExplanation(
        line=number,
        text=line.text,
        kept=line.kept,
        role=line.role,
        site=page.site,
        witnesses=witnesses,
        log_odds=total,
        probability=line.probability or 0.0,
        keep=chain.settings.keep,
        threshold=line.threshold or 0.0,
        usual=round(usual_threshold(found.document.record.kind, chain.settings.keep), 4),
        verdict="stays" if line.stays else "goes",
        afterwards=_afterwards(line),
        alone=model.alone,
        in_context=model.in_context,
        effects=model.effects,
    )


def _says(vote: Vote, weight: float) -> tuple[str, float]:
    if weight == 0 and vote.evidence == "model":
        return "either is as probable", vote.score
    return (f"article text ({vote.role})" if weight > 0 else vote.role), vote.score


def _grounds(vote: Vote, weight: float, found: Labelled, line: LineView) -> list[str]:
    if vote.evidence == "rule" and vote.rule:
        return _rule_grounds(found.chain.resources.rules, vote, found.page, line)
    if vote.evidence == "site":
        profile = found.chain.profiles.sites.get(found.page.site or "")
        return [vote.rule or "", f"the profile knows {profile.pages} pages of the site" if profile else ""]
    if vote.evidence == "extractor":
        return [f"{vote.rule} " + ("kept the line" if weight > 0 else "dropped the line")]
    return [vote.rule] if vote.rule and vote.evidence == "duplicate" else []


def _rule_grounds(rules: RuleSet, vote: Vote, page: PageView, line: LineView) -> list[str]:
    rule_id = vote.rule or ""
    try:
        rule = rules.explain(rule_id)
    except RuleError:
        return [rule_id]
    where = f"site pack «{rule.site}»" if rule.site else "generic rules"
    grounds = [f"{rule_id} ({where}, {rule.file.name}): role {rule.role}, scope {rule.scope}, score {rule.score}"]
    met = rules.met_by(rule_id, line.text)
    if met:
        grounds.append(met)
    elif vote.below is not None and (head := page.line(vote.below)) is not None:
        grounds.append(f"in the block below line {vote.below}: «{head.text.strip()}»")
    return [*grounds, rule.note] if rule.note else grounds


def _afterwards(line: LineView) -> list[str]:
    told = []
    if line.stage == metadata.STAGE:
        told.append(f"read as the page's {line.role} ({line.rule})" + (", which stays in the text" * line.kept))
    elif line.stage == rescue.STAGE:
        told.append("given back, as the page would be left without any text; it says this more than once")
    elif line.stays != line.kept:
        told.append(f"{'given back' if line.kept else 'taken out'} as {line.role} by {line.stage or 'a later stage'}")
    if line.altered_to is not None:
        told.append(f"trimmed to «{line.altered_to}»")
    if line.repaired_from is not None:
        told.append(f"mended before; it was «{line.repaired_from}»")
    return told
