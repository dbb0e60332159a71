"""What a run computes: cells, their folds and feature tables, each named by what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

from suite.content_key import array_digest, content_key
from suite.extraction import Extraction
from suite.grid import PluginSpec
from suite.preprocessing import Copies
from suite.registry import Registry
from suite.splits import AnyProtocol, Fold, Official
from suite.tasks import Labelling
from suite.views import View

__all__ = [
    "CELL_COLUMNS",
    "INNER",
    "REMARK_COLUMNS",
    "Cell",
    "FeatureTable",
    "Fit",
    "Mixture",
    "Plan",
    "Setting",
    "fit_seed",
]

CELL_COLUMNS = ("dataset", "task", "protocol", "preprocessing", "extractor", "classifier", "variant")
INNER = "inner"  # role of cells in the inner folds of a fusion, which no table shows
REMARK_COLUMNS = ("protocol_remark", "extractor_remark", "classifier_remark")


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of all samples of a view by one plugin: where its shards are, and what they are made of.

    A plugin that learns has a table for each training part, in one piece.
    """

    view: View
    extractions: tuple[Extraction, ...]
    image_chunks: tuple[slice, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the shards, in order of rows."""
        return tuple(extraction.key for extraction in self.extractions)

    @cached_property
    def key(self) -> str:
        """Key of the whole table."""
        return content_key(*self.keys)


@dataclass(frozen=True, eq=False)
class Setting:
    """A view seen under one task and one protocol: labelled samples and their folds.

    ``folds`` hold row numbers of the view.
    """

    view: View
    labelling: Labelling
    groups: np.ndarray
    folds: tuple[Fold, ...]
    protocol: AnyProtocol

    @property
    def by_sample(self) -> bool:
        """Whether the grid asks for samples to be split one by one, patients or not."""
        return self.protocol.group is None

    @property
    def official(self) -> bool:
        """Whether the split is the dataset's own."""
        return isinstance(self.protocol, Official)

    @cached_property
    def codes(self) -> np.ndarray:
        """Class position of each row of the view; -1: not in the task."""
        codes = np.full(len(self.view.samples), -1)
        codes[self.labelling.rows] = self.labelling.y
        return codes

    @cached_property
    def identity(self) -> str:
        """Hash of what a reader sees of the split: samples, groups, classes and folds."""
        samples = self.view.samples
        text = [samples[column].fillna("").tolist() for column in ("sample_id", "group")]
        rows = array_digest(self.codes, *(part for fold in self.folds for part in (fold.train, fold.test)))
        return content_key(text, self.labelling.classes, rows)


@dataclass(frozen=True, eq=False)
class Fit:
    """One fold of a cell: its feature tables, and the key of its predictions.

    One of a fusion says what it is mixed from; its tables are those of the members. With ``copies`` the
    tables have rows of augmented copies, too, and the training images' are fitted to.
    """

    fold: Fold
    tables: tuple[FeatureTable, ...]
    key: str
    mixture: Mixture | None = None
    copies: Copies | None = None


@dataclass(frozen=True, eq=False)
class Mixture:
    """What a fit of a score fusion is mixed from: a fit of each member.

    Without ``weights`` they are learned from ``inner``: of each member its fits in the inner folds of the
    training part.
    """

    weights: tuple[float, ...] | None
    members: tuple[tuple[Cell, Fit], ...]
    inner: tuple[tuple[tuple[Cell, Fit], ...], ...]

    @property
    def sources(self) -> list[tuple[Cell, Fit]]:
        """All fits that must be there before."""
        return [*self.members, *(pair for pairs in self.inner for pair in pairs)]


@dataclass(frozen=True, eq=False)
class Cell:
    """The unit of reporting: one combination of everything a grid can vary.

    ``remarks`` (by :data:`REMARK_COLUMNS`) are what every table must say beside the name of its protocol,
    extractor or classifier.
    """

    names: Mapping[str, str]
    role: str
    setting: Setting
    classifier: PluginSpec
    fits: tuple[Fit, ...]
    key: str
    seed: int
    registry: Registry
    remarks: Mapping[str, str]

    @property
    def tables(self) -> list[FeatureTable]:
        """Feature tables of all fits, each once."""
        return list({id(table): table for fit in self.fits for table in fit.tables}.values())

    @property
    def title(self) -> str:
        """Task, protocol, preprocessing, extractor and classifier (and variant) in one line."""
        shown = [self.names[column] for column in CELL_COLUMNS[1:-1]]
        return " / ".join(shown + [self.names["variant"]] * bool(self.names["variant"]))

    @property
    def pair(self) -> str:
        """Extractor and classifier in one line."""
        return f"{self.names['extractor']} + {self.names['classifier']}"

    def fit_seed(self, fold: Fold) -> int:
        """Seed of one fit, from the run's seed, the repeat and the fold alone."""
        return fit_seed(self.seed, fold)


def fit_seed(seed: int, fold: Fold) -> int:
    """Return the seed of a fit, from the run's seed, the repeat and the fold alone."""
    return int(np.random.SeedSequence([seed, fold.repeat, fold.fold]).generate_state(1)[0] >> 1)


@dataclass(frozen=True)
class Plan:
    """Everything that a run computes.

    ``settings`` are by dataset, task, protocol, preprocessing and variant: those of the grid itself
    (variant ""), and of a variant only those that split otherwise.
    """

    cells: tuple[Cell, ...]
    settings: Mapping[tuple[str, str, str, str, str], Setting]

    @property
    def fits(self) -> list[tuple[Cell, Fit]]:
        """All fits with their cells: those of the plan's cells, then those that fusions are mixed from."""
        own = [(cell, fit) for cell in self.cells for fit in cell.fits]
        return own + [source for _, fit in own if fit.mixture for source in fit.mixture.sources]

    @property
    def tables(self) -> list[FeatureTable]:
        """Feature tables, each once."""
        return list({id(table): table for _, fit in self.fits for table in fit.tables}.values())

    @property
    def n_fits(self) -> int:
        """Number of different fits."""
        return len({fit.key for _, fit in self.fits})

    def only(self, pattern: str) -> Plan:
        """Return the plan with the cells that match a pattern.

        The pattern is a glob for any one name of a cell, or, with slashes, for the whole
        ``task/protocol/preprocessing/extractor/classifier``.
        """
        cells = tuple(cell for cell in self.cells if _matches(cell, pattern))
        return Plan(cells, self.settings)


def _matches(cell: Cell, pattern: str) -> bool:
    names = [cell.names[column] for column in CELL_COLUMNS[1:-1]]
    if "/" in pattern:
        return fnmatchcase("/".join(names), pattern)
    return any(fnmatchcase(name, pattern) for name in [*names, cell.names["dataset"], cell.names["variant"]])
