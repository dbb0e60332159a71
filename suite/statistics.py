"""Intervals by resampling whole groups (patients) of pooled predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

from suite.metrics import evaluate
from suite.predictions import Predictions

__all__ = ["grouped_bootstrap", "grouped_intervals"]

Key = TypeVar("Key")

BATCH_ELEMENTS = 4_000_000


def grouped_bootstrap(
    predictions: Predictions,
    groups: np.ndarray,
    metrics: tuple[str, ...],
    *,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[tuple[str, int | None], tuple[float, float]]:
    """Percentile intervals from a bootstrap over groups.

    Each replicate draws as many groups as there are, with replacement, and takes all predictions of a
    group as often as it was drawn; so the interval allows for patients with several images.

    Parameters
    ----------
    predictions : Predictions
        n pooled out-of-fold predictions.
    groups : ndarray of int, shape (n,)
        Group number of each prediction, from 0.
    metrics : tuple of str
        Names of measures.
    replicates : int, default=1000
        Number of resamples.
    level : float, default=0.95
        Coverage aimed at.
    seed : int, default=0
        Seed of the resampling.

    Returns
    -------
    dict
        ``(metric, class position or None)`` → (low, high). NaN where the measure is undefined in more
        than 5 % of the replicates, or where there are fewer than 2 groups.

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8;
    Field & Welsh (2007), doi:10.1111/j.1467-9868.2007.00593.x (cluster bootstrap)

    Examples
    --------
    >>> proba = np.tile([[0.9, 0.1], [0.2, 0.8]], (20, 1))
    >>> y = np.tile([0, 1], 20)
    >>> predictions = Predictions(y, y, proba, positive=1)
    >>> intervals = grouped_bootstrap(predictions, np.arange(40), ("accuracy",))
    >>> intervals["accuracy", None]
    (1.0, 1.0)
    """
    return grouped_intervals(
        lambda weights: evaluate(predictions, weights, metrics),
        groups,
        replicates=replicates,
        level=level,
        seed=seed,
    )


def grouped_intervals(
    statistics: Callable[[np.ndarray], Mapping[Key, np.ndarray]],
    groups: np.ndarray,
    *,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[Key, tuple[float, float]]:
    """Percentile intervals of any statistics, from the bootstrap of :func:`grouped_bootstrap`.

    Parameters
    ----------
    statistics : callable
        Takes weights of shape (b, n), a whole number for each replicate and row; returns statistics by
        name, each of shape (b,), NaN where undefined.
    groups, replicates, level, seed
        See :func:`grouped_bootstrap`.

    Examples
    --------
    >>> values = np.array([0.2, 0.2, 0.8])  # a patient with two images, one with one
    >>> means = lambda weights: {"mean": weights @ values / weights.sum(axis=1)}
    >>> low, high = grouped_intervals(means, np.array([0, 0, 1]))["mean"]
    >>> round(low, 3), round(high, 3)
    (0.2, 0.8)
    """
    n_groups = int(groups.max()) + 1
    if n_groups < 2:
        return dict.fromkeys(statistics(np.ones((1, len(groups)))), (np.nan, np.nan))
    random = np.random.default_rng(seed)
    batch = max(1, min(replicates, BATCH_ELEMENTS // len(groups)))
    parts = []
    for start in range(0, replicates, batch):
        size = min(batch, replicates - start)
        draws = random.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=size)
        parts.append(statistics(draws[:, groups].astype(float)))
    return {key: _interval(np.concatenate([part[key] for part in parts]), level) for key in parts[0]}


def _interval(values: np.ndarray, level: float) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if len(defined) < 0.95 * len(values):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
