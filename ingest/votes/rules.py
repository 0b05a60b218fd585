"""What the rules say of the lines, and what a person has said of one in a rule of their own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Lines, Voter, Votes
from ingest.roles import Evidence, Role
from ingest.rules import DECISIVE, RuleSet

VOTER = Voter("rules", Evidence.RULE, "rules")


def vote(batch: Batch, rules: RuleSet) -> Votes:
    """The rules' votes on the lines of a batch whose sites are named."""
    lines = batch.lines
    found = rules.apply(lines.texts, lines.offsets, [document.site for document in batch.documents], lines.met)
    return Votes(VOTER, found.role, found.score, found.rule, found.scope_head)


def is_decisive(votes: Votes) -> npt.NDArray[np.bool_]:
    """bool[n]: where a person has said what the line is; see `ingest rules add`."""
    found: npt.NDArray[np.bool_] = (votes.score >= DECISIVE) & (votes.role != Role.UNKNOWN)
    return found if votes.voter.evidence is Evidence.RULE else np.zeros_like(found)


def kept_by_person(lines: Lines) -> npt.NDArray[np.bool_]:
    """bool[n]: where a person has said that the line is article text, whatever any stage takes it for."""
    votes = lines.votes_of(VOTER)
    found: npt.NDArray[np.bool_] = np.zeros(len(lines), bool) if votes is None else is_decisive(votes) & ~votes.against
    return found
