"""The model of sites: what the pages of a site together say of each line, as the probability that it is article text.

Boosted trees (`ingest.models.forest`) over the numbers of `ingest.sites.features`: the line model's opinion of the page
alone, and what repeats, where, and what the line model thinks of the same slots of the other pages. Trained by
`scripts/train_site_model.py`; data, figures and limits are on the card `site_model.md`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from ingest.models.forest import Forest

WEIGHTS = Path(__file__).with_name("site_model.npz")


class SiteModel(Forest):
    """A trained model of sites. Immutable; `version` changes whenever the weights do.

    `level` is the log-odds at which a line is as well kept as not, by the model alone.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        super().__init__(arrays)
        self.version = str(arrays["version"])
        self.level = float(arrays["level"])


@lru_cache(maxsize=1)
def load() -> SiteModel:
    """The model that comes with the package, read once per process."""
    return SiteModel(WEIGHTS)
