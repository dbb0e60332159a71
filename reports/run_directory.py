"""Reading a run directory: its tables are checked before anything is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import yaml

from reports._errors import ReportError
from reports.remarks import with_remarks

__all__ = ["CELL", "FORMAT", "SECTION", "Finding", "Run", "read_run"]

FORMAT = 3  # the newest format of run directories; older ones are read, and the report says so

SECTION = ["dataset", "task", "protocol"]
CELL = [*SECTION, "preprocessing", "extractor", "classifier", "variant", "role", "key"]

COLUMNS: Mapping[str, list[str]] = {
    "cells": [
        *CELL, "status", "reason", "n_features", "n_images", "n_fits",
        "seconds_extract", "seconds_fit", "seconds_predict",
    ],
    "predictions": ["key", "repeat", "fold", "sample_id", "group", "y_true", "y_pred", "proba"],
    "metrics": [
        *CELL, "repeat", "fold", "class", "metric", "display", "higher_is_better", "value", "low", "high",
    ],
    "folds": [
        "dataset", "preprocessing", "task", "protocol", "variant", "repeat", "fold", "sample_id", "part",
    ],
    "samples": [
        "dataset", "sample_id", "label", "group", "source", "split",
        "width", "height", "bit_depth", "format", "synthetic",
    ],
    "classes": ["dataset", "task", "class", "position", "positive", "n_samples", "n_groups"],
    "histories": ["key", "repeat", "fold", "epoch", "measure", "value"],
    "layers": ["key", "position", "layer", "output_shape", "parameters", "trainable"],
    "heat": [
        "key", "repeat", "fold", "sample_id", "y_true", "y_pred", "probability", "kind",
        "share_inside", "area_inside", "boxes", "thumbnail", "heat",
    ],
    "heat_shares": [
        "key", "n_fits", "n_explained", "n_images", "n_groups", "n_without_heat", "share", "share_low",
        "share_high", "area", "ratio", "ratio_low", "ratio_high", "seconds_explain", "reason",
        "boxes_problem", "boxes_note",
    ],
}  # fmt: skip

OPTIONAL = {"cells": ["best_params", "warnings"]}
ADDED_TABLES = ("histories", "layers", "heat", "heat_shares")
ADDED_TABLES_IN = 2  # the format that has them first
PRECISION = ["precision", "precision_agreement"]
REMARKS = ["extractor_remark", "classifier_remark"]
ADDED_COLUMNS: Mapping[int, Mapping[str, list[str]]] = {  # by the format that has them first
    2: {
        "cells": ["n_parameters", "n_parameters_trainable", "peak_memory", *PRECISION, *REMARKS],
        "metrics": REMARKS,
    },
    3: {"cells": ["protocol_remark"], "metrics": ["protocol_remark"]},
}


@dataclass(frozen=True)
class Finding:
    """One finding of the audit of the data."""

    code: str
    severity: str
    message: str
    advice: str = ""
    samples: tuple[str, ...] = ()
    ignored: bool = False


@dataclass(frozen=True, eq=False)
class Run:
    """All that a run directory tells.

    Attributes
    ----------
    cells, predictions, metrics, folds, samples, classes, histories, layers, heat, heat_shares : DataFrame
        The tables of ``results/``; ``histories`` and ``layers`` are empty where no classifier told how it
        learned, ``heat`` and ``heat_shares`` where none explained its predictions.
    grid : dict
        The resolved grid.
    grid_text, resolved_text : str
        The grid as given, and resolved.
    environment : dict
        Versions, hardware, command.
    findings : tuple of Finding
        The audit's, as ordered in ``audit.json``.
    """

    cells: pd.DataFrame
    predictions: pd.DataFrame
    metrics: pd.DataFrame
    folds: pd.DataFrame
    samples: pd.DataFrame
    classes: pd.DataFrame
    histories: pd.DataFrame
    layers: pd.DataFrame
    heat: pd.DataFrame
    heat_shares: pd.DataFrame
    grid: dict[str, Any]
    grid_text: str
    resolved_text: str
    environment: dict[str, Any]
    findings: tuple[Finding, ...]

    @property
    def format(self) -> int:
        """Format of the run directory."""
        return int(self.environment["format"])

    @property
    def is_older(self) -> bool:
        """Whether it lacks tables that newer versions of the suite keep."""
        return self.format < ADDED_TABLES_IN

    @property
    def title(self) -> str:
        """Title of the report: the grid's ``report.title``, else its name."""
        options = self.grid.get("report") or {}
        return str(options.get("title") or self.grid["name"])


def read_run(run_dir: Path) -> Run:
    """Read and check a run directory.

    Raises
    ------
    ReportError
        When a file is missing or unreadable, or the files do not belong together; names each file.
    """
    run_dir = Path(run_dir)
    if not run_dir.is_dir():
        raise ReportError(f"{run_dir}: there is no such run directory.")
    environment = _environment(run_dir / "environment.json")
    tables = _tables(run_dir / "results", environment["format"])
    resolved_text = _text(run_dir / "grid.resolved.yaml")
    grid = _grid(run_dir / "grid.resolved.yaml", resolved_text)
    tables, grid = with_remarks(tables, grid)
    run = Run(
        **tables,
        grid=grid,
        grid_text=_text(run_dir / "grid.yaml"),
        resolved_text=resolved_text,
        environment=environment,
        findings=_findings(run_dir / "audit.json"),
    )
    _belong_together(run, run_dir)
    return run


def _guarded(path: Path, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FileNotFoundError:
        raise ReportError(f"{path}: the file is missing; is this a finished run directory?") from None
    except (OSError, ValueError, pa.ArrowException, yaml.YAMLError) as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise ReportError(f"{path}: cannot be read: {first_line}") from error


def _tables(results: Path, format_: int) -> dict[str, pd.DataFrame]:
    tables = {}
    for name, columns in COLUMNS.items():
        if format_ < ADDED_TABLES_IN and name in ADDED_TABLES:
            tables[name] = pd.DataFrame(columns=columns)
            continue
        needed, optional = [*columns], [*OPTIONAL.get(name, [])]
        for first, added in ADDED_COLUMNS.items():
            (needed if format_ >= first else optional).extend(added.get(name, []))
        tables[name] = _table(results / f"{name}.parquet", needed, optional)
    return tables


def _environment(path: Path) -> dict[str, Any]:
    environment = _json_object(path)
    format_ = environment.setdefault("format", 1)
    if not isinstance(format_, int) or not 1 <= format_ <= FORMAT:
        raise ReportError(
            f"{path}: the run directory is of format {format_!r}; this version of the suite reads up to"
            f" {FORMAT}. Was it written by a newer version?"
        )
    return environment


def _table(path: Path, columns: list[str], optional: list[str]) -> pd.DataFrame:
    table = _guarded(path, lambda: pd.read_parquet(path))
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ReportError(
            f"{path}: lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)};"
            " was it written by another version of the suite?"
        )
    return table.reindex(columns=[*columns, *optional])


def _text(path: Path) -> str:
    return _guarded(path, lambda: path.read_text(encoding="utf-8"))


def _grid(path: Path, text: str) -> dict[str, Any]:
    grid = _guarded(path, lambda: yaml.safe_load(text))
    if not isinstance(grid, dict) or "name" not in grid:
        raise ReportError(f"{path}: is not a resolved grid: a mapping with a name is expected.")
    return grid


def _json_object(path: Path) -> dict[str, Any]:
    content = _guarded(path, lambda: json.loads(path.read_text(encoding="utf-8")))
    if not isinstance(content, dict):
        raise ReportError(f"{path}: a JSON object is expected, not {type(content).__name__}.")
    return content


def _findings(path: Path) -> tuple[Finding, ...]:
    listed = _json_object(path).get("findings")
    if not isinstance(listed, list):
        raise ReportError(f"{path}: a list `findings` is expected.")
    try:
        return tuple(_finding(**entry) for entry in listed)
    except TypeError as error:
        raise ReportError(f"{path}: a finding is not as expected: {error}") from error


def _finding(code: str, severity: str, message: str, **rest: Any) -> Finding:
    samples = tuple(str(sample) for sample in rest.get("samples") or ())
    return Finding(code, severity, message, rest.get("advice") or "", samples, bool(rest.get("ignored")))


def _belong_together(run: Run, run_dir: Path) -> None:
    known = set(run.cells["key"])
    for name in ("metrics", "predictions", *ADDED_TABLES):
        if not set(getattr(run, name)["key"].unique()) <= known:
            raise ReportError(
                f"{run_dir / 'results' / name}.parquet: holds cells that cells.parquet does not have;"
                " the files come from different runs."
            )
