"""From predictions to measures: per fold and pooled, overall and per class, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from suite.content_key import content_key
from suite.errors import SuiteError
from suite.executors import Lost, Workers
from suite.metrics import METRICS, evaluate
from suite.plan import CELL_COLUMNS, REMARK_COLUMNS
from suite.predictions import Predictions
from suite.statistics import grouped_bootstrap
from suite.store import Store

__all__ = ["compute_metrics"]

VERSION = 2  # raised whenever measures or intervals of the same predictions change
MEASURE_COLUMNS = ("repeat", "fold", "class", "metric", "display", "higher_is_better", "value", "low", "high")
SCHEMA = pa.schema(
    [
        ("repeat", pa.int64()),
        ("fold", pa.int64()),
        ("class", pa.string()),
        ("metric", pa.string()),
        ("display", pa.string()),
        ("higher_is_better", pa.bool_()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


@dataclass(frozen=True, eq=False)
class _Unit:
    """The predictions of one cell and the classes of its task."""

    place: tuple[str, str, str]
    predictions: pd.DataFrame
    classes: tuple[str, ...]
    positive: int | None
    metrics: tuple[str, ...]

    def key(self) -> str:
        """Content key of the measures; the predictions' own digest stands for the predictions."""
        digest = pd.util.hash_pandas_object(self.predictions.drop(columns="proba"), index=False).to_numpy()
        proba = np.concatenate(self.predictions["proba"].to_list())
        parts = [digest.tobytes().hex(), proba.tobytes().hex()]
        return content_key("metrics", VERSION, parts, self.classes, self.positive, self.metrics)


def compute_metrics(
    cells: pd.DataFrame,
    predictions: pa.Table,
    classes: pd.DataFrame,
    metrics: tuple[str, ...],
    workers: Workers,
    store: Store | None = None,
) -> pd.DataFrame:
    """Compute every measure of every cell.

    Parameters
    ----------
    cells : DataFrame
        The table of cells; failed ones are passed over.
    predictions : pyarrow.Table
        Predictions of all cells, by key.
    classes : DataFrame
        Classes of each dataset and task, with their positions.
    metrics : tuple of str
        Names of measures.
    workers : Workers
        Run the cells.
    store : Store, optional
        Where measures of the same predictions may be found, and are kept.

    Returns
    -------
    DataFrame
        Tidy: one row per cell, repeat and fold (empty: pooled), class (empty: overall) and measure.
        Pooled rows carry a 95% interval from a bootstrap over groups.
    """
    done = cells[cells["status"] == "done"]
    measured = _measure_all(_units(done, predictions, classes, metrics), workers, store)
    described = (*CELL_COLUMNS, *REMARK_COLUMNS, "role", "key")
    parts = []
    for cell in done.to_dict("records"):
        names = {column: cell.get(column, "") for column in described}
        parts.append(measured[_place(cell)].to_pandas().assign(**names))
    columns = [*described, *MEASURE_COLUMNS]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return table[columns].astype(
        {"repeat": "Int64", "fold": "Int64", "value": float, "low": float, "high": float}
    )


def _place(cell: Mapping[Any, Any]) -> tuple[str, str, str]:
    return str(cell["key"]), str(cell["dataset"]), str(cell["task"])


def _units(
    cells: pd.DataFrame, predictions: pa.Table, classes: pd.DataFrame, metrics: tuple[str, ...]
) -> list[_Unit]:
    by_key = {key: part for key, part in predictions.to_pandas().groupby("key", sort=False)}
    units = {}
    for cell in cells.to_dict("records"):
        chosen = classes[(classes["dataset"] == cell["dataset"]) & (classes["task"] == cell["task"])]
        chosen = chosen.sort_values("position")
        positive = chosen.loc[chosen["positive"], "position"].tolist()
        part = by_key[cell["key"]].drop(columns=["key", "sample_id"])
        names = tuple(chosen["class"])
        units[_place(cell)] = _Unit(_place(cell), part, names, positive[0] if positive else None, metrics)
    return list(units.values())


def _measure_all(
    units: list[_Unit], workers: Workers, store: Store | None
) -> dict[tuple[str, str, str], pa.Table]:
    tables = {}
    keys = {unit.place: unit.key() for unit in units} if store else {}
    missing = []
    for unit in units:
        found = store.read("metrics", keys[unit.place]) if store else None
        if found is None:
            missing.append(unit)
        else:
            tables[unit.place] = found[0]
    for unit, outcome in workers.run(_measure, missing):
        if isinstance(outcome, Lost):
            raise SuiteError(f"measures of {unit.place[2]}: {outcome.reason}")
        tables[unit.place] = outcome
        if store:
            store.write("metrics", keys[unit.place], outcome, {})
    return tables


def _measure(unit: _Unit) -> pa.Table:
    part = unit.predictions
    rows: list[dict[str, Any]] = []
    for (repeat, fold), members in part.groupby(["repeat", "fold"], sort=True):
        values = evaluate(_as_predictions(members, unit), np.ones((1, len(members))), unit.metrics)
        rows += _rows(values, {}, unit.classes, repeat, fold)
    pooled = _as_predictions(part, unit)
    intervals = grouped_bootstrap(pooled, pd.factorize(part["group"])[0], unit.metrics)
    rows += _rows(
        evaluate(pooled, np.ones((1, len(part))), unit.metrics), intervals, unit.classes, None, None
    )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _as_predictions(part: pd.DataFrame, unit: _Unit) -> Predictions:
    position = {name: k for k, name in enumerate(unit.classes)}
    return Predictions(
        y_true=part["y_true"].map(position).to_numpy(dtype=np.int64),
        y_pred=part["y_pred"].map(position).to_numpy(dtype=np.int64),
        proba=np.stack(part["proba"].to_list()),
        positive=unit.positive,
    )


def _rows(
    values: Mapping[tuple[str, int | None], np.ndarray],
    intervals: Mapping[tuple[str, int | None], tuple[float, float]],
    names: tuple[str, ...],
    repeat: Any,
    fold: Any,
) -> Iterator[dict[str, Any]]:
    for (name, position), value in values.items():
        low, high = intervals.get((name, position), (np.nan, np.nan))
        yield {
            "repeat": repeat,
            "fold": fold,
            "class": None if position is None else names[position],
            "metric": name,
            "display": METRICS[name].display,
            "higher_is_better": METRICS[name].higher_is_better,
            "value": float(value[0]),
            "low": low,
            "high": high,
        }
