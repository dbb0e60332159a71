"""One fit of a score fusion: stored predictions of its members go in, their weighted sum comes out."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite.evaluation import read_fit, write_fit
from suite.extraction import Failure
from suite.store import Store

__all__ = ["FUSION_VERSION", "FusionUnit", "learned_weights", "run_fusion"]

FUSION_VERSION = 1
SMALLEST = 1e-15  # a probability of 0 would make the log loss infinite
GAP = 1e-8  # how far the log loss may be from the least possible
MOST_STEPS = 20_000

Read = tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]


@dataclass(frozen=True, eq=False)
class FusionUnit:
    """All that one fit of a fusion needs.

    Attributes
    ----------
    members : tuple of str
        Key of each member's fit.
    weights : tuple of float or None
        Weight of each member; None: to be learned.
    inner : tuple of tuple of str
        Of each member the keys of its fits in the inner folds of the training part.
    train : ndarray of int
        Row numbers of the training part, sorted.
    y_train : ndarray of int
        Their class positions; the test rows' are not here, so that nothing can look.
    failed : Failure, optional
        Why there is nothing to mix.
    """

    key: str
    store: Path
    members: tuple[str, ...]
    weights: tuple[float, ...] | None
    inner: tuple[tuple[str, ...], ...]
    train: np.ndarray
    y_train: np.ndarray
    failed: Failure | None = None


def run_fusion(unit: FusionUnit) -> Failure | None:
    """Mix the stored probabilities of the members' test rows, store the mixture."""
    if unit.failed is not None:
        return unit.failed
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            members = [_read(unit, key) for key in unit.members]
            inner = [[_read(unit, key) for key in keys] for keys in unit.inner]
            start = time.perf_counter()
            weights = _weights(unit, inner)
            learned = time.perf_counter()
            proba = np.tensordot(weights, [proba for _, _, proba, _ in members], axes=1)
            mixed = time.perf_counter()
        except Exception as error:
            return Failure(f"score fusion: {error or type(error).__name__}", traceback.format_exc())
    facts = _facts([fit[3] for fit in members], [fit[3] for fits in inner for fit in fits])
    facts["seconds_fit"] += learned - start
    facts["seconds_predict"] += mixed - learned
    facts["warnings"] = sorted({*facts["warnings"], *(str(warning.message) for warning in caught)})
    facts["best_params"] = {} if unit.weights else {"weights": weights.tolist()}
    write_fit(Store(unit.store), unit.key, members[0][0], proba.argmax(axis=1), proba, facts)
    return None


def _read(unit: FusionUnit, key: str) -> Read:
    found = read_fit(Store(unit.store), key)
    if found is None:
        raise ValueError("stored predictions of a member are damaged; run again to compute them anew")
    return found


def _weights(unit: FusionUnit, inner: Sequence[Sequence[Read]]) -> np.ndarray:
    if unit.weights is not None:
        return np.asarray(unit.weights)
    return learned_weights(np.stack([_of_true_class(unit, fits) for fits in inner]))


def _of_true_class(unit: FusionUnit, fits: Sequence[Read]) -> np.ndarray:
    """Return a member's out-of-fold probability of each training row's own class."""
    of_true = np.full(len(unit.train), np.nan)
    for rows, _, proba, _ in fits:
        places = np.searchsorted(unit.train, rows)
        of_true[places] = proba[np.arange(len(rows)), unit.y_train[places]]
    return of_true


def learned_weights(of_true: np.ndarray) -> np.ndarray:
    r"""Return the weights whose mixture has the least log loss.

    The log loss of a mixture, :math:`-\frac{1}{n} \sum_i \log \sum_m w_m p_{mi}`, is convex in the
    weights. It is minimised by expectation maximisation [1]_: each step multiplies a weight by
    :math:`g_m = \frac{1}{n} \sum_i p_{mi} / \sum_k w_k p_{ki}`, which keeps weights non-negative and
    their sum 1 by itself and never makes the loss worse; equal members keep equal weights. By
    convexity the loss is within :math:`\max_m g_m - 1` of the least one, so the steps end when that is
    below 1e-8.

    Parameters
    ----------
    of_true : ndarray of shape (n_members, n_samples)
        Probability that each member gives to the class that a sample has.

    Returns
    -------
    ndarray of shape (n_members,)
        Not negative, of sum 1.

    References
    ----------
    .. [1] Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm,
       doi:10.1111/j.2517-6161.1977.tb01600.x

    Examples
    --------
    The loss -(2 log w + log(1 - w)) / 3 is least at w = 2/3:

    >>> learned_weights(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).round(6)
    array([0.666667, 0.333333])
    """
    probabilities = np.maximum(of_true, SMALLEST)
    weights = np.full(len(probabilities), 1 / len(probabilities))
    for _ in range(MOST_STEPS):
        gradient = (probabilities / (weights @ probabilities)).mean(axis=1)
        if gradient.max() - 1 < GAP:
            return weights
        weights = weights * gradient
        weights = weights / weights.sum()
    warnings.warn(
        f"learning the weights of a score fusion ended after {MOST_STEPS} steps, at most"
        f" {gradient.max() - 1:.1g} above the least log loss",
        stacklevel=2,
    )
    return weights


def _facts(members: Sequence[Mapping[str, Any]], inner: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up what members cost, their fits in inner folds included."""
    every = [*members, *inner]
    return {
        "seconds_fit": sum(fit["seconds_fit"] for fit in every)
        + sum(fit["seconds_predict"] for fit in inner),
        "seconds_predict": sum(fit["seconds_predict"] for fit in members),
        "n_features": sum(fit["n_features"] for fit in members),
        "n_features_selected": None,
        "warnings": sorted({message for fit in every for message in fit["warnings"]}),
        "training": _training(members, every),
    }


def _training(members: Sequence[Mapping[str, Any]], every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told = [fit.get("training", {}) for fit in members]
    memory = [fit.get("training", {}).get("peak_memory") for fit in every]
    summed = {
        name: None if None in (counts := [each.get(name) for each in told]) else sum(counts)
        for name in ("n_parameters", "n_parameters_trainable")
    }
    largest = max((size for size in memory if size is not None), default=None)
    return {"history": [], "layers": [], **summed, "peak_memory": largest}
