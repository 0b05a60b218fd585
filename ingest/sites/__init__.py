"""What the pages of one site have in common: learn it, freeze it, apply it.

`learn` turns a batch into *contributions*, one row a page. Contributions are kept per source, so that a repeated, grown
or vanished source never counts twice. `freeze` merges all contributions, in any order, into `Profiles`, which are only
read afterwards: results depend neither on order nor on the number of workers.
"""

from ingest.sites.contributions import learn
from ingest.sites.freezing import freeze
from ingest.sites.profiles import Profiles

__all__ = ["Profiles", "freeze", "learn"]
