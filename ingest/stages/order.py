"""The stages in their order.

What runs, is timed and documented, where plug-ins may run, and the values of the column `stage` of `removed` all follow
from this one tuple.
"""

from __future__ import annotations

from ingest.rescue import rescue
from ingest.stages.decode import decode
from ingest.stages.extract import extract
from ingest.stages.guesses import without_guesses
from ingest.stages.identify import identify
from ingest.stages.label import label
from ingest.stages.language import detect
from ingest.stages.limit import limit
from ingest.stages.measure import measure
from ingest.stages.metadata import read_metadata
from ingest.stages.predict import judge
from ingest.stages.refuse import refuse
from ingest.stages.repair import repair
from ingest.stages.stage import Stage
from ingest.stages.structure import shape
from ingest.stages.trim import trim
from ingest.votes import VOTERS

STAGES: tuple[Stage, ...] = (
    Stage(
        "decode",
        lambda batch, given, profiles: decode(batch),
        "bytes to text: byte order mark, transport, `<meta>`, detection",
        "`stages/decode.py`, `encoding/`",
        prepares=True,
        is_place=True,
    ),
    Stage(
        "limit",
        lambda batch, given, profiles: limit(batch, given.settings.max_html_elements),
        "HTML pages with more elements than a tree may have are ended before they are parsed",
        "`stages/limit.py`",
        prepares=True,
    ),
    Stage(
        "extract",
        lambda batch, given, profiles: extract(batch, configs=given.site_configs),
        "a text dump is split into lines; HTML is parsed once, laid out as lines with the evidence of its tree, and "
        "read for metadata ([html.md](html.md))",
        "`stages/extract.py`, `html/`",
        prepares=True,
        is_place=True,
    ),
    Stage(
        "repair",
        lambda batch, given, profiles: repair(batch),
        "mojibake and control characters, line by line",
        "`stages/repair.py`, `encoding/`",
        prepares=True,
        is_place=True,
        takes_out=("repair",),
    ),
    Stage(
        "measure",
        lambda batch, given, profiles: measure(batch),
        "each line is measured once: classes of characters, words, and fingerprints, by which the pages of a "
        "site find their lines again",
        "`stages/measure.py`, `lines/`",
        prepares=True,
    ),
    Stage(
        "identify",
        lambda batch, given, profiles: identify(batch, given.rules, profiles, given.paths),
        "which site: a site pack, the host, or the cluster of pages that share lines",
        "`stages/identify.py`, `rules/`, `sites/`",
        prepares=True,
        is_place=True,
    ),
    Stage(
        "judge",
        lambda batch, given, profiles: judge(batch, given.rules),
        "the line models say of each line how probable it is article text; they look at the page alone",
        "`stages/predict.py`, `models/`",
        prepares=True,
    ),
    Stage(
        "label",
        lambda batch, given, profiles: label(
            batch, given.rules, profiles, given.settings.keep, given.settings.html_engine
        ),
        "all voters are heard, then one decision a line; of HTML pages trafilatura is heard where the model is unsure",
        "`stages/label.py`, `votes/`, `decide.py`",
        is_place=True,
        takes_out=tuple(dict.fromkeys(voter.stage for voter in VOTERS)),
    ),
    Stage(
        "language",
        lambda batch, given, profiles: detect(batch, given.engine),
        "language of each line; passages of the text",
        "`stages/language.py`, `language/`",
        is_place=True,
    ),
    Stage(
        "metadata",
        lambda batch, given, profiles: read_metadata(batch, profiles, given.rules.date_orders),
        "title, standfirst, authors, dates, section, source, tags; their lines get these roles",
        "`stages/metadata.py`, `metadata/`",
        is_place=True,
        takes_out=("metadata",),
    ),
    Stage(
        "trim",
        lambda batch, given, profiles: trim(batch),
        "interface words at the edge of a line go, the rest stays",
        "`stages/trim.py`",
        is_place=True,
        takes_out=("trim",),
    ),
    Stage(
        "structure",
        lambda batch, given, profiles: shape(batch),
        "lists, quotes and captions of HTML pages get their roles",
        "`stages/structure.py`",
    ),
    Stage(
        "rescue",
        lambda batch, given, profiles: without_guesses(rescue(batch)),
        "a page that would be left without any text keeps the first of each sentence that it repeats; roles that are a "
        "guess become `other-boilerplate`",
        "`rescue.py`, `stages/guesses.py`",
    ),
    Stage(
        "refuse",
        lambda batch, given, profiles: refuse(batch),
        "pages that stand in an article's place end as `not-article`",
        "`stages/refuse.py`",
    ),
)
PLACES = tuple(stage.name for stage in STAGES if stage.is_place)
"""Behind which stages those of plug-ins may run."""
