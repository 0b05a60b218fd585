"""Who votes on the lines: one file a voter, a labelling function over a batch that says nothing where it knows nothing.

A voter sees the batch and what it is handed, and never what the decision made of earlier votes: `ingest.decide` weighs
them all at once.

Source: labelling functions as in weak supervision (Ratner et al., Snorkel, 2017).
"""

from ingest.document import Voter
from ingest.votes import comments, copies, extractor, model, repetition, rules, shapes, site_config, template

__all__ = ["VOTERS"]

VOTERS: tuple[Voter, ...] = (
    template.VOTER,
    rules.VOTER,
    comments.VOTER,
    site_config.VOTER,
    shapes.VOTER,
    model.VOTER,
    extractor.VOTER,
    copies.VOTER,
    repetition.VOTER,
)
"""In the order in which they name what takes a line out: the first that speaks against it gives evidence and rule, but
that a person's word goes before all."""
