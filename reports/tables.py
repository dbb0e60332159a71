"""Result tables as data: pure functions from data frames to data frames, nothing formatted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from reports.run_directory import CELL

__all__ = [
    "DIGITS",
    "FULL_SYSTEM",
    "MAIN_METRICS",
    "ablation_table",
    "best_mask",
    "comparison_table",
    "heat",
    "listed_metrics",
    "main_metrics",
    "records",
    "stands_apart",
    "summarise",
    "times_table",
]

MAIN_METRICS = ("accuracy", "balanced_accuracy", "roc_auc")
FULL_SYSTEM = "full system"
DIGITS = 3
SMALLEST_SPAN = 0.05


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over the rows as named tuples, whose fields have no static type.

    Examples
    --------
    >>> [row.a for row in records(pd.DataFrame({"a": [1, 2]}))]
    [1, 2]
    """
    yield from frame.itertuples()


def listed_metrics(metrics: pd.DataFrame) -> pd.DataFrame:
    """Metrics of a run in the order of the table: metric, display, higher_is_better."""
    return metrics[["metric", "display", "higher_is_better"]].drop_duplicates("metric").reset_index(drop=True)


def main_metrics(listed: pd.DataFrame) -> list[str]:
    """Names of the metrics that the report shows first.

    Examples
    --------
    >>> main_metrics(pd.DataFrame({"metric": ["f1", "roc_auc", "accuracy"]}))
    ['accuracy', 'roc_auc']
    >>> main_metrics(pd.DataFrame({"metric": ["f1", "mcc"]}))
    ['f1', 'mcc']
    """
    present = listed["metric"].tolist()
    return [name for name in MAIN_METRICS if name in present] or present[:3]


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over folds, beside the pooled value and its interval.

    Parameters
    ----------
    metrics : DataFrame
        ``results/metrics.parquet``: one row per cell × fold × class × metric; pooled rows have no fold.

    Returns
    -------
    DataFrame
        One row per cell × class × metric, in the order met: the cell's columns, class, metric, mean,
        sd (n - 1 in the denominator; NaN for one fold), folds, defined (folds whose value is
        defined), pooled, low, high. ``mean`` is over the defined folds.

    Examples
    --------
    >>> cell = dict.fromkeys(CELL, "a")
    >>> rows = [{"fold": 0, "value": 0.5}, {"fold": 1, "value": 0.7}, {"fold": None, "value": 0.61}]
    >>> same = {**cell, "class": None, "metric": "f1", "low": 0.4, "high": 0.8}
    >>> table = pd.DataFrame([{**same, **row} for row in rows])
    >>> summarise(table)[["mean", "sd", "folds", "defined", "pooled"]].round(3).values.tolist()
    [[0.6, 0.141, 2.0, 2.0, 0.61]]
    """
    in_fold = metrics["fold"].notna()
    parts = metrics.assign(
        in_fold=in_fold, over_folds=metrics["value"].where(in_fold), pooled=metrics["value"].mask(in_fold)
    )
    by = [*CELL, "class", "metric"]
    return (
        parts.groupby(by, dropna=False, sort=False)
        .agg(
            mean=("over_folds", "mean"),
            sd=("over_folds", "std"),
            folds=("in_fold", "sum"),
            defined=("over_folds", "count"),
            pooled=("pooled", "max"),
            low=("low", "max"),
            high=("high", "max"),
        )
        .reset_index()
    )


def comparison_table(
    cells: pd.DataFrame, summary: pd.DataFrame, metric: str, higher_is_better: bool
) -> pd.DataFrame:
    """Mean ± standard deviation over folds of one metric, one row per cell.

    Parameters
    ----------
    cells : DataFrame
        Cells of one dataset, task and protocol; those of an ablation are left out.
    summary : DataFrame
        Of :func:`summarise`.
    metric : str
        Name of the metric.
    higher_is_better : bool
        Its direction.

    Returns
    -------
    DataFrame
        The cell's columns, status, mean, sd, folds, defined, pooled, low, high, and

        - ``score``: what cells are ranked by: the mean over folds, of the cells with the most defined
          folds (a fold that lacks a class is undefined for every cell; a cell that is undefined in
          further folds would be ranked by the easy ones). If no fold of any cell has a value, the
          pooled value. NaN: not ranked.
        - ``basis``: ``folds`` or ``pooled``, the same in all rows.
        - ``best``: the best score of all cells, and every one that reads the same in three
          decimals; a baseline is marked when it is as good as the best cell or better.
        - ``heat``: from 0 (worst) to 1 (best).

        A failed cell has no value at all, never a mean of the folds that happened to work.
    """
    compared = cells.loc[cells["role"] != "ablation", [*CELL, "status"]]
    table = _with_values(compared, summary, metric)
    pooled_only = not table["mean"].notna().any() and table["pooled"].notna().any()
    score = table["pooled"] if pooled_only else table["mean"].where(_comparable(table))
    return table.assign(
        score=score,
        basis="pooled" if pooled_only else "folds",
        best=best_mask(score, table["role"].eq("cell"), higher_is_better),
        heat=heat(score, higher_is_better),
    )


def _with_values(cells: pd.DataFrame, summary: pd.DataFrame, metric: str) -> pd.DataFrame:
    overall = summary["class"].isna() & summary["metric"].eq(metric)
    values = summary[overall].drop(columns=["class", "metric"])
    table = cells.merge(values, on=CELL, how="left", sort=False)
    table = table.fillna({"folds": 0, "defined": 0}).astype({"folds": int, "defined": int})
    measured = ["mean", "sd", "pooled", "low", "high"]
    done = table["status"].eq("done")
    table[measured] = table[measured].astype(float).where(done)
    table["defined"] = table["defined"].where(done, 0)
    return table


def _comparable(table: pd.DataFrame) -> pd.Series:
    """Tell which cells are defined in as many folds as any."""
    return (table["defined"] == table["defined"].max()) & table["mean"].notna()


def best_mask(score: pd.Series, competes: pd.Series, higher_is_better: bool) -> pd.Series:
    """Which scores are the best, as read with three decimals; NaN never is.

    Parameters
    ----------
    score : Series of float
        Values.
    competes : Series of bool
        Rows that set the mark; others are marked if they reach it or pass it.
    higher_is_better : bool
        Direction.

    Examples
    --------
    >>> best_mask(pd.Series([0.9121, 0.9119, 0.8, 0.95]), pd.Series([True, True, True, False]), True).tolist()
    [True, True, False, True]
    """
    signed = score.round(DIGITS) * (1 if higher_is_better else -1)
    return signed >= signed[competes].max() if (competes & score.notna()).any() else signed.notna() & False


def heat(score: pd.Series, higher_is_better: bool) -> pd.Series:
    """Place of each score between the worst (0) and the best (1); NaN stays NaN.

    A span of less than 0.05 is stretched to 0.05 downwards, so that noise is not painted as contrast.

    Examples
    --------
    >>> heat(pd.Series([0.5, 0.7, 0.9]), True).round(2).tolist()
    [0.0, 0.5, 1.0]
    >>> heat(pd.Series([0.90, 0.91]), True).round(2).tolist()
    [0.8, 1.0]
    """
    signed = score if higher_is_better else -score
    span = max(signed.max() - signed.min(), SMALLEST_SPAN)
    return 1 - (signed.max() - signed) / span


def ablation_table(cells: pd.DataFrame, summary: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Variants of the full system: value and difference to the full system, per metric.

    Returns
    -------
    DataFrame
        One row per variant × metric: the cell's columns, status, metric, mean, sd, low, high and
        ``difference`` = mean(variant) - mean(full system), NaN unless both are defined in the same
        number of folds.
    """
    variants = cells.loc[cells["role"] == "ablation", [*CELL, "status"]]
    frames = []
    for metric in metrics:
        table = _with_values(variants, summary, metric).assign(metric=metric)
        full = table[table["variant"] == FULL_SYSTEM]
        same_folds = table["defined"] == (full["defined"].iloc[0] if len(full) else -1)
        table["difference"] = (table["mean"] - full["mean"].max()).where(same_folds)
        frames.append(table)
    return pd.concat(frames, ignore_index=True) if frames else variants.assign(metric="", difference=np.nan)


def times_table(cells: pd.DataFrame, n_predicted: pd.Series) -> pd.DataFrame:
    """Costs of each cell: time per stage, parameters and memory.

    Parameters
    ----------
    cells : DataFrame
        ``results/cells.parquet``.
    n_predicted : Series of int
        Number of predictions, by key.

    Returns
    -------
    DataFrame
        The cell's columns, status, n_features, n_images, n_fits, ``extract_ms`` (milliseconds per
        image), ``fit_s`` (seconds per fit), ``predict_ms`` (milliseconds per predicted image),
        n_parameters, n_parameters_trainable, ``peak_mib`` (mebibytes), precision of deep features, and
        precision_agreement (least cosine with float32).
    """
    told = ["n_parameters", "n_parameters_trainable", "precision", "precision_agreement"]
    table = cells[[*CELL, "status", "n_features", "n_images", "n_fits", *told]].copy()
    predicted = cells["key"].map(n_predicted).astype(float)
    table["extract_ms"] = 1000 * cells["seconds_extract"] / cells["n_images"].where(cells["n_images"] > 0)
    table["fit_s"] = cells["seconds_fit"] / cells["n_fits"].where(cells["n_fits"] > 0)
    table["predict_ms"] = 1000 * cells["seconds_predict"] / predicted
    table["peak_mib"] = cells["peak_memory"].astype(float) / 2**20
    return table


def stands_apart(cells: pd.DataFrame) -> pd.Series:
    """Mark the cells of extractors that share no classifier with another, if there are others that do.

    Examples
    --------
    >>> pairs = [("glcm", "svm"), ("lbp", "svm"), ("pixels", "cov19net")]
    >>> cells = pd.DataFrame(pairs, columns=["extractor", "classifier"])
    >>> stands_apart(cells).tolist()
    [False, False, True]
    """
    shared = cells.groupby("classifier")["extractor"].transform("nunique") > 1
    crossed = shared.groupby(cells["extractor"]).transform("any")
    return ~crossed & bool(crossed.any())
