"""Receiver operating characteristics and confusion matrices of pooled predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Curve", "confusion_counts", "macro_curve", "proba_matrix", "roc_curve"]

GRID = np.concatenate([np.linspace(0, 0.1, 41), np.linspace(0.1, 1, 61)[1:]])


@dataclass(frozen=True, eq=False)
class Curve:
    """A receiver operating characteristic.

    Attributes
    ----------
    false_positive, true_positive : ndarray of float, shape (n,)
        Rates, rising from 0 to 1.
    """

    false_positive: np.ndarray
    true_positive: np.ndarray

    @property
    def area(self) -> float:
        """Area under the curve, by trapezia."""
        return float(np.trapezoid(self.true_positive, self.false_positive))

    def at(self, false_positive: np.ndarray) -> np.ndarray:
        """Sensitivity at given false-positive rates; at a step, its upper end."""
        keep = np.append(self.false_positive[1:] != self.false_positive[:-1], True)
        return np.interp(false_positive, self.false_positive[keep], self.true_positive[keep])


def roc_curve(scores: np.ndarray, positive: np.ndarray) -> Curve | None:
    """Sensitivity against false-positive rate over all thresholds; points on a straight line are left out.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
        Probability of the class.
    positive : ndarray of bool, shape (n,)
        Whether a sample is of the class.

    Returns
    -------
    Curve or None
        None where it is undefined: no sample, or only samples, of the class.

    Examples
    --------
    >>> curve = roc_curve(np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False]))
    >>> curve.false_positive.tolist(), curve.true_positive.tolist(), curve.area
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0], 0.75)
    """
    if positive.all() or not positive.any():
        return None
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.append(np.diff(scores[order]) != 0, True)
    true = np.concatenate([[0], np.cumsum(positive[order])[last_of_ties]])
    false = np.concatenate([[0], np.cumsum(~positive[order])[last_of_ties]])
    corner = np.ones(len(true), dtype=bool)
    corner[1:-1] = np.diff(true)[:-1] * np.diff(false)[1:] != np.diff(true)[1:] * np.diff(false)[:-1]
    return Curve(false[corner] / false[-1], true[corner] / true[-1])


def macro_curve(curves: Sequence[Curve]) -> Curve:
    """Mean sensitivity of several curves at equal false-positive rates (0 to 1 in 101 steps).

    Examples
    --------
    >>> up, line = Curve(np.array([0, 0, 1]), np.array([0, 1, 1])), Curve(np.array([0, 1]), np.array([0, 1]))
    >>> round(macro_curve([up, line]).area, 3)
    0.75
    """
    mean = np.mean([curve.at(GRID) for curve in curves], axis=0)
    return Curve(np.concatenate([[0.0], GRID]), np.concatenate([[0.0], mean]))


def proba_matrix(predictions: pd.DataFrame) -> np.ndarray:
    """Probabilities of the classes, shape (n, k)."""
    return np.vstack(predictions["proba"].to_list()).astype(float)


def confusion_counts(predictions: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    """Count true (rows) against predicted classes (columns) over all test folds.

    Returns
    -------
    ndarray of int, shape (k, k)

    Examples
    --------
    >>> predictions = pd.DataFrame({"y_true": ["a", "a", "b"], "y_pred": ["a", "b", "b"]})
    >>> confusion_counts(predictions, ["a", "b"]).tolist()
    [[1, 1], [0, 1]]
    """
    position = {name: k for k, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    true = predictions["y_true"].map(position).to_numpy(dtype=int)
    predicted = predictions["y_pred"].map(position).to_numpy(dtype=int)
    np.add.at(counts, (true, predicted), 1)
    return counts
