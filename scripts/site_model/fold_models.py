"""Models that have seen no site of a fold, in place of those of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from ingest.models import dom_model, line_model, site_model
from ingest.models.dom_model import DomModel
from ingest.models.line_model import LineModel
from ingest.models.site_model import SiteModel
from scripts.line_model.data import FOLDS


@dataclass(frozen=True)
class FoldModels:
    """By fold, the models of lines of text, of lines of HTML and of sites; a kind without any is the package's."""

    line: Mapping[int, LineModel] = field(default_factory=dict)
    dom: Mapping[int, DomModel] = field(default_factory=dict)
    site: Mapping[int, SiteModel] = field(default_factory=dict)

    @classmethod
    def read(cls, line: Path | None = None, dom: Path | None = None, site: Path | None = None) -> FoldModels:
        """From folders that the training scripts wrote (`--folds`), one `.npz` a fold. Raises FileNotFoundError for a
        fold that is missing: judged by other weights it would look better than it is.
        """
        return cls(
            {fold: line_model.read(line / f"{fold}.npz") for fold in range(FOLDS)} if line else {},
            {fold: dom_model.read(dom / f"{fold}.npz") for fold in range(FOLDS)} if dom else {},
            {fold: SiteModel(site / f"{fold}.npz") for fold in range(FOLDS)} if site else {},
        )

    @contextmanager
    def of(self, fold: int) -> Iterator[None]:
        """The program asks the models of a fold."""
        with ExitStack() as stack:
            for module, models in ((line_model, self.line), (dom_model, self.dom), (site_model, self.site)):
                if models:
                    stack.enter_context(mock.patch.object(module, "load", lambda model=models[fold]: model))
            yield
