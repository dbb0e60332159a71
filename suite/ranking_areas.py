"""Areas under ROC and precision-recall curves of many weightings of ranked samples, one pass each."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["ranking_areas"]


@numba.njit(cache=True, nogil=True)
def ranking_areas(
    weights: np.ndarray, order: np.ndarray, is_end: np.ndarray, positive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Go down the ranking once per weighting.

    Parameters
    ----------
    weights : ndarray of float, shape (b, n)
        Weightings of the samples.
    order : ndarray of int, shape (n,)
        Samples by falling score.
    is_end : ndarray of bool, shape (n,)
        Whether a ranked sample is the last of its score; equal scores share one threshold.
    positive : ndarray of bool, shape (n,)
        Whether a ranked sample is of the class.

    Returns
    -------
    roc_auc, average_precision : ndarray of float, shape (b,)
        Trapezium rule over the ROC curve (ties count half), and the sum over thresholds of
        recall gained × precision. NaN where positives (or, for ROC, negatives) weigh nothing.
    """
    b, n = weights.shape
    roc = np.empty(b)
    average_precision = np.empty(b)
    for i in range(b):
        true = false = last_true = last_false = area = gained = 0.0
        for j in range(n):
            weight = weights[i, order[j]]
            if positive[j]:
                true += weight
            else:
                false += weight
            if is_end[j]:
                area += (false - last_false) * (true + last_true) / 2
                if true + false > 0:
                    gained += (true - last_true) * true / (true + false)
                last_true, last_false = true, false
        roc[i] = area / (true * false) if true > 0 and false > 0 else np.nan
        average_precision[i] = gained / true if true > 0 else np.nan
    return roc, average_precision
