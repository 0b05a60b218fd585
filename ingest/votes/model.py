"""The line model's votes: content, or the most probable role that is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Voter, Votes
from ingest.models.line_model import Prediction
from ingest.roles import ROLE_BY_LABEL, Evidence, Role

VOTER = Voter("model", Evidence.MODEL, "model")


def vote(predicted: Prediction, silent: npt.NDArray[np.bool_]) -> Votes:
    """Votes on the lines of a batch; `silent`, bool[n], are those that are left to another voter."""
    roles = np.array([ROLE_BY_LABEL[label] for label in predicted.role_labels], np.int8)
    outside = ~np.isin(roles, [Role.BODY, Role.STANDFIRST, Role.QUOTE, Role.LIST])
    other = roles[outside][predicted.roles[:, outside].argmax(1)]
    is_content = predicted.content >= 0.5
    role = np.where(is_content, np.int8(Role.BODY), other).astype(np.int8)
    score = np.where(is_content, predicted.content, 1 - predicted.content).astype(np.float32)
    return Votes(VOTER, np.where(silent, np.int8(Role.UNKNOWN), role), score, ["line-model"] * len(role))
