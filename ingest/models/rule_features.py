"""What the line model is told of lines beside what it sees of the page: what rules say.

«Related articles», «Тағы оқыңыз» or «コメント» tell what the lines around them are. The model knows such words of the
languages that it was trained in; rules know them in more than forty, so with what they say it reads a page in any of
these. It is told which kind of rule a line meets by itself. What a rule makes of the page around it (blocks, «to the
end») it is not told: of places the model judges itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.roles import Role

GROUPS = (
    (Role.COMMENTS,),
    (Role.RELATED, Role.READ_MORE, Role.MOST_READ),
    (Role.NEWSLETTER,),
    (Role.NAVIGATION, Role.PAGINATION, Role.TAG, Role.SECTION, Role.SITE_MOTTO),
    (Role.SHARE, Role.FOLLOW_US),
    (Role.LEGAL_NOTICE, Role.COOKIE_NOTICE),
    (Role.CAPTION, Role.IMAGE_PLACEHOLDER),
    (Role.AUTHOR_BIO,),
    (Role.ADVERTISEMENT, Role.OTHER_BOILERPLATE),
)
N_NAMED = len(GROUPS)

_GROUP = np.zeros(max(map(int, Role)) + 1, np.uint8)
for _number, _roles in enumerate(GROUPS, 1):
    _GROUP[list(_roles)] = _number


def groups(roles: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """uint8[n]: number of the group of each role from 1 on, 0 for none."""
    return _GROUP[roles]


def columns(group: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """float32[n, N_NAMED]: 1 in the column of a line's group."""
    out = np.zeros((len(group), N_NAMED), np.float32)
    rows = np.flatnonzero(group)
    out[rows, group[rows].astype(np.intp) - 1] = 1
    return out
