"""From a grid file to a checked grid: every mistake at once, each with its path and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from suite.changes import apply_changes
from suite.errors import GridError, Problem
from suite.grid import Grid, Schema, Task
from suite.grid_fusions import fusion_problems
from suite.grid_plugins import load_registry, parse_parts
from suite.grid_references import reference_problems
from suite.grid_schema_errors import schema_problems
from suite.pairing import pairing_problems
from suite.registry import Registry
from suite.splits import KFold
from suite.yaml_reader import Lines, read_yaml

__all__ = ["build_grid", "read_grid", "variant_of"]


def read_grid(path: Path, changes: Mapping[str, Any] | None = None) -> Grid:
    """Read and check a grid file.

    Parameters
    ----------
    path : Path
        A YAML file.
    changes : mapping, optional
        Values to set, by dotted path (``{"run.seed": 1}``).

    Raises
    ------
    GridError
        With every mistake of the file, each with its path and line.
    """
    raw, lines = read_yaml(path)
    if not isinstance(raw, dict):
        raise GridError(
            f"{path}: a grid is a mapping with keys such as name, dataset, extractors, classifiers."
        )
    try:
        return build_grid(apply_changes(raw, changes or {}), path.resolve().parent, lines)
    except GridError as error:
        raise GridError([Problem(f"{path.name}: {p.where}", p.message) for p in error.problems]) from None


def build_grid(raw: dict[str, Any], folder: Path, lines: Lines) -> Grid:
    """Check plain values and make a grid of them.

    Raises
    ------
    GridError
        With every mistake, each with its path.
    """
    schema, problems = _parse(raw)
    registry, plugin_problems = load_registry(raw, folder)
    problems += plugin_problems
    parts, part_problems = parse_parts(raw, registry, folder)
    problems += part_problems + reference_problems(raw)
    sound = not any(p.where.startswith(("plugins", "extractors", "classifiers")) for p in problems)
    problems += fusion_problems(raw, parts, registry, judge_pairs=sound)
    if problems or schema is None:
        raise GridError([Problem(_with_line(p.where, lines), p.message) for p in problems])
    grid = _assemble(schema, parts, registry, folder, raw)
    problems = pairing_problems(grid) + variant_problems(grid)
    if problems:
        raise GridError([Problem(_with_line(p.where, lines), p.message) for p in problems])
    return grid


def _parse(raw: dict[str, Any]) -> tuple[Schema | None, list[Problem]]:
    try:
        return Schema.model_validate(raw), []
    except ValidationError as error:
        return None, schema_problems(error, Schema)


def _assemble(
    schema: Schema, parts: Mapping[str, Any], registry: Registry, folder: Path, raw: dict[str, Any]
) -> Grid:
    protocols = schema.protocols
    if protocols is None:
        protocol = schema.protocol or KFold()
        protocols = {protocol.type: protocol}
    same = ("name", "description", "ablations", "report", "run", "audit")
    return Grid(
        **{key: getattr(schema, key) for key in same},
        **parts,
        tasks=schema.tasks or {"all_classes": Task()},
        protocols=protocols,
        fusions=schema.fusions,
        baselines=tuple(schema.baselines),
        exclude=tuple(schema.exclude),
        published=tuple(schema.published),
        metrics=tuple(schema.metrics),
        registry=registry,
        folder=folder,
        raw=raw,
    )


def _with_line(where: str, lines: Lines) -> str:
    path = tuple(where.split("."))
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return f"{where} (line {lines[path[:length]]})"
    return where


def variant_of(grid: Grid, changes: Mapping[str, Any]) -> Grid:
    """Return a grid with changes, as a variant of an ablation asks for.

    Raises
    ------
    GridError
        When the changed grid is not valid.
    """
    raw = {key: value for key, value in grid.raw.items() if key != "ablations"}
    return build_grid(apply_changes(raw, changes), grid.folder, {})


def variant_problems(grid: Grid) -> list[Problem]:
    """Check that every variant of the ablations is itself a grid that could run."""
    problems = []
    for name, changes in grid.ablations.variants.items() if grid.ablations else ():
        where = f"ablations.variants.{name}"
        if not changes:
            problems.append(Problem(where, "this variant changes nothing."))
            continue
        try:
            problems += [
                Problem(where, message) for message in _incomparable(grid, variant_of(grid, changes))
            ]
        except GridError as error:
            problems += [Problem(where, f"{p.where}: {p.message}") for p in error.problems]
    return problems


def _incomparable(grid: Grid, variant: Grid) -> Iterator[str]:
    """Say what keeps a variant from standing beside the full system in one table."""
    for section in ("datasets", "tasks", "protocols", "external"):
        kept, now = list(getattr(grid, section)), list(getattr(variant, section))
        if kept != now:
            yield f"a variant keeps the names of the {section}: {', '.join(kept)}; here {', '.join(now)}."
    for name, task in grid.tasks.items():
        other = variant.tasks.get(name, task)
        if (list(task.classes or ()), task.positive) != (list(other.classes or ()), other.positive):
            yield f"the task {name} has other classes than in the full system, so the two cannot be compared."
