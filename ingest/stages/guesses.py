"""Roles that are no more than a guess give way to `other-boilerplate`: an untrue role misleads, and none does not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Lines
from ingest.metadata.authors import read_byline
from ingest.metadata.dates import read_date
from ingest.roles import ROLE_BY_LABEL, Evidence, Role
from ingest.votes import rules, shapes

# Probability, among the roles of lines that go, from which the line model is believed. By eye, of 26 lines a range,
# some 14 had a wrong role below 0.4, 3 from 0.4 to 0.6, and 2 of 78 above.
SURE = 0.5


def without_guesses(batch: Batch) -> Batch:
    """Lines that go keep a role that a rule or a reader of metadata gave, or that the line model is sure of.

    A byline or date that only the model sees must read as one. What a rule knows as no kind that has a name (a counter,
    a prompt to report typing errors) is none, whatever the model says.
    """
    lines = batch.lines
    guessed = np.isin(lines.evidence, (Evidence.SITE, Evidence.MODEL, Evidence.EXTRACTOR, Evidence.DUPLICATE))
    guessed &= lines.role >= int(Role.BYLINE)
    for voter in (rules.VOTER, shapes.VOTER):
        votes = lines.votes_of(voter)
        if votes is not None:
            nameless = (votes.role == int(Role.OTHER_BOILERPLATE)) & (lines.role >= int(Role.NAVIGATION))
            lines.role[nameless] = int(Role.OTHER_BOILERPLATE)
            guessed &= votes.role != lines.role
    named = guessed & (lines.role >= int(Role.NAVIGATION))
    lines.role[named & (_probability(lines) < SURE)] = int(Role.OTHER_BOILERPLATE)
    for row in np.flatnonzero(guessed & ~named).tolist():
        if not _reads(Role(int(lines.role[row])), lines.texts[row]):
            lines.role[row] = int(Role.OTHER_BOILERPLATE)
    return batch


def _probability(lines: Lines) -> npt.NDArray[np.float32]:
    """float32[n]: of each line's role among those that no text has; 0 for a role that the model does not know."""
    judged = lines.judged
    of_role = np.array([ROLE_BY_LABEL[label] for label in judged.role_labels], np.int8)
    outside = (of_role >= int(Role.BYLINE)) | (of_role == int(Role.CAPTION)) | (of_role == int(Role.TITLE))
    total = judged.roles[:, outside].sum(1)
    own = np.where(of_role == lines.role[:, None], judged.roles, 0).sum(1)
    result: npt.NDArray[np.float32] = np.divide(own, total, out=np.zeros_like(total), where=total > 0)
    return result


def _reads(role: Role, text: str) -> bool:
    if role is Role.DATE:
        return read_date(text) is not None
    return role is Role.BYLINE and read_byline(text, bare=True) is not None
