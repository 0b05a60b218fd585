"""Rules as data: phrases and patterns, in many languages, that say what a line of a flattened page is.

>>> from ingest.rules import load
>>> load().matches("Send to a friend")
['share.send-to-a-friend']

Rules give roles and never delete. They are TOML files with their own examples (see docs/rules.md); site packs
add what only one site prints. Other packages bring rules by the entry-point group `ingest.rules`.
"""

from ingest.rules._cases import Case
from ingest.rules._spec import DECISIVE
from ingest.rules.ruleset import Explanation, RuleSet, Verdicts, load

__all__ = ["DECISIVE", "Case", "Explanation", "RuleSet", "Verdicts", "load"]
