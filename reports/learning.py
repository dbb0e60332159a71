"""Learning curves as data: loss and accuracy of each fold by epoch, and their mean over folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["FoldCurve", "LearningPanel", "Series", "learning_panels", "mean_over_folds", "spans_decades"]

PARTS = {"training": "train", "validation": "valid"}
QUANTITIES = ("loss", "accuracy")
DECADES = 2


@dataclass(frozen=True, eq=False)
class FoldCurve:
    """A quantity by epoch.

    Attributes
    ----------
    epochs : ndarray of int, shape (n,)
        Rising; not every epoch need have a value.
    values : ndarray of float, shape (n,)
        NaN where the classifier reported none that is finite.
    """

    epochs: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Series:
    """A quantity of one part of the data, ``training`` or ``validation``: each fold's, and their mean."""

    part: str
    folds: tuple[FoldCurve, ...]
    mean: FoldCurve


@dataclass(frozen=True, eq=False)
class LearningPanel:
    """One set of axes: ``loss`` or ``accuracy`` of one or both parts."""

    quantity: str
    series: tuple[Series, ...]

    @property
    def logarithmic(self) -> bool:
        """Whether the values ask for a logarithmic scale."""
        curves = [fold.values for series in self.series for fold in series.folds]
        return self.quantity == "loss" and spans_decades(np.concatenate(curves))


def spans_decades(values: np.ndarray) -> bool:
    """Tell whether values are all above zero and span more than two decades.

    Examples
    --------
    >>> spans_decades(np.array([0.01, 1.5])), spans_decades(np.array([0.02, 1.5]))
    (True, False)
    >>> spans_decades(np.array([0.0, 1.5])), spans_decades(np.array([np.nan]))
    (False, False)
    """
    finite = values[np.isfinite(values)]
    return len(finite) > 0 and bool(finite.min() > 0 and finite.max() / finite.min() > 10**DECADES)


def mean_over_folds(folds: Sequence[FoldCurve]) -> FoldCurve:
    """Mean over folds, of the epochs that every fold has a value for.

    Where folds stopped early the mean ends with the shortest: beyond it, it would be of other folds than
    before, and could fall or rise for that alone.

    Examples
    --------
    >>> long = FoldCurve(np.array([1, 2, 3]), np.array([0.9, 0.5, 0.1]))
    >>> short = FoldCurve(np.array([1, 2]), np.array([0.7, 0.6]))
    >>> mean = mean_over_folds([long, short])
    >>> mean.epochs.tolist(), mean.values.round(2).tolist()
    ([1, 2], [0.8, 0.55])
    """
    shared = folds[0].epochs
    for fold in folds[1:]:
        shared = np.intersect1d(shared, fold.epochs)
    values = [fold.values[np.isin(fold.epochs, shared)] for fold in folds]
    return FoldCurve(shared, np.mean(values, axis=0))


def learning_panels(history: pd.DataFrame) -> tuple[LearningPanel, ...]:
    """Make the panels of a cell: loss, and where there is any, accuracy.

    Parameters
    ----------
    history : DataFrame
        The cell's rows of ``results/histories.parquet``.

    Examples
    --------
    >>> history = pd.DataFrame({"repeat": 0, "fold": [0, 0, 1], "epoch": [1, 2, 1], "measure": "train_loss",
    ...                         "value": [0.9, 0.5, 0.7]})
    >>> (panel,) = learning_panels(history)
    >>> panel.quantity, [series.part for series in panel.series], panel.series[0].mean.values.tolist()
    ('loss', ['training'], [0.8])
    """
    panels = []
    for quantity in QUANTITIES:
        found = [_series(history, part, f"{prefix}_{quantity}") for part, prefix in PARTS.items()]
        series = tuple(one for one in found if one is not None)
        if series:
            panels.append(LearningPanel(quantity, series))
    return tuple(panels)


def _series(history: pd.DataFrame, part: str, measure: str) -> Series | None:
    rows = history[history["measure"] == measure].sort_values("epoch", kind="stable")
    folds = tuple(
        FoldCurve(fold["epoch"].to_numpy(dtype=int), fold["value"].to_numpy(dtype=float))
        for _, fold in rows.groupby(["repeat", "fold"])
    )
    return Series(part, folds, mean_over_folds(folds)) if folds else None
