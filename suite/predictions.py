"""Predictions, and what measures are made of: rankings, counts and areas under many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from suite.ranking_areas import ranking_areas

__all__ = ["Counts", "Predictions", "Weighted"]

LOG_LOSS_FLOOR = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Predictions:
    """True classes and probabilities of n samples.

    Parameters
    ----------
    y_true, y_pred : ndarray of int, shape (n,)
        Positions of the classes.
    proba : ndarray of float, shape (n, k)
        Probability of each class, in the order of the task's classes.
    positive : int or None
        Position of the positive class; None: overall values are macro averages over the classes.
    """

    y_true: np.ndarray
    y_pred: np.ndarray
    proba: np.ndarray
    positive: int | None = None

    @cached_property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.proba.shape[1]

    @cached_property
    def rankings(self) -> list[Ranking]:
        """Samples sorted by the probability of each class, for areas under curves."""
        return [Ranking.of(self.proba[:, k], self.y_true == k) for k in range(self.n_classes)]

    @cached_property
    def squared_errors(self) -> np.ndarray:
        """Squared error of each class's probability, shape (n, k)."""
        return (self.proba - (self.y_true[:, None] == np.arange(self.n_classes))) ** 2

    @cached_property
    def log_losses(self) -> np.ndarray:
        """Negative logarithm of the true class's probability, shape (n,)."""
        chosen = self.proba[np.arange(len(self.y_true)), self.y_true]
        return -np.log(np.clip(chosen, LOG_LOSS_FLOOR, 1.0))


@dataclass(frozen=True)
class Ranking:
    """Order of samples by falling score, the last of each run of equal scores, and who is positive."""

    order: np.ndarray
    is_end: np.ndarray
    positive: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, positive: np.ndarray) -> Ranking:
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        return cls(order, np.append(ranked[1:] != ranked[:-1], True), positive[order])

    def areas(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Areas under the ROC and the precision-recall curve, each of shape (b,)."""
        return ranking_areas(weights, self.order, self.is_end, self.positive)


@dataclass(frozen=True)
class Counts:
    """One-vs-rest counts of every class, each of shape (b, k), from confusion matrices."""

    true_positive: np.ndarray
    false_positive: np.ndarray
    false_negative: np.ndarray
    true_negative: np.ndarray

    @classmethod
    def of(cls, confusion: np.ndarray) -> Counts:
        """Count from confusion matrices of shape (b, k, k)."""
        hit = np.einsum("bkk->bk", confusion)
        actual, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
        total = confusion.sum(axis=(1, 2))[:, None]
        return cls(hit, predicted - hit, actual - hit, total - actual - predicted + hit)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Predictions under b weightings, and what several measures need of them, computed once."""

    predictions: Predictions
    weights: np.ndarray

    @cached_property
    def confusion(self) -> np.ndarray:
        """Weighted confusion matrices, shape (b, k, k): true class down, predicted class across."""
        p, k = self.predictions, self.predictions.n_classes
        pair = p.y_true * k + p.y_pred
        indicator = np.zeros((len(pair), k * k))
        indicator[np.arange(len(pair)), pair] = 1.0
        return (self.weights @ indicator).reshape(-1, k, k)

    @cached_property
    def counts(self) -> Counts:
        """One-vs-rest counts of every class."""
        return Counts.of(self.confusion)

    @cached_property
    def areas(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Areas under the ROC and the precision-recall curve of every class."""
        return [ranking.areas(self.weights) for ranking in self.predictions.rankings]
