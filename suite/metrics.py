"""Measures of classification, each a function of weighted predictions: one code for folds and bootstrap.

All are computed for a whole batch of weightings at once: a weighting of ones is the plain value, a
weighting of resampling counts is one bootstrap replicate. Undefined values (no sample of a class) are
NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from suite.predictions import Counts, Predictions, Weighted

__all__ = ["METRICS", "Metric", "evaluate"]


@dataclass(frozen=True)
class Metric:
    """A measure: its name, how it is shown, which way is better, and how it is computed.

    Of a batch of b weightings, ``overall`` gives shape (b,) and ``per_class`` shape (b, k), one class
    against the rest.
    """

    name: str
    display: str
    higher_is_better: bool
    summary: str
    overall: Callable[[Weighted], np.ndarray]
    per_class: Callable[[Weighted], np.ndarray] | None


def evaluate(
    predictions: Predictions, weights: np.ndarray, metrics: tuple[str, ...]
) -> dict[tuple[str, int | None], np.ndarray]:
    """Compute measures for a batch of weightings.

    Parameters
    ----------
    predictions : Predictions
        n samples.
    weights : ndarray of float, shape (b, n)
        One row per weighting.
    metrics : tuple of str
        Names, keys of ``METRICS``.

    Returns
    -------
    dict
        ``(metric, None)`` → overall values, ``(metric, class position)`` → values of a class against
        the rest; each an ndarray of shape (b,).

    Examples
    --------
    >>> proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> predictions = Predictions(np.array([0, 1, 1]), np.array([0, 1, 0]), proba, positive=1)
    >>> values = evaluate(predictions, np.ones((1, 3)), ("accuracy", "sensitivity"))
    >>> values["sensitivity", None]
    array([0.5])
    """
    batch = Weighted(predictions, weights)
    values: dict[tuple[str, int | None], np.ndarray] = {}
    for name in metrics:
        metric = METRICS[name]
        values[name, None] = metric.overall(batch)
        if metric.per_class is not None:
            columns = metric.per_class(batch)
            values.update({(name, k): columns[:, k] for k in range(predictions.n_classes)})
    return values


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.full(shape, np.nan), where=denominator > 0)


def _from_counts(formula: Callable[[Counts], np.ndarray]) -> Callable[..., np.ndarray]:
    def per_class(batch: Weighted) -> np.ndarray:
        return formula(batch.counts)

    return per_class


def _macro_or_positive(per_class: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    def overall(batch: Weighted) -> np.ndarray:
        values = per_class(batch)
        positive = batch.predictions.positive
        return values.mean(axis=1) if positive is None else values[:, positive]

    return overall


def _sensitivity(c: Counts) -> np.ndarray:
    return _ratio(c.true_positive, c.true_positive + c.false_negative)


def _specificity(c: Counts) -> np.ndarray:
    return _ratio(c.true_negative, c.true_negative + c.false_positive)


def _precision(c: Counts) -> np.ndarray:
    return _ratio(c.true_positive, c.true_positive + c.false_positive)


def _npv(c: Counts) -> np.ndarray:
    return _ratio(c.true_negative, c.true_negative + c.false_negative)


def _f1(c: Counts) -> np.ndarray:
    return _ratio(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative)


def _accuracy(batch: Weighted) -> np.ndarray:
    return _ratio(np.einsum("bkk->b", batch.confusion), batch.confusion.sum(axis=(1, 2)))


def _balanced_accuracy(batch: Weighted) -> np.ndarray:
    return _sensitivity(batch.counts).mean(axis=1)


def _class_mcc(batch: Weighted) -> np.ndarray:
    c = batch.counts
    product = c.true_positive * c.true_negative - c.false_positive * c.false_negative
    margins = (c.true_positive + c.false_positive) * (c.true_positive + c.false_negative)
    margins = margins * (c.true_negative + c.false_positive) * (c.true_negative + c.false_negative)
    return _ratio(product, np.sqrt(margins))


def _mcc(batch: Weighted) -> np.ndarray:
    confusion = batch.confusion
    actual, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    total, hits = confusion.sum(axis=(1, 2)), np.einsum("bkk->b", confusion)
    covariance = hits * total - (actual * predicted).sum(axis=1)
    spread = (total**2 - (predicted**2).sum(axis=1)) * (total**2 - (actual**2).sum(axis=1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0.0)))


def _class_roc_auc(batch: Weighted) -> np.ndarray:
    return np.column_stack([roc for roc, _ in batch.areas])


def _class_pr_auc(batch: Weighted) -> np.ndarray:
    return np.column_stack([average_precision for _, average_precision in batch.areas])


def _class_brier(batch: Weighted) -> np.ndarray:
    return _ratio(batch.weights @ batch.predictions.squared_errors, batch.weights.sum(axis=1)[:, None])


def _brier(batch: Weighted) -> np.ndarray:
    values = _class_brier(batch)
    return values[:, 0] if batch.predictions.n_classes == 2 else values.sum(axis=1)


def _log_loss(batch: Weighted) -> np.ndarray:
    return _ratio(batch.weights @ batch.predictions.log_losses, batch.weights.sum(axis=1))


def _per_class(name: str, display: str, summary: str, values: Callable[..., np.ndarray]) -> Metric:
    return Metric(name, display, True, summary, _macro_or_positive(values), values)


_ALL = (
    Metric("accuracy", "Accuracy", True, "share of samples given their true class", _accuracy, None),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        True,
        "mean sensitivity over the classes",
        _balanced_accuracy,
        None,
    ),
    _per_class(
        "sensitivity", "Sensitivity", "TP / (TP + FN), also called recall", _from_counts(_sensitivity)
    ),
    _per_class("specificity", "Specificity", "TN / (TN + FP)", _from_counts(_specificity)),
    _per_class(
        "precision", "Precision", "TP / (TP + FP), positive predictive value", _from_counts(_precision)
    ),
    _per_class("npv", "NPV", "TN / (TN + FN), negative predictive value", _from_counts(_npv)),
    _per_class("f1", "F1", "2 TP / (2 TP + FP + FN)", _from_counts(_f1)),
    _per_class("roc_auc", "ROC-AUC", "area under the ROC curve, one class against the rest", _class_roc_auc),
    _per_class("pr_auc", "PR-AUC", "average precision, one class against the rest", _class_pr_auc),
    Metric("mcc", "MCC", True, "Matthews correlation coefficient", _mcc, _class_mcc),
    Metric(
        "brier",
        "Brier",
        False,
        "mean squared error of the probabilities (summed over classes if more than two)",
        _brier,
        _class_brier,
    ),
    Metric(
        "log_loss", "Log loss", False, "mean −log of the true class's probability (nats)", _log_loss, None
    ),
)

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
