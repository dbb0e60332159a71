"""Principal axes of a region, from sums of whole numbers."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["principal_axes"]

NOISE = 1e-14  # of the largest variance: what rounding leaves of a flat region


def principal_axes(inside: np.ndarray, sizes: np.ndarray, *, less: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Compute the lengths of the principal axes, ``4 sqrt(λ)``, and their ratios to the longest.

    λ are the eigenvalues of the covariance of the centres of voxels a and b of N,
    ``(N Σ a b - Σ a Σ b) / (N (N - less))``, whose numerator is exact.

    Parameters
    ----------
    inside : ndarray of bool, shape (D, H, W) or (H, W)
    sizes : ndarray of float
        Size of a voxel in mm, for each axis.
    less : {0, 1}
        What is taken off N.

    Returns
    -------
    lengths : ndarray of float64, shape (3,) or (2,)
        In mm, ascending. All are 0 for a single voxel.
    ratios : ndarray of float64, shape (2,) or (1,)
        Of each but the last to the last; 1 for a single voxel.

    Examples
    --------
    >>> lengths, ratios = principal_axes(np.ones((1, 3), bool), np.ones(2))
    >>> lengths.round(3), ratios  # variances 0 and 2 / 3
    (array([0.   , 3.266]), array([0.]))
    """
    first, second = np.zeros(3, dtype=np.int64), np.zeros((3, 3), dtype=np.int64)
    number = add_up(inside if inside.ndim == 3 else inside[np.newaxis], first, second)
    exact, axes = number * second.astype(object), slice(3 - inside.ndim, None)
    exact -= np.outer(first.astype(object), first.astype(object))
    scatter = exact[axes, axes] / (number * max(number - less, 1))
    values = np.linalg.eigvalsh(scatter.astype(float) * np.outer(sizes, sizes))
    values[values < NOISE * values[-1]] = 0.0
    lengths = 4 * np.sqrt(values)
    return lengths, np.divide(lengths[:-1], lengths[-1], out=np.ones(len(lengths) - 1), where=lengths[-1] > 0)


@njit(cache=True, nogil=True)
def add_up(inside, first, second):
    """Add up the places of voxels, and the products of these (below the diagonal); return how many."""
    number = 0
    for z in range(inside.shape[0]):
        for y in range(inside.shape[1]):
            row = inside[z, y]
            count = places = squares = 0
            for x in range(row.size):
                here = int(row[x])
                count += here
                places += here * x
                squares += here * x * x
            number += count
            first[0] += z * count
            first[1] += y * count
            first[2] += places
            second[0, 0] += z * z * count
            second[1, 0] += z * y * count
            second[1, 1] += y * y * count
            second[2, 0] += z * places
            second[2, 1] += y * places
            second[2, 2] += squares
    return number
