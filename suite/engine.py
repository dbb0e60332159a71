"""Runs a plan: first the feature tables, then the fits; what the store has is not computed again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Protocol

from suite.device_extraction import extract_on_devices, parts_of
from suite.devices import owned_devices, runs_on_device
from suite.evaluation import OWN, FitUnit, run_fit
from suite.executors import Lost, Workers
from suite.explanation import explanation_of
from suite.extraction import Failure, ShardUnit, extract_shard
from suite.fusion import FusionUnit, run_fusion
from suite.plan import Cell, FeatureTable, Fit, Mixture, Plan
from suite.registry import Registry
from suite.store import Store

__all__ = ["Outcome", "Progress", "Work", "estimate", "execute", "pending_fits", "pending_shards"]


class Progress(Protocol):
    """What the engine tells of its progress."""

    def start(self, stage: str, total: int) -> None:
        """Tell that a stage begins, and of how many steps."""

    def advance(self, stage: str, steps: int = 1, detail: str = "") -> None:
        """Tell that steps of a stage are done."""


@dataclass
class Outcome:
    """What was computed, and what failed: by key of shard or fit."""

    failures: dict[str, Failure] = field(default_factory=dict)
    computed: int = 0

    def of_cell(self, cell: Cell) -> Failure | None:
        """Return the first failure of a cell's fits or features."""
        keys = [fit.key for fit in cell.fits] + [key for table in cell.tables for key in table.keys]
        return next((self.failures[key] for key in keys if key in self.failures), None)


def execute(
    plan: Plan,
    store: Store,
    workers: Workers,
    progress: Progress,
    *,
    device: str = "cpu",
    fresh: bool = False,
) -> Outcome:
    """Compute everything that a plan needs and the store lacks.

    Parameters
    ----------
    plan : Plan
        What to compute.
    store : Store
        Where it is kept. Each unit is written as it is finished, so that a killed run loses only the
        units under way.
    workers : Workers
        Run the units.
    progress : Progress
        Told what is done.
    device : str, default="cpu"
        Where networks run.
    fresh : bool, default=False
        Compute everything anew.
    """
    outcome = Outcome()
    fits = pending_fits(plan, store, fresh=fresh)
    outcome.computed = len(fits)
    owned = owned_devices(device) if _need_device(fits) else ()
    device = "cpu" if device == "auto" else device
    shards = [replace(unit, device=device) for unit in pending_shards(fits, store, fresh=fresh)]
    _run_shards(shards, workers, progress, outcome, owned)
    _run_fits(fits, store, workers, progress, outcome, device, owned)
    return outcome


def _need_device(fits: Sequence[tuple[Cell, Fit]]) -> bool:
    """Tell whether a fit, or a feature that it waits for, runs on a device."""
    classifiers = {(cell.registry, cell.classifier.type) for cell, fit in fits if not fit.mixture}
    extractors = {
        (cell.registry, extraction.plugin)
        for cell, fit in fits
        for table in fit.tables
        for extraction in table.extractions[:1]
    }
    return any(runs_on_device(registry, "classifiers", name) for registry, name in classifiers) or any(
        runs_on_device(registry, "extractors", name) for registry, name in extractors
    )


def pending_fits(plan: Plan, store: Store, *, fresh: bool = False) -> list[tuple[Cell, Fit]]:
    """Return the fits that are still to do, each once; a damaged one is to do again.

    Those that a fusion is mixed from are done for its sake only where the fusion is still to do.
    """
    pending: dict[str, tuple[Cell, Fit]] = {}
    own = [(cell, fit) for cell in plan.cells for fit in cell.fits]
    _add_pending(pending, own, store, fresh)
    mixtures = [fit.mixture for _, fit in pending.values() if fit.mixture]
    _add_pending(pending, [source for mixture in mixtures for source in mixture.sources], store, fresh)
    return list(pending.values())


def _add_pending(
    pending: dict[str, tuple[Cell, Fit]], fits: list[tuple[Cell, Fit]], store: Store, fresh: bool
) -> None:
    first = {fit.key: (cell, fit) for cell, fit in reversed(fits)}
    for key in dict.fromkeys(fit.key for _, fit in fits):
        if key not in pending and (fresh or not store.verify("fits", key)):
            pending[key] = first[key]


def pending_shards(fits: Sequence[tuple[Cell, Fit]], store: Store, *, fresh: bool = False) -> list[ShardUnit]:
    """Return the units of extraction that fits wait for: a few images each, for all extractors at once."""
    fits = [(cell, fit) for cell, fit in fits if not fit.mixture]  # a fusion reads no features
    tables = {id(table): table for _, fit in fits for table in fit.tables}
    registries = {id(table): cell.registry for cell, fit in fits for table in fit.tables}
    grouped: dict[tuple[int, int, str], list[tuple[FeatureTable, int]]] = defaultdict(list)
    seen: set[str] = set()
    for table in tables.values():
        for index, extraction in enumerate(table.extractions):
            key = extraction.key
            if key not in seen and (fresh or not store.verify("features", key)):
                alone = key if extraction.training else ""
                grouped[id(table.view), index, alone].append((table, index))
            seen.add(key)
    return [_shard_unit(members, registries[id(members[0][0])], store) for members in grouped.values()]


def _shard_unit(members: list[tuple[FeatureTable, int]], registry: Registry, store: Store) -> ShardUnit:
    table, index = members[0]
    return ShardUnit(
        store=store.root,
        images=table.view.prepared.dataset.images[table.image_chunks[index]],
        preprocessing=table.view.preprocessing,
        extractions=tuple(member.extractions[index] for member, _ in members),
        registry=registry,
    )


def _run_shards(
    units: list[ShardUnit], workers: Workers, progress: Progress, outcome: Outcome, owned: tuple[str, ...]
) -> None:
    progress.start("features", sum(len(unit.extractions) * len(unit.images) for unit in units))
    for unit, results in _extracted(units, workers, owned):
        if isinstance(results, Lost):
            results = {e.key: Failure(results.reason, results.reason) for e in unit.extractions}
        outcome.failures.update({key: failure for key, failure in results.items() if failure is not None})
        progress.advance("features", len(unit.extractions) * len(unit.images))


def _extracted(
    units: list[ShardUnit], workers: Workers, owned: tuple[str, ...]
) -> Iterator[tuple[ShardUnit, Any]]:
    """Yield units and outcomes; what runs on a device is computed by the processes that own them."""
    if not owned:
        yield from workers.run(extract_shard, units)
        return
    yield from workers.run(extract_shard, parts_of(units, on_device=False))
    yield from extract_on_devices(parts_of(units, on_device=True), workers, owned)


def _run_fits(
    fits: list[tuple[Cell, Fit]],
    store: Store,
    workers: Workers,
    progress: Progress,
    outcome: Outcome,
    device: str,
    owned: tuple[str, ...],
) -> None:
    plain = [(cell, fit) for cell, fit in fits if not fit.mixture and outcome.of_cell(cell) is None]
    fusions = [(cell, fit) for cell, fit in fits if fit.mixture]
    cells = {fit.key: cell for cell, fit in plain + fusions}
    left = Counter(_place(cell) for cell in cells.values())
    progress.start("cells", len(left))
    progress.start("fits", len(cells))
    for unit, result in chain(
        _fitted(_fit_units(plain, store, device), workers, owned),
        workers.run(run_fusion, _fusion_units(fusions, store, outcome)),
    ):
        if isinstance(result, Lost):
            result = Failure(result.reason, result.reason)
        if result is not None:
            outcome.failures[unit.key] = result
        cell = cells[unit.key]
        left[_place(cell)] -= 1
        if not left[_place(cell)]:
            progress.advance("cells", 1)
        progress.advance("fits", 1, cell.title)


def _fitted(
    units: Iterator[FitUnit], workers: Workers, owned: tuple[str, ...]
) -> Iterator[tuple[FitUnit, Any]]:
    """Yield units and outcomes, like :func:`_extracted`."""
    if not owned:
        yield from workers.run(run_fit, units)
        return
    parts: dict[bool, list[FitUnit]] = {False: [], True: []}
    for unit in units:
        parts[runs_on_device(unit.registry, "classifiers", unit.plugin)].append(unit)
    yield from workers.run(run_fit, parts[False])
    with Workers(len(owned), owned) as owners:
        yield from owners.run(run_fit, [replace(unit, device=OWN) for unit in parts[True]])


def _place(cell: Cell) -> tuple[str, ...]:
    """Name a cell; its fits in the inner folds of a fusion are part of it."""
    return tuple(cell.names.values())


def _fit_units(fits: list[tuple[Cell, Fit]], store: Store, device: str) -> Iterator[FitUnit]:
    for cell, fit in fits:
        codes, fold = cell.setting.codes, fit.fold
        yield FitUnit(
            key=fit.key,
            store=store.root,
            parts=tuple(table.keys for table in fit.tables),
            train=fold.train,
            test=fold.test,
            y_train=codes[fold.train],
            groups=cell.setting.groups[fold.train],
            classes=cell.setting.labelling.classes,
            plugin=cell.classifier.type,
            parameters=cell.classifier.parameters,
            seed=cell.fit_seed(fold),
            registry=cell.registry,
            device=device,
            copies=fit.copies,
            explanation=explanation_of(cell, fit),
        )


def _fusion_units(fits: list[tuple[Cell, Fit]], store: Store, outcome: Outcome) -> Iterator[FusionUnit]:
    """Yield the units of fusions; drawn from once the fits that they are mixed from have been tried."""
    for cell, fit in fits:
        mixture, rows = fit.mixture, fit.fold.train
        assert mixture is not None
        yield FusionUnit(
            key=fit.key,
            store=store.root,
            members=tuple(member.key for _, member in mixture.members),
            weights=mixture.weights,
            inner=tuple(tuple(inner.key for _, inner in fits) for fits in mixture.inner),
            train=rows,
            y_train=cell.setting.codes[rows],
            failed=_failed_member(mixture, outcome),
        )


def _failed_member(mixture: Mixture, outcome: Outcome) -> Failure | None:
    for cell, _ in mixture.sources:
        failure = outcome.of_cell(cell)
        if failure is not None:
            return Failure(f"its member {cell.pair} failed: {failure.reason}", failure.details)
    return None


@dataclass(frozen=True)
class Work:
    """How much of a plan there is to do."""

    cells: int
    fits: int
    fits_to_do: int
    extractions: int
    extractions_to_do: int


def estimate(plan: Plan, store: Store, *, fresh: bool = False) -> Work:
    """Count what there is to compute, and how much of it the store has already."""
    fits = pending_fits(plan, store, fresh=fresh)
    shards = pending_shards(fits, store, fresh=fresh)
    return Work(
        cells=len(plan.cells),
        fits=plan.n_fits,
        fits_to_do=len(fits),
        extractions=sum(len(table.view.prepared.dataset) for table in plan.tables),
        extractions_to_do=sum(len(unit.extractions) * len(unit.images) for unit in shards),
    )
