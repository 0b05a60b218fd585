"""Which lines are article text: witnesses first, then one decision.

As in jusText, each line is first judged by itself (the witnesses' votes) and then in its context (rule blocks, zones,
neighbours); both verdicts stay on the line. Witnesses in falling order of trust: the site's other pages, rules, the
line model, the extractor. The decision asks for *enough* evidence, not for a majority: losing article text is worse
than leaving a stray line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Evidence, Lines, Role, Verdicts
from ingest.rules import RuleSet
from ingest.sites import Profiles, votes

STAGE = "label"

DOUBLED = 0.9

# A boilerplate verdict stands alone from this score on; below it a second witness must agree.
SUFFICIENT = 0.75


def label(batch: Batch, rules: RuleSet, profiles: Profiles) -> Batch:
    """Hear the rules and the site profiles on every line, then decide."""
    lines = batch.lines
    sites = [document.site for document in batch.documents]
    found = rules.apply(lines.texts, lines.offsets, sites)
    lines.votes.append(Verdicts("rules", Evidence.RULE, found.role, found.score, found.rule))
    lines.votes.append(votes.vote(batch, profiles))
    lines.votes.append(doubled(lines))
    decide(lines)
    return batch


def doubled(lines: Lines) -> Verdicts:
    """Of two equal lines in a row, blank ones apart, the second goes: a caption printed after its alt text."""
    verdicts = Verdicts.silent(STAGE, Evidence.DUPLICATE, len(lines))
    for first, last in zip(lines.offsets[:-1].tolist(), lines.offsets[1:].tolist(), strict=True):
        before = ""
        for row in range(first, last):
            text = lines.texts[row].strip()
            if not text:
                continue
            if text == before and any(map(str.isalpha, text)):
                verdicts.give(row, Role.CAPTION, DOUBLED, "doubled-line")
            before = text
    return verdicts


def decide(lines: Lines) -> None:
    """Write the final columns of the line table from the votes.

    A line leaves the text if one witness is sure enough, or if doubtful ones together are. The most specific role wins,
    the most trusted sure witness names the evidence.
    """
    lines.votes.sort(key=lambda verdicts: verdicts.evidence)
    against = np.stack([np.where(_leaves(v), v.score, np.float32(0)) for v in lines.votes])
    together = 1 - np.prod(1 - against, axis=0, dtype=np.float32)
    goes = (together >= SUFFICIENT).tolist()
    for row, text in enumerate(lines.texts):
        if not text:
            continue
        if not goes[row]:
            lines.set(row, Role.BODY, Evidence.NONE, 1.0 - float(together[row]), "", STAGE)
            continue
        speakers = np.flatnonzero(against[:, row]).tolist()
        sure = [i for i in speakers if against[i, row] >= SUFFICIENT]
        witness = lines.votes[(sure or speakers)[0]]
        roles = [Role(int(lines.votes[i].role[row])) for i in speakers]
        role = next((role for role in roles if role is not Role.OTHER_BOILERPLATE), roles[0])
        lines.set(row, role, witness.evidence, float(together[row]), witness.rule[row] or "", witness.stage)
    lines.first_role = lines.role.copy()


def _leaves(verdicts: Verdicts) -> npt.NDArray[np.bool_]:
    """bool[n]: where the verdict is that the line is no article text."""
    result: npt.NDArray[np.bool_] = (verdicts.role >= Role.NAVIGATION) | (verdicts.role == Role.CAPTION)
    return result
