"""What precedes computing: data loaded and looked at, the plan made, the audit done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from suite.audit import Finding, audit, check_ignored_codes
from suite.content_key import content_key
from suite.datasets._paths import Locator
from suite.datasets._source import DatasetSource
from suite.engine import Progress
from suite.errors import GridError
from suite.executors import Workers
from suite.grid import Grid
from suite.grid_reader import variant_of
from suite.plan import Plan
from suite.planner import FULL_SYSTEM, RAW, build_plan, combined_name, external_protocol
from suite.preprocessing import Preprocessing
from suite.store import Store
from suite.views import Prepared, View, combine, make_view, prepare

__all__ = ["Ready", "get_ready", "prepared_datasets"]


@dataclass(frozen=True)
class Ready:
    """A grid that could run: its data looked at, its plan made, its findings known."""

    grid: Grid
    prepared: Mapping[str, Prepared]
    plan: Plan
    findings: Sequence[Finding]


def get_ready(grid: Grid, store: Store, workers: Workers, progress: Progress) -> Ready:
    """Load the data, look at every image, split it, plan the cells, audit: all that precedes computing.

    Raises
    ------
    DataError
        When the data, a task or a protocol is refused, with all reasons.
    GridError
        When a code to ignore does not exist.
    """
    problems = check_ignored_codes(grid.audit.ignore)
    if problems:
        raise GridError(problems)
    views = _Views(store, workers, progress)
    variants = [("", grid, views.of(grid))]
    if grid.ablations is not None:
        variants.append((FULL_SYSTEM, grid, variants[0][2]))
        for name, changes in grid.ablations.variants.items():
            changed = variant_of(grid, changes)
            variants.append((name, _with_ablations(changed, grid), views.of(changed)))
    plan = build_plan(variants)
    prepared = {name: views.prepared(grid, name) for name in (*grid.datasets, *grid.external)}
    return Ready(grid, prepared, plan, audit(list(prepared.values()), plan, grid.audit.ignore))


def _with_ablations(changed: Grid, grid: Grid) -> Grid:
    return changed.model_copy(update={"ablations": grid.ablations})


class _Views:
    """Datasets and their preprocessed views, each made once however often variants name them."""

    def __init__(self, store: Store, workers: Workers, progress: Progress) -> None:
        self._store, self._workers, self._progress = store, workers, progress
        self._prepared: dict[str, Prepared] = {}
        self._made: dict[str, View] = {}

    def of(self, grid: Grid) -> dict[tuple[str, str], View]:
        """Return the views of a grid by (dataset, preprocessing)."""
        steps = {RAW: Preprocessing(()), **grid.preprocessings}
        prepared = {name: self.prepared(grid, name) for name in grid.datasets}
        for dataset, external in product(grid.datasets, grid.external):
            name = combined_name(dataset, external_protocol(external))
            prepared[name] = self._combined(prepared[dataset], self.prepared(grid, external), name)
        return {
            (dataset, name): self._view(prepared[dataset], preprocessing)
            for dataset in prepared
            for name, preprocessing in steps.items()
        }

    def _combined(self, development: Prepared, external: Prepared, name: str) -> Prepared:
        key = f"{id(development)} {id(external)}"
        if key not in self._prepared:
            self._prepared[key] = combine(development, external, name)
        return self._prepared[key]

    def prepared(self, grid: Grid, name: str) -> Prepared:
        """Return a dataset of a grid, external or not."""
        source = {**grid.external, **grid.datasets}[name]
        key = content_key(name, type(source).__name__, source.model_dump(mode="json"), grid.run.on_bad_image)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(grid, name, source)
        return self._prepared[key]

    def _prepare(self, grid: Grid, name: str, source: DatasetSource) -> Prepared:
        def advance(count: int) -> None:
            self._progress.advance("images", count)

        dataset = source.load(Locator.for_grid(grid.folder))
        self._progress.start("images", len(dataset))
        return prepare(name, dataset, self._store, self._workers, grid.run.on_bad_image, advance)

    def _view(self, prepared: Prepared, preprocessing: Preprocessing) -> View:
        key = f"{id(prepared)} {content_key(preprocessing.identity())}"
        if key not in self._made:
            self._made[key] = make_view(prepared, preprocessing, self._store, self._workers)
        return self._made[key]


def prepared_datasets(grid: Grid, store: Store, workers: Workers, progress: Progress) -> list[Prepared]:
    """Load the datasets of a grid and look at every image, no more."""
    views = _Views(store, workers, progress)
    return [views.prepared(grid, name) for name in (*grid.datasets, *grid.external)]
