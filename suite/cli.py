"""The command line: ``python -m suite run | check | data | list | report | schema``."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from suite.console import announce, messages, output, print_table, summary, tell_warnings
from suite.environment import suite_version
from suite.errors import GridError, RunDirectoryError, SuiteError
from suite.listing import Kind, entries

__all__ = ["main"]

app = typer.Typer(
    name="suite",
    help="Compare image features and classifiers honestly, from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FAILED, REFUSED, INTERRUPTED = 1, 2, 130

GridArgument = Annotated[Path, typer.Argument(help="The grid: a YAML file.", show_default=False)]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="The run directory. Default: runs/NAME.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="A.B=C", help="Set a value of the grid, by path. Repeatable.", show_default=False
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, max=1024, help="Processes. Default: run.jobs of the grid, or one per core."
    ),
]


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        output.print(f"radsuite {suite_version()}", highlight=False)
        raise typer.Exit


@app.command()
def run(
    grid: GridArgument,
    out: OutOption = None,
    jobs: JobsOption = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only the cells with a matching name, or path"
            " task/protocol/preprocessing/extractor/classifier; * and ? match anything.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything anew, stored or not.")] = False,
    set_: SetOption = None,
) -> None:
    """Run a grid: features, fits, result tables and report. Running again finishes what is missing."""
    from suite.progress import Display
    from suite.run import run_grid
    from suite.run_directory import mark_complete

    changes = _changes(set_)
    run_dir = out or _default_run_dir(grid, changes)
    with Display(messages) as display:
        finished = run_grid(
            _found(grid),
            run_dir,
            changes,
            jobs=jobs,
            only=only,
            fresh=fresh,
            command=f"python -m suite {shlex.join(sys.argv[1:])}",
            progress=display,
            announce=announce,
        )
    main_file = run_dir / "report" / "index.html"
    if not finished.unchanged or not main_file.is_file():
        main_file = _write_report(run_dir, finished.ready.grid.report.formats)
        mark_complete(run_dir, finished.digest)
    summary(run_dir)
    tell_warnings(finished.cells)
    failed = finished.cells[finished.cells["status"] == "failed"]
    if len(failed):
        messages.print(f"[red]{len(failed)} of {len(finished.cells)} cells failed:[/]")
        for reason, part in failed.groupby("reason"):
            messages.print(f"  {escape(str(reason))} ({len(part)} cells)", highlight=False)
        messages.print(f"Tracebacks: {run_dir / 'failures.txt'}", highlight=False)
    messages.print(f"Report: {main_file}", highlight=False)
    if len(failed):
        raise typer.Exit(FAILED)


@app.command()
def check(grid: GridArgument, out: OutOption = None, jobs: JobsOption = None, set_: SetOption = None) -> None:
    """Check a grid and its data, and say how much work it is. Computes no feature and no fit."""
    from suite.audit import refuse_errors
    from suite.engine import estimate
    from suite.preparation import get_ready
    from suite.progress import Display
    from suite.run import run_jobs
    from suite.run_directory import store_for

    changes = _changes(set_)
    store = store_for(out or _default_run_dir(grid, changes))
    checked = _read(grid, changes)
    with Display(messages) as display, _workers(run_jobs(checked, jobs)) as workers:
        ready = get_ready(checked, store, workers, display)
    announce(ready)
    work = estimate(ready.plan, store)
    output.print(
        f"{work.fits_to_do} of {work.fits} fits and {work.extractions_to_do} of {work.extractions}"
        " extractions (image × extractor) are still to do.",
        highlight=False,
    )
    refuse_errors(ready.findings)
    output.print(f"{checked.name} can run.", highlight=False)


@app.command()
def data(grid: GridArgument, out: OutOption = None, jobs: JobsOption = None, set_: SetOption = None) -> None:
    """Print what the data of a grid are: counts, patients, sizes, and files that cannot be used."""
    from suite.data_summary import summarise
    from suite.preparation import prepared_datasets
    from suite.progress import Display
    from suite.run import run_jobs
    from suite.run_directory import store_for

    changes = _changes(set_)
    store = store_for(out or _default_run_dir(grid, changes))
    checked = _read(grid, {**changes, "run.on_bad_image": "skip"})
    with Display(messages) as display, _workers(run_jobs(checked, jobs)) as workers:
        datasets = prepared_datasets(checked, store, workers, display)
    for prepared in datasets:
        output.rule(f"{escape(prepared.name)}: {escape(prepared.dataset.description)}")
        for table in summarise(prepared):
            print_table(table.title, table.columns, table.rows)


@app.command(name="list")
def list_(kind: Annotated[Kind, typer.Argument(help="What to list.")]) -> None:
    """List what a grid can name, with parameters and one line each."""
    for name, parameters, line in entries(kind):
        shown = f"  ({escape(', '.join(parameters))})" if parameters else ""
        output.print(f"[bold]{escape(name)}[/]{shown}", highlight=False, soft_wrap=True)
        output.print(f"    {escape(line)}", highlight=False, soft_wrap=True)


@app.command()
def report(run_dir: Annotated[Path, typer.Argument(help="A run directory.", show_default=False)]) -> None:
    """Build all reports anew, from the stored predictions alone."""
    from suite.executors import available_cores
    from suite.results import rebuild_metrics

    grid = _resolved_grid(run_dir)
    with _workers(available_cores()) as workers:
        rebuild_metrics(run_dir, grid["metrics"], workers)
    output.print(f"Report: {_write_report(run_dir, grid['report']['formats'])}", highlight=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a grid, for editors."""
    from suite.registry import Registry
    from suite.schema import grid_schema

    sys.stdout.write(json.dumps(grid_schema(Registry()), indent=1, default=str) + "\n")


def main() -> None:
    """Run the command line; a user's mistake ends in sentences and status 2, never in a traceback."""
    try:
        app()
    except SuiteError as error:
        messages.print(f"[red]refused[/]\n{escape(str(error))}", highlight=False)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        messages.print("Stopped. What is done is kept: the same command goes on from here.", highlight=False)
        sys.exit(INTERRUPTED)


def _changes(pairs: Sequence[str] | None) -> dict[str, Any]:
    from suite.yaml_reader import parse_scalar

    changes = {}
    for pair in pairs or ():
        path, equals, value = pair.partition("=")
        if not equals or not path:
            raise GridError(f"--set {pair}: a path, '=' and a value are expected, as in run.seed=1.")
        changes[path] = parse_scalar(value)
    return changes


def _read(grid: Path, changes: Mapping[str, Any]) -> Any:
    from suite.grid_reader import read_grid

    return read_grid(_found(grid), changes)


def _found(grid: Path) -> Path:
    """Return the grid file; ``grids/NAME.yaml`` that is not there is looked for among those shipped."""
    if grid.exists() or grid.parent != Path("grids"):
        return grid
    package = Path(__file__).parent
    shipped = [folder / grid.name for folder in (package / "grids", package.parent / "grids")]
    return next((file for file in shipped if file.is_file()), grid)


def _workers(jobs: int) -> Any:
    from suite.executors import Workers

    return Workers(jobs)


def _default_run_dir(grid: Path, changes: Mapping[str, Any]) -> Path:
    return Path("runs") / _read(grid, changes).name


def _resolved_grid(run_dir: Path) -> dict[str, Any]:
    from suite.yaml_reader import read_yaml

    path = run_dir / "grid.resolved.yaml"
    if not path.is_file():
        raise RunDirectoryError(f"{run_dir}: not a run directory (it has no grid.resolved.yaml).")
    value, _ = read_yaml(path)
    if not isinstance(value, dict) or not {"metrics", "report"} <= set(value):
        raise RunDirectoryError(f"{path}: not the grid of a run.")
    return value


def _write_report(run_dir: Path, formats: Sequence[str]) -> Path:
    from reports import ReportError, build

    try:
        return build(run_dir, formats)
    except ReportError as error:
        raise RunDirectoryError(str(error)) from error
