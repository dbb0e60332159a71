"""The grid: the keys that a user writes, and what they become once all is checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from suite.datasets._source import DatasetSource
from suite.metrics import METRICS
from suite.preprocessing import Copies, Preprocessing
from suite.registry import Registry
from suite.splits import Protocol

__all__ = ["SCORE_FUSION", "Ablations", "Fusion", "Grid", "PluginSpec", "Schema", "Task", "parts_of"]

SCORE_FUSION = "score fusion"  # stands where other cells have the name of their extractor


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]


class PluginSpec(_Section):
    """A plugin with its parameters, or (extractors) a fusion of several named ones.

    ``copies`` (classifiers): augmented copies of training images that it is fitted to, too.
    """

    type: str
    parameters: dict[str, Any] = {}
    fuse: tuple[str, ...] = ()
    copies: Copies | None = None


class Task(_Section):
    """A labelling of the samples: which labels make up which class, and which class is positive."""

    classes: Annotated[dict[str, Names] | list[str] | None, Field(min_length=2)] = None
    positive: str | None = None


class Of(_Section):
    """A cell by its extractor and its classifier: an ablation's full system, a member of a fusion."""

    extractor: str
    classifier: str


def _weights(value: Any) -> Any:
    if value is None or value == "learn":
        return value
    if not isinstance(value, list) or not all(_is_number(weight) for weight in value):
        raise ValueError("learn, or a list of numbers, one for each member, is expected")
    if any(not math.isfinite(weight) or weight < 0 for weight in value) or not 0 < sum(value) < math.inf:
        raise ValueError("weights are finite, none is negative, and one at least is above 0")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Fusion(_Section):
    """Cells whose probabilities are added up, each with its weight."""

    of: Annotated[list[Of], Field(min_length=2)]
    weights: Annotated[
        Literal["learn"] | list[Annotated[float, Field(ge=0)]] | None, BeforeValidator(_weights)
    ] = None

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Weights that add up to 1, equal ones where none are given; None: to be learned."""
        if self.weights == "learn":
            return None
        given = self.weights or [1.0] * len(self.of)
        return tuple(weight / sum(given) for weight in given)


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
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:[0-9]+)?)$")] = "auto"
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
    fusions: dict[str, Fusion] = {}
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
    fusions: dict[str, Fusion]
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

    def parts(self, extractor: str) -> tuple[PluginSpec, ...]:
        """Return the plugins whose features, side by side, are those of an extractor."""
        return parts_of(self.extractors, extractor)


def parts_of(extractors: Mapping[str, PluginSpec], name: str) -> tuple[PluginSpec, ...]:
    """Return the plugins that an extractor is made of, those of its fusions included."""
    spec = extractors[name]
    if not spec.fuse:
        return (spec,)
    return tuple(part for each in spec.fuse for part in parts_of(extractors, each))
