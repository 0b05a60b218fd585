"""Which lines are article text: all voters are heard on every line, then one decision is made."""

from __future__ import annotations

import numpy as np

from ingest import rescue
from ingest.decide import decide, probability_with, thresholds, usual_thresholds
from ingest.document import Batch
from ingest.html.engine import Engine
from ingest.models import dom_model
from ingest.models.line_model import Keep
from ingest.roles import Role
from ingest.rules import RuleSet
from ingest.sites import Profiles, prediction
from ingest.votes import comments, copies, extractor, model, repetition, rules, shapes, site_config, template
from ingest.votes.confidence import f1_of_html_pages


def label(batch: Batch, rule_set: RuleSet, profiles: Profiles, keep: Keep, engine: Engine = "auto") -> Batch:
    """Give each line its role; `engine` tells who chooses the lines of HTML pages."""
    lines, predicted = batch.lines, batch.lines.judged
    of_sites = prediction.predict(batch, prediction.known(batch, profiles))
    by_site = template.vote(of_sites, lines, usual_thresholds(batch, "balanced"))
    content = probability_with(by_site, predicted.content)
    expected = f1_of_html_pages(batch, content, dom_model.threshold(keep))

    by_rules = rules.vote(batch, rule_set)
    by_extractor = extractor.vote(batch, content, expected, engine)
    of_copies = copies.vote(lines, content)
    # with this engine the model is silent where the extractor has spoken
    silent = (by_extractor.role != Role.UNKNOWN) & (engine == "trafilatura")
    votes = [
        by_site,
        by_rules,
        comments.vote(batch, by_rules, content),
        site_config.vote(batch),
        shapes.vote(batch),
        model.vote(predicted, silent),
        by_extractor,
        of_copies,
        repetition.vote(lines, of_copies),
    ]
    alone = np.where(silent, np.float32(0.5), predicted.content)
    decide(lines, votes, alone, thresholds(batch, keep, content, expected, by_extractor))
    return rescue.of_clean_pages(batch)
