"""A run from grid to result tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from suite.audit import refuse_errors
from suite.engine import Progress, execute
from suite.environment import describe_environment
from suite.errors import GridError
from suite.executors import Workers, available_cores
from suite.grid import Grid
from suite.grid_reader import read_grid
from suite.preparation import Ready, get_ready
from suite.results import FORMAT, read_table, write_results
from suite.run_directory import (
    check_run_directory,
    digest_of,
    forget_completion,
    is_complete,
    store_for,
    write_environment,
    write_facts,
    write_failures,
)

__all__ = ["Finished", "run_grid", "run_jobs"]


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
        outcome = execute(ready.plan, store, workers, progress, device=grid.run.device, fresh=fresh)
        digest = digest_of(ready)
        if not outcome.computed and is_complete(run_dir, digest):
            return Finished(read_table(run_dir, "cells").to_pandas(), ready, digest, unchanged=True)
        forget_completion(run_dir)
        datasets = list(ready.prepared.values())
        cells = write_results(ready.plan, datasets, outcome, store, run_dir, grid.metrics, workers)
    write_failures(outcome, run_dir)
    facts = {
        **describe_environment(),
        "format": FORMAT,
        "jobs": count,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - clock, 1),
        "command": command,
    }
    write_environment(facts, run_dir)
    return Finished(cells, ready, digest, unchanged=False)


def _restricted(ready: Ready, pattern: str) -> Ready:
    plan = ready.plan.only(pattern)
    if not plan.cells:
        titles = "\n".join(f"  {cell.title}" for cell in ready.plan.cells[:20])
        raise GridError(f"--only {pattern}: no cell matches. Cells are, for instance:\n{titles}")
    return Ready(ready.grid, ready.prepared, plan, ready.findings)


def run_jobs(grid: Grid, jobs: int | None) -> int:
    """Return the number of processes: as asked for on the command line, in the grid, or one per core."""
    if jobs is not None:
        return jobs
    return available_cores() if grid.run.jobs == "auto" else grid.run.jobs
