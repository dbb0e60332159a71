"""A run from grid to result tables; ``check`` is the same way up to the plan."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from suite.audit import Finding, audit, check_ignored_codes, refuse_errors
from suite.content_key import content_key
from suite.datasets._paths import Locator
from suite.datasets._source import DatasetSource
from suite.engine import Outcome, Progress, execute, pending_fits, pending_shards
from suite.environment import describe_environment, suite_version
from suite.errors import GridError, RunDirectoryError
from suite.executors import Workers, available_cores
from suite.grid import Grid
from suite.grid_reader import read_grid, variant_of
from suite.plan import Plan
from suite.planner import FULL_SYSTEM, RAW, build_plan, combined_name, external_protocol
from suite.preprocessing import Preprocessing
from suite.resolved import resolved
from suite.results import FORMAT, read_table, write_results
from suite.store import Store, write_atomically
from suite.views import Prepared, View, combine, make_view, prepare
from suite.yaml_reader import dump_yaml

__all__ = [
    "Finished",
    "Ready",
    "Work",
    "estimate",
    "get_ready",
    "mark_complete",
    "run_grid",
    "run_jobs",
    "store_for",
]

COMPLETE = "complete.json"


@dataclass(frozen=True)
class Ready:
    """A grid that could run: its data looked at, its plan made, its findings known."""

    grid: Grid
    prepared: Mapping[str, Prepared]
    plan: Plan
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Work:
    """How much of a plan there is to do."""

    cells: int
    fits: int
    fits_to_do: int
    extractions: int
    extractions_to_do: int


def run_jobs(grid: Grid, jobs: int | None) -> int:
    """Return the number of processes: as asked for on the command line, in the grid, or one per core."""
    if jobs is not None:
        return jobs
    return available_cores() if grid.run.jobs == "auto" else grid.run.jobs


def store_for(run_dir: Path) -> Store:
    """Return ``$SUITE_STORE``, shared between runs, or the run's own ``store/``."""
    shared = os.environ.get("SUITE_STORE")
    return Store(Path(shared).expanduser() if shared else run_dir / "store")


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


@dataclass(frozen=True)
class Finished:
    """A finished run: its table of cells, its findings, and whether it found all of it done already."""

    cells: pd.DataFrame
    ready: Ready
    digest: str
    unchanged: bool


def run_grid(
    grid_file: Path,
    run_dir: Path,
    changes: Mapping[str, Any],
    *,
    jobs: int | None,
    only: str | None,
    fresh: bool,
    command: str,
    progress: Progress,
    announce: Callable[[Ready], None],
) -> Finished:
    """Run a grid and write its run directory, all but the report.

    Parameters
    ----------
    grid_file, run_dir : Path
        Where the grid is and where results go.
    changes : mapping
        ``--set``: dotted path → value.
    jobs : int or None
        Number of processes.
    only : str or None
        Pattern of the cells to run.
    fresh : bool
        Compute everything anew.
    command : str
        How the run was called, for the report.
    progress : Progress
        Told what is done.
    announce : callable
        Told the plan and the findings before anything is computed.

    Raises
    ------
    GridError, DataError
        When the grid or the data are refused; then nothing has been computed.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    grid = read_grid(grid_file, changes)
    check_run_directory(run_dir)
    store, count = store_for(run_dir), run_jobs(grid, jobs)
    with Workers(count) as workers:
        ready = get_ready(grid, store, workers, progress)
        if only is not None:
            ready = _restricted(ready, only)
        announce(ready)
        refuse_errors(ready.findings)
        write_facts(ready, grid_file, run_dir)
        outcome = execute(ready.plan, store, workers, progress, fresh=fresh)
        digest = _digest(ready)
        if not outcome.computed and _is_complete(run_dir, digest):
            return Finished(read_table(run_dir, "cells").to_pandas(), ready, digest, unchanged=True)
        (run_dir / COMPLETE).unlink(missing_ok=True)
        datasets = list(ready.prepared.values())
        cells = write_results(ready.plan, datasets, outcome, store, run_dir, grid.metrics, workers)
    write_failures(outcome, run_dir)
    seconds = time.monotonic() - clock
    facts = {
        **describe_environment(),
        "format": FORMAT,
        "jobs": count,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "command": command,
    }
    write_atomically(run_dir / "environment.json", _json(facts))
    return Finished(cells, ready, digest, unchanged=False)


def mark_complete(run_dir: Path, digest: str) -> None:
    """Note that results and report are those of a plan; a run that changes nothing then leaves them alone."""
    write_atomically(run_dir / COMPLETE, _json({"digest": digest, "tables": _table_digests(run_dir)}))


def _digest(ready: Ready) -> str:
    """Hash everything that results and report are made of, but for the stored predictions themselves."""
    cells = [[*cell.names.values(), cell.role, cell.key] for cell in ready.plan.cells]
    findings = [finding.as_dict() for finding in ready.findings]
    return content_key(FORMAT, suite_version(), resolved(ready.grid), cells, findings)


def _table_digests(run_dir: Path) -> dict[str, str]:
    """Hash the result tables, so that one that was lost or damaged is noticed and written again."""
    tables = sorted((run_dir / "results").glob("*.parquet"))
    return {path.name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in tables}


def _is_complete(run_dir: Path, digest: str) -> bool:
    try:
        noted = json.loads((run_dir / COMPLETE).read_bytes())
        return noted["digest"] == digest and noted["tables"] == _table_digests(run_dir)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _restricted(ready: Ready, pattern: str) -> Ready:
    plan = ready.plan.only(pattern)
    if not plan.cells:
        titles = "\n".join(f"  {cell.title}" for cell in ready.plan.cells[:20])
        raise GridError(f"--only {pattern}: no cell matches. Cells are, for instance:\n{titles}")
    return Ready(ready.grid, ready.prepared, plan, ready.findings)


def check_run_directory(run_dir: Path) -> None:
    """Refuse a path that cannot become a run directory.

    Raises
    ------
    RunDirectoryError
        When it is a file, holds other things than a run, or cannot be written to.
    """
    if run_dir.exists() and not run_dir.is_dir():
        raise RunDirectoryError(f"{run_dir}: this is a file; a run is written into a folder (--out).")
    known = {"grid.resolved.yaml", "store", "results"}
    if run_dir.is_dir():
        entries = {entry.name for entry in run_dir.iterdir()}
        if entries and not entries & known:
            raise RunDirectoryError(
                f"{run_dir}: this folder holds other things than a run; name another (--out)."
            )
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunDirectoryError(f"{run_dir}: cannot be made ({error.strerror}).") from None
    if not os.access(run_dir, os.W_OK | os.X_OK):
        raise RunDirectoryError(f"{run_dir}: cannot be written to.")


def write_facts(ready: Ready, grid_file: Path, run_dir: Path) -> None:
    """Write the grid as given and as resolved, and the findings."""
    write_atomically(run_dir / "grid.yaml", grid_file.read_bytes())
    write_atomically(run_dir / "grid.resolved.yaml", dump_yaml(resolved(ready.grid)).encode())
    findings = [finding.as_dict() for finding in ready.findings]
    write_atomically(run_dir / "audit.json", _json({"findings": findings}))


def write_failures(outcome: Outcome, run_dir: Path) -> None:
    """Write the tracebacks of what failed, for whoever wrote the plugin; none: no file."""
    path = run_dir / "failures.txt"
    if not outcome.failures:
        path.unlink(missing_ok=True)
        return
    unique = {failure.details: failure.reason for failure in outcome.failures.values()}
    text = "\n\n".join(f"{reason}\n{'-' * 80}\n{details}" for details, reason in unique.items())
    write_atomically(path, text.encode())


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def prepared_datasets(grid: Grid, store: Store, workers: Workers, progress: Progress) -> list[Prepared]:
    """Load the datasets of a grid and look at every image, no more."""
    views = _Views(store, workers, progress)
    return [views.prepared(grid, name) for name in (*grid.datasets, *grid.external)]
