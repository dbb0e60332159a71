"""The grid: what a user writes, checked as a whole, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from suite.changes import apply_changes
from suite.datasets._source import DatasetSource
from suite.errors import GridError, Problem
from suite.metrics import METRICS
from suite.preprocessing import Preprocessing
from suite.registry import Registry
from suite.splits import KFold, Protocol
from suite.yaml_reader import Lines, read_yaml

__all__ = ["Ablations", "Grid", "PluginSpec", "Task", "read_grid"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]


class PluginSpec(_Section):
    """A plugin with its parameters, or (extractors) a fusion of several named ones."""

    type: str
    parameters: dict[str, Any] = {}
    fuse: tuple[str, ...] = ()


class Task(_Section):
    """A labelling of the samples: which labels make up which class, and which class is positive."""

    classes: Annotated[dict[str, Names] | list[str] | None, Field(min_length=2)] = None
    positive: str | None = None


class Of(_Section):
    """The full system of an ablation."""

    extractor: str
    classifier: str


class Ablations(_Section):
    """A full system and its variants, each a set of changes to the grid."""

    of: Of
    variants: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]


class Exclude(_Section):
    """Cells that are not wanted: those that match every name given."""

    dataset: Names | None = None
    task: Names | None = None
    protocol: Names | None = None
    preprocessing: Names | None = None
    extractor: Names | None = None
    classifier: Names | None = None


class Published(BaseModel):
    """Quoted values of a publication; further keys are names of metrics."""

    model_config = ConfigDict(extra="allow", frozen=True)
    source: str
    dataset: str | None = None
    task: str | None = None
    protocol: str | None = None
    extractor: str | None = None
    classifier: str | None = None


class ReportOptions(_Section):
    """Title and formats of the report."""

    title: str | None = None
    formats: Annotated[list[Literal["html", "latex", "csv", "markdown"]], Field(min_length=1)] = [
        "html",
        "latex",
        "csv",
        "markdown",
    ]


class RunOptions(_Section):
    """How a grid is run."""

    jobs: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = "auto"
    device: str = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    on_bad_image: Literal["fail", "skip"] = "fail"


class AuditOptions(_Section):
    """Codes of findings that may stand."""

    ignore: list[str] | Literal["all"] = []


class Schema(_Section):
    """The keys of a grid file as they are written; plugins' own parameters are checked apart."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^./\\][^/\\]*$")]
    description: str = ""
    dataset: dict[str, Any] | None = None
    datasets: Annotated[dict[str, dict[str, Any]] | None, Field(min_length=1)] = None
    tasks: Annotated[dict[str, Task] | None, Field(min_length=1)] = None
    preprocessing: list[Any] | None = None
    preprocessings: Annotated[dict[str, list[Any]] | None, Field(min_length=1)] = None
    protocol: Protocol | None = None
    protocols: Annotated[dict[str, Protocol] | None, Field(min_length=1)] = None
    extractors: Annotated[dict[str, dict[str, Any] | None] | list[str], Field(min_length=1)]
    classifiers: Annotated[dict[str, dict[str, Any] | None] | list[str], Field(min_length=1)]
    baselines: list[Literal["dummy", "image_size"]] = ["dummy", "image_size"]
    exclude: list[Exclude] = []
    ablations: Ablations | None = None
    external: dict[str, dict[str, Any]] = {}
    published: list[Published] = []
    metrics: Annotated[list[str], Field(min_length=1)] = list(METRICS)
    report: ReportOptions = ReportOptions()
    run: RunOptions = RunOptions()
    plugins: list[str] = []
    audit: AuditOptions = AuditOptions()


class Grid(_Section):
    """A grid that has been checked: every name resolves, every parameter is valid."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: str
    description: str
    datasets: dict[str, DatasetSource]
    tasks: dict[str, Task]
    preprocessings: dict[str, Preprocessing]
    protocols: dict[str, Protocol]
    extractors: dict[str, PluginSpec]
    classifiers: dict[str, PluginSpec]
    baselines: tuple[str, ...]
    exclude: tuple[Exclude, ...]
    ablations: Ablations | None
    external: dict[str, DatasetSource]
    published: tuple[Published, ...]
    metrics: tuple[str, ...]
    report: ReportOptions
    run: RunOptions
    audit: AuditOptions
    registry: Registry
    folder: Path
    raw: dict[str, Any]

    def variant(self, changes: Mapping[str, Any]) -> Grid:
        """Return the grid with changes, as an ablation's variant or ``--set`` asks for."""
        raw = {key: value for key, value in self.raw.items() if key != "ablations"}
        return build_grid(apply_changes(raw, changes), self.folder, {})

    def parts(self, extractor: str) -> tuple[PluginSpec, ...]:
        """Return the plugins whose features, side by side, are those of an extractor."""
        spec = self.extractors[extractor]
        if not spec.fuse:
            return (spec,)
        return tuple(part for name in spec.fuse for part in self.parts(name))


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
    from suite import grid_checks

    schema, problems = _parse(raw)
    registry, plugin_problems = grid_checks.load_registry(raw, folder)
    problems += plugin_problems
    parts, part_problems = grid_checks.parse_parts(raw, registry)
    problems += part_problems + grid_checks.reference_problems(raw, registry)
    if problems or schema is None:
        raise GridError([Problem(_with_line(p.where, lines), p.message) for p in problems])
    grid = _assemble(schema, parts, registry, folder, raw)
    variant_problems = grid_checks.variant_problems(grid)
    if variant_problems:
        raise GridError([Problem(_with_line(p.where, lines), p.message) for p in variant_problems])
    return grid


def _parse(raw: dict[str, Any]) -> tuple[Schema | None, list[Problem]]:
    from suite.grid_checks import schema_problems

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
