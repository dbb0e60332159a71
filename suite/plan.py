"""From a grid and its samples to cells, folds and content keys; pure: nothing is read or computed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from suite.content_key import content_key
from suite.errors import DataError, Problem
from suite.extraction import SHARD, Extraction
from suite.grid import Grid, PluginSpec, Task
from suite.registry import Registry
from suite.splits import DATASET_GROUP, AnyProtocol, Fold, Official, group_codes
from suite.tasks import Labelling, label_samples
from suite.views import View

__all__ = ["CELL_COLUMNS", "Cell", "FeatureTable", "Fit", "Plan", "Setting", "build_plan"]

CELL_COLUMNS = ("dataset", "task", "protocol", "preprocessing", "extractor", "classifier", "variant")
NO_FEATURES = "none"
RAW = "none"
IMAGE_SIZE = "image_size"
FULL_SYSTEM = "full system"
SHORTCUT_CLASSIFIER = "random_forest"
EXTERNAL = Official(column="part", train=["development"], test=["external"])


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of all samples of a view by one plugin: where its shards are, and what they are made of."""

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


@dataclass(frozen=True)
class Fit:
    """One fold of a cell and the key of its predictions."""

    fold: Fold = field(compare=False)
    key: str


@dataclass(frozen=True, eq=False)
class Cell:
    """The unit of reporting: one combination of everything a grid can vary."""

    names: Mapping[str, str]
    role: str
    setting: Setting
    tables: tuple[FeatureTable, ...]
    classifier: PluginSpec
    fits: tuple[Fit, ...]
    key: str
    seed: int
    registry: Registry

    @property
    def title(self) -> str:
        """Task, protocol, preprocessing, extractor and classifier (and variant) in one line."""
        shown = [self.names[column] for column in CELL_COLUMNS[1:-1]]
        return " / ".join(shown + [self.names["variant"]] * bool(self.names["variant"]))

    def fit_seed(self, fold: Fold) -> int:
        """Seed of one fit, from the run's seed, the repeat and the fold alone."""
        return int(np.random.SeedSequence([self.seed, fold.repeat, fold.fold]).generate_state(1)[0] >> 1)


@dataclass(frozen=True)
class Plan:
    """Everything that a run computes."""

    cells: tuple[Cell, ...]
    settings: Mapping[tuple[str, str, str, str], Setting]

    @property
    def tables(self) -> list[FeatureTable]:
        """Feature tables, each once."""
        return list({id(table): table for cell in self.cells for table in cell.tables}.values())

    @property
    def n_fits(self) -> int:
        """Number of different fits."""
        return len({fit.key for cell in self.cells for fit in cell.fits})

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


ViewOf = Mapping[tuple[str, str], View]


class Planner:
    """Builds the cells of a grid over views of its datasets; tables and settings are shared."""

    def __init__(self) -> None:
        self._tables: dict[tuple[int, str], FeatureTable] = {}
        self._settings: dict[str, Setting] = {}
        self.named_settings: dict[tuple[str, str, str, str], Setting] = {}
        self.problems: list[Problem] = []

    def cells(self, grid: Grid, views: ViewOf, variant: str = "") -> Iterator[Cell]:
        """Yield the cells of a grid (of its full system alone, if a variant is named)."""
        for dataset in grid.datasets:
            for task in grid.tasks:
                for protocol in (*grid.protocols, *map(external_protocol, grid.external)):
                    for preprocessing in grid.preprocessings:
                        yield from self._crossed(
                            grid, views, (dataset, task, protocol, preprocessing), variant
                        )
                    if not variant:
                        yield from self._baselines(grid, views, (dataset, task, protocol))

    def _crossed(
        self, grid: Grid, views: ViewOf, place: tuple[str, str, str, str], variant: str
    ) -> Iterator[Cell]:
        setting = self._setting(grid, views, place)
        if setting is None:
            return
        for extractor, classifier in _pairs(grid, variant):
            cell = self._cell(grid, setting, (*place, extractor, classifier, variant))
            if not _excluded(grid, cell.names):
                yield cell

    def _baselines(self, grid: Grid, views: ViewOf, place: tuple[str, str, str]) -> Iterator[Cell]:
        wanted = [(IMAGE_SIZE, SHORTCUT_CLASSIFIER)] if IMAGE_SIZE in grid.baselines else []
        given = {spec.type for spec in grid.classifiers.values()}
        if "dummy" in grid.baselines and "dummy" not in given:
            wanted.append((NO_FEATURES, "dummy"))
        setting = self._setting(grid, views, (*place, RAW)) if wanted else None
        for extractor, classifier in wanted if setting else ():
            assert setting is not None
            parts = (PluginSpec(type=extractor),) if extractor != NO_FEATURES else ()
            names = (*place, RAW, extractor, classifier, "")
            yield self._make(grid, setting, names, parts, PluginSpec(type=classifier), "baseline")

    def _cell(self, grid: Grid, setting: Setting, names: tuple[str, ...]) -> Cell:
        extractor, classifier, variant = names[4:]
        spec = grid.classifiers[classifier]
        parts = () if extractor == NO_FEATURES else grid.parts(extractor)
        role = "ablation" if variant else "cell" if parts else "baseline"
        return self._make(grid, setting, names, parts, spec, role)

    def _make(
        self,
        grid: Grid,
        setting: Setting,
        names: tuple[str, ...],
        parts: Sequence[PluginSpec],
        spec: PluginSpec,
        role: str,
    ) -> Cell:
        tables = tuple(self._table(grid.registry, setting.view, part) for part in parts)
        identity = _plugin_identity(grid.registry, "classifiers", spec)
        fits = tuple(_fit(setting, tables, identity, grid.run.seed, fold) for fold in setting.folds)
        return Cell(
            names=dict(zip(CELL_COLUMNS, names, strict=True)),
            role=role,
            setting=setting,
            tables=tables,
            classifier=spec,
            fits=fits,
            key=content_key("cell", [fit.key for fit in fits]),
            seed=grid.run.seed,
            registry=grid.registry,
        )

    def _table(self, registry: Registry, view: View, spec: PluginSpec) -> FeatureTable:
        identity = _plugin_identity(registry, "extractors", spec)
        place = (id(view), content_key(identity))
        if place not in self._tables:
            self._tables[place] = _feature_table(view, spec, identity)
        return self._tables[place]

    def _setting(self, grid: Grid, views: ViewOf, place: tuple[str, str, str, str]) -> Setting | None:
        dataset, task, protocol, preprocessing = place
        rule = grid.protocols.get(protocol, EXTERNAL)
        source = dataset if protocol in grid.protocols else combined_name(dataset, protocol)
        view = views[source, preprocessing]
        identity = f"{id(view)} {grid.tasks[task]!r} {rule!r}"
        if identity not in self._settings:
            try:
                base = views[source, RAW]
                self._settings[identity] = _make_setting(grid.tasks[task], rule, base, view)
            except DataError as error:
                where = f"dataset {dataset}, task {task}, protocol {protocol}"
                self.problems += [
                    found for p in error.problems if (found := Problem(where, p.message)) not in self.problems
                ]
                return None
        self.named_settings[place] = self._settings[identity]
        return self._settings[identity]


def external_protocol(name: str) -> str:
    """Return the name of the protocol that trains on all development data and tests on external data."""
    return f"external: {name}"


def combined_name(dataset: str, protocol: str) -> str:
    """Return the name of a dataset with the external one of a protocol appended."""
    return f"{dataset} + {protocol}"


def build_plan(grids: Sequence[tuple[str, Grid, ViewOf]]) -> Plan:
    """Make the plan of a grid and of its variants.

    Parameters
    ----------
    grids : sequence of (variant, grid, views)
        First the grid itself under the empty name, then for an ablation the full system and each
        variant. ``views`` maps (dataset, preprocessing) to a view; (dataset, "none") is always there.

    Raises
    ------
    DataError
        With every task or protocol that the samples cannot meet.
    """
    planner = Planner()
    cells = tuple(cell for variant, grid, views in grids for cell in planner.cells(grid, views, variant))
    if planner.problems:
        raise DataError(planner.problems)
    return Plan(cells, planner.named_settings)


def _pairs(grid: Grid, variant: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs that fit together; a classifier that needs no features is paired once, with none."""
    if variant and grid.ablations is None:
        raise ValueError("a variant without ablations")
    blind = [name for name in grid.classifiers if not _uses_features(grid, name)]
    if variant:
        assert grid.ablations is not None
        yield grid.ablations.of.extractor, grid.ablations.of.classifier
        return
    for extractor in grid.extractors:
        for classifier in grid.classifiers:
            if classifier not in blind:
                yield extractor, classifier
    for classifier in blind:
        yield NO_FEATURES, classifier


def _uses_features(grid: Grid, classifier: str) -> bool:
    plugin = grid.registry.load("classifiers", grid.classifiers[classifier].type)
    return getattr(plugin, "USES_FEATURES", True)


def _excluded(grid: Grid, names: Mapping[str, str]) -> bool:
    for rule in grid.exclude:
        given = {key: value for key, value in rule.model_dump().items() if value is not None}
        if given and all(names[key] in value for key, value in given.items()):
            return True
    return False


def _make_setting(task: Task, rule: AnyProtocol, base: View, view: View) -> Setting:
    labelling = label_samples(view.samples, task)
    groups = group_codes(view.samples, rule.group or DATASET_GROUP)
    if view is base or rule.group is None:
        chosen = view.samples.iloc[labelling.rows]
        folds = [
            Fold(f.repeat, f.fold, labelling.rows[f.train], labelling.rows[f.test])
            for f in rule.split(chosen, labelling.names)
        ]
    else:
        images = _make_setting(task, rule, base, base)
        folds = [
            Fold(f.repeat, f.fold, _rows_of(view, f.train), _rows_of(view, f.test)) for f in images.folds
        ]
    return Setting(view, labelling, groups, tuple(folds), rule)


def _rows_of(view: View, images: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.isin(view.image_rows, images))


def _feature_table(view: View, spec: PluginSpec, identity: list[Any]) -> FeatureTable:
    fingerprints = view.prepared.facts["fingerprint"].tolist()
    chunks = tuple(slice(start, start + SHARD) for start in range(0, len(fingerprints), SHARD))
    steps = view.preprocessing.identity()
    extractions = tuple(
        Extraction(content_key("features", fingerprints[chunk], steps, identity), spec.type, spec.parameters)
        for chunk in chunks
    )
    return FeatureTable(view, extractions, chunks)


def _plugin_identity(registry: Registry, kind: str, spec: PluginSpec) -> list[Any]:
    """Everything of a plugin that decides its values: name, version, source (a grid's own), parameters."""
    plugin = registry.load(kind, spec.type)
    own = [_source_digest(file) for file in registry.files if file.stem == spec.type]
    instance = plugin(**spec.parameters)
    return [spec.type, getattr(plugin, "VERSION", 1), own, _plain(instance.get_params(deep=False))]


@lru_cache
def _source_digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def _fit(setting: Setting, tables: Sequence[FeatureTable], identity: list[Any], seed: int, fold: Fold) -> Fit:
    codes = setting.codes
    arrays = (fold.train, fold.test, codes[fold.train], setting.groups[fold.train])
    rows = [hashlib.blake2b(np.asarray(a, dtype="<i8").tobytes(), digest_size=16).hexdigest() for a in arrays]
    features = [table.key for table in tables]
    classes = setting.labelling.classes
    named = [classes] if isinstance(identity[-1].get("class_weight"), Mapping) else []
    parts = (features, rows, len(classes), *named, identity, seed, fold.repeat, fold.fold)
    return Fit(fold, content_key("fit", *parts))
