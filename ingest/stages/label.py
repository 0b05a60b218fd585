"""Which lines are article text: witnesses first, then one decision.

As in jusText, each line is first judged by itself (the witnesses' votes) and then in its context (rule blocks, zones,
neighbours); both verdicts stay on the line. Witnesses in falling order of trust: the site's other pages, rules, the
line model, the extractor. The decision asks for *enough* evidence, not for a majority: losing article text is worse than
leaving a stray line.
"""

from __future__ import annotations

import numpy as np

from ingest.document import Batch, Evidence, Lines, Role, Verdicts
from ingest.rules import RuleSet
from ingest.sites import Profiles, votes

STAGE = "label"

# A boilerplate verdict stands alone from this score on; below it a second witness must agree.
SUFFICIENT = 0.75


def label(batch: Batch, rules: RuleSet, profiles: Profiles) -> Batch:
    """Hear the rules and the site profiles on every line, then decide."""
    lines = batch.lines
    sites = [document.site for document in batch.documents]
    found = rules.apply(lines.texts, lines.offsets, sites)
    lines.votes.append(Verdicts("rules", Evidence.RULE, found.role, found.score, found.rule))
    lines.votes.append(votes.vote(batch, profiles))
    decide(lines)
    return batch


def decide(lines: Lines) -> None:
    """Write the final columns of the line table from the votes.

    Boilerplate if one witness is sure enough, or if two doubtful ones agree. The most specific role wins, the most
    trusted witness names the evidence.
    """
    lines.votes.sort(key=lambda verdicts: verdicts.evidence)
    against = np.zeros(len(lines), np.float32)
    doubts = np.ones(len(lines), np.float32)
    for verdicts in lines.votes:
        drops = verdicts.role >= Role.NAVIGATION
        against = np.maximum(against, np.where(drops, verdicts.score, 0))
        doubts *= np.where(drops, 1 - verdicts.score, 1).astype(np.float32)
    boilerplate = (against >= SUFFICIENT) | (1 - doubts >= SUFFICIENT)
    for row, text in enumerate(lines.texts):
        if not text:
            continue
        if not boilerplate[row]:
            lines.set(row, Role.BODY, Evidence.NONE, 1.0 - float(against[row]), "", STAGE)
            continue
        speakers = [v for v in lines.votes if v.role[row] >= Role.NAVIGATION]
        witness = max(speakers, key=lambda v: (v.score[row] >= SUFFICIENT, -v.evidence))
        role = next((v.role[row] for v in speakers if v.role[row] != Role.OTHER_BOILERPLATE), witness.role[row])
        rule = witness.rule[row] or ""
        lines.set(row, Role(role), witness.evidence, float(1 - doubts[row]), rule, witness.stage)
    lines.first_role = lines.role.copy()
