"""What the user's site configuration says: strip this, keep what is in the body, drop what is outside."""

from __future__ import annotations

from ingest.document import Batch, Voter, Votes
from ingest.html.elements import CHOSEN, STRIPPED
from ingest.roles import Evidence, Role

VOTER = Voter("site-config", Evidence.RULE, "site-config")
# Inside the body that a site configuration names, rules and a sure model still find share bars and the like.
CONFIGURED, CHOSEN_KEEPS = 0.99, 0.95


def vote(batch: Batch) -> Votes:
    """Votes on the lines of the pages that a site configuration speaks of."""
    lines = batch.lines
    votes = Votes.silent(VOTER, len(lines))
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
                votes.give(row, Role.OTHER_BOILERPLATE, CONFIGURED, f"{document.site_config}: strip")
            elif within & CHOSEN:
                votes.give(row, Role.BODY, CHOSEN_KEEPS, f"{document.site_config}: body")
            elif has_body:
                votes.give(row, Role.OTHER_BOILERPLATE, CONFIGURED, f"{document.site_config}: outside the body")
    return votes
