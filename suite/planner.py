"""From a grid and its samples to the plan of its cells; pure: nothing is read or computed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from suite.content_key import array_digest, content_key
from suite.errors import DataError, Problem
from suite.extraction import SHARD, Extraction, Training
from suite.fusion_planner import fused_cell, inner_settings
from suite.grid import SCORE_FUSION, Grid, PluginSpec, Task
from suite.pairing import NO_FEATURES, is_left_out, pairs, takes_images
from suite.plan import CELL_COLUMNS, Cell, FeatureTable, Fit, Plan, Setting
from suite.preprocessing import Copies
from suite.registry import Registry
from suite.splits import DATASET_GROUP, AnyProtocol, Fold, Official, group_codes
from suite.tasks import label_samples
from suite.views import View, with_copies

__all__ = ["FULL_SYSTEM", "RAW", "build_plan", "combined_name", "external_protocol"]

RAW = "none"
IMAGE_SIZE = "image_size"
FULL_SYSTEM = "full system"
SHORTCUT_CLASSIFIER = "random_forest"
EXTERNAL = Official(column="part", train=["development"], test=["external"])

ViewOf = Mapping[tuple[str, str], View]


class Planner:
    """Builds the cells of a grid over views of its datasets; tables and settings are shared."""

    def __init__(self) -> None:
        self._tables: dict[tuple[int, str], FeatureTable] = {}
        self._copied: dict[tuple[int, str], View] = {}
        self._settings: dict[str, Setting] = {}
        self._inner: dict[tuple[int, int], Sequence[Setting]] = {}
        self.named_settings: dict[tuple[str, str, str, str, str], Setting] = {}
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
        setting = self._setting(grid, views, place, variant)
        if setting is None:
            return
        for extractor, classifier in pairs(grid, variant):
            names = (*place, extractor, classifier, variant)
            if is_left_out(grid, dict(zip(CELL_COLUMNS, names, strict=True))):
                continue
            if extractor == SCORE_FUSION:
                yield from self._fused(grid, setting, names)
            else:
                yield self._cell(grid, setting, names)

    def _fused(self, grid: Grid, setting: Setting, names: tuple[str, ...]) -> Iterator[Cell]:
        """Yield a fusion's cell; none, and a problem more, where its weights cannot be learned."""
        fusion = grid.fusions[names[5]]
        try:
            inner = () if fusion.shares else self._inner_settings(setting, grid.run.seed)
        except DataError as error:
            where = f"fusions.{names[5]}, dataset {names[0]}, task {names[1]}, protocol {names[2]}"
            self._refuse(where, error)
            return
        yield fused_cell(fusion, names, setting, inner, partial(self._cell, grid))

    def _inner_settings(self, setting: Setting, seed: int) -> Sequence[Setting]:
        place = (id(setting), seed)
        if place not in self._inner:
            self._inner[place] = inner_settings(setting, seed)
        return self._inner[place]

    def _refuse(self, where: str, error: DataError) -> None:
        found = (Problem(where, problem.message) for problem in error.problems)
        self.problems += [problem for problem in found if problem not in self.problems]

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
        identity = _plugin_identity(grid.registry, "classifiers", spec)
        parts = _computed_once(grid.registry, parts, spec)
        copies = None if setting.protocol.augmentation else spec.copies  # not a second time
        by_part = [self._tables_of(grid.registry, setting, part, copies) for part in parts]
        by_fold = zip(*by_part, strict=True) if parts else [()] * len(setting.folds)
        fits = [
            Fit(fold, tables, _fit_key(setting, tables, identity, grid.run.seed, fold), copies=copies)
            for fold, tables in zip(setting.folds, by_fold, strict=True)
        ]
        return Cell(
            names=dict(zip(CELL_COLUMNS, names, strict=True)),
            role=role,
            setting=setting,
            classifier=spec,
            fits=tuple(fits),
            key=content_key("cell", setting.identity, [fit.key for fit in fits]),
            seed=grid.run.seed,
            registry=grid.registry,
            remarks={
                "protocol_remark": setting.protocol.remark,
                "extractor_remark": _remarks(grid.registry, "extractors", parts),
                "classifier_remark": _remarks(grid.registry, "classifiers", [spec]),
            },
        )

    def _tables_of(
        self, registry: Registry, setting: Setting, spec: PluginSpec, copies: Copies | None
    ) -> list[FeatureTable]:
        """Return the feature table of each fold: one for all, unless the plugin learns."""
        identity = _plugin_identity(registry, "extractors", spec)
        view = self._with_copies(setting.view, copies)
        if getattr(registry.load("extractors", spec.type), "STATELESS", True):
            return [self._table(view, spec, [identity], None)] * len(setting.folds)
        trainings = [_training(setting, fold.train, copies) for fold in setting.folds]
        return [
            self._table(view, spec, [identity, array_digest(training.rows, training.y)], training)
            for training in trainings
        ]

    def _with_copies(self, view: View, copies: Copies | None) -> View:
        if copies is None:
            return view
        place = (id(view), content_key(copies.identity()))
        if place not in self._copied:
            self._copied[place] = with_copies(view, copies)
        return self._copied[place]

    def _table(
        self, view: View, spec: PluginSpec, identity: list[Any], training: Training | None
    ) -> FeatureTable:
        place = (id(view), content_key(identity))
        if place not in self._tables:
            self._tables[place] = _feature_table(view, spec, identity, training)
        return self._tables[place]

    def _setting(
        self, grid: Grid, views: ViewOf, place: tuple[str, str, str, str], variant: str = ""
    ) -> Setting | None:
        dataset, task, protocol, preprocessing = place
        rule = grid.protocols.get(protocol, EXTERNAL)
        source = dataset if protocol in grid.protocols else combined_name(dataset, protocol)
        base, view = (
            self._with_copies(views[source, name], rule.augmentation) for name in (RAW, preprocessing)
        )
        identity = f"{id(view)} {grid.tasks[task]!r} {rule!r}"
        if identity not in self._settings:
            try:
                self._settings[identity] = _make_setting(grid.tasks[task], rule, base, view)
            except DataError as error:
                self._refuse(f"dataset {dataset}, task {task}, protocol {protocol}", error)
                return None
        setting = self._settings[identity]
        if not variant or not self._splits_like_the_grid(setting, place[:3]):
            self.named_settings[(*place, variant)] = setting
        return setting

    def _splits_like_the_grid(self, setting: Setting, place: tuple[str, ...]) -> bool:
        known = (s for names, s in self.named_settings.items() if names[:3] == place and not names[-1])
        return any(other.identity == setting.identity for other in known)


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


def _computed_once(registry: Registry, parts: Sequence[PluginSpec], spec: PluginSpec) -> Sequence[PluginSpec]:
    """Return the features of a network's frozen part in place of images, so that folds share them."""
    whole = len(parts) == 1 and not any(parts[0].parameters.values())
    if not whole or not takes_images(registry, spec):
        return parts
    frozen = registry.create("classifiers", spec.type, spec.parameters).frozen_features()
    return parts if frozen is None else (PluginSpec(type=frozen[0], parameters=frozen[1]),)


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


def _training(setting: Setting, rows: np.ndarray, copies: Copies | None) -> Training:
    """Return the training rows of a table with the copies of each, which have its class."""
    if copies is None:
        return Training(rows, setting.codes[rows])
    return Training(copies.rows(rows), copies.repeated(setting.codes[rows]))


def _feature_table(
    view: View, spec: PluginSpec, identity: list[Any], training: Training | None
) -> FeatureTable:
    fingerprints = view.prepared.facts["fingerprint"].tolist()
    copies = view.preprocessing.copies
    length = len(fingerprints) if training else max(1, SHARD // (1 + (copies.copies if copies else 0)))
    chunks = tuple(slice(start, start + length) for start in range(0, len(fingerprints), length))
    steps = view.preprocessing.identity()
    keys = [content_key("features", fingerprints[chunk], steps, *identity) for chunk in chunks]
    extractions = tuple(Extraction(key, spec.type, spec.parameters, training) for key in keys)
    return FeatureTable(view, extractions, chunks)


def _plugin_identity(registry: Registry, kind: str, spec: PluginSpec) -> list[Any]:
    """Everything of a plugin that decides its values: name, version, source (a grid's own), parameters."""
    plugin = registry.load(kind, spec.type)
    own = [_source_digest(file) for file in registry.files if file.stem == spec.type]
    instance = plugin(**spec.parameters)
    decisive = instance.identity() if hasattr(instance, "identity") else instance.get_params(deep=False)
    return [spec.type, getattr(plugin, "VERSION", 1), own, _plain(decisive)]


def _remarks(registry: Registry, kind: str, specs: Sequence[PluginSpec]) -> str:
    plugins = [registry.create(kind, spec.type, spec.parameters) for spec in specs]
    found = [remark for plugin in plugins if hasattr(plugin, "remarks") for remark in plugin.remarks()]
    return ", ".join(dict.fromkeys(found))


@lru_cache
def _source_digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def _fit_key(
    setting: Setting, tables: Sequence[FeatureTable], identity: list[Any], seed: int, fold: Fold
) -> str:
    codes = setting.codes
    rows = array_digest(fold.train, fold.test, codes[fold.train], setting.groups[fold.train])
    features = [table.key for table in tables]
    classes = setting.labelling.classes
    named = [classes] if isinstance(identity[-1].get("class_weight"), Mapping) else []
    parts = (features, rows, len(classes), *named, identity, seed, fold.repeat, fold.fold)
    return content_key("fit", *parts)
