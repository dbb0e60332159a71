"""Lanczos' method: a small tridiagonal matrix that has the extreme eigenvalues of a large sparse one."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.tridiagonal import dot, largest_magnitude

__all__ = ["MOST_STEPS", "lanczos"]

MOST_STEPS = 300
TOLERANCE = 1e-13


@njit(cache=True, nogil=True, error_model="numpy")
def times(rows, columns, counts, begin, end, total, symmetric, row_root, column_root, transposed, x, y):
    """Fill ``y = B x``, or ``Bᵀ x``."""
    left, right = (column_root, row_root) if transposed else (row_root, column_root)
    along = dot(right, x)
    for i in range(y.size):
        y[i] = -left[i] * along
    for entry in range(begin, end):
        i, j = rows[entry], columns[entry]
        value = counts[entry] / (total * row_root[i] * column_root[j])
        if transposed or (symmetric and i != j):
            y[j] += value * x[i]
        if not transposed:
            y[i] += value * x[j]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def orthogonalise(basis, y):
    """Remove from a vector what lies along others; twice, against rounding errors."""
    for _ in range(2):
        for j in range(basis.shape[0]):
            along = dot(basis[j], y)
            for i in range(y.size):
                y[i] -= along * basis[j, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def lanczos(rows, columns, counts, begin, end, total, row_root, column_root, symmetric, diagonal, beside):
    """Reduce B (or B Bᵀ) to a tridiagonal matrix of few rows that has its extreme eigenvalues.

    Returns the number of rows.
    """
    n = row_root.size
    most = min(n, MOST_STEPS)
    basis = np.empty((most, n))
    y = np.empty(n)
    half = np.empty(n)
    for i in range(n):  # a start of all frequencies, the same for all
        basis[0, i] = np.sin(1.0 + 1.7 * i) + 0.1
    basis[0] /= np.sqrt(dot(basis[0], basis[0]))
    beside[0] = 0.0
    last = -1.0
    scale = 0.0
    for k in range(most):
        if symmetric:
            times(
                rows, columns, counts, begin, end, total, symmetric, row_root, column_root, False, basis[k], y
            )
        else:
            times(
                rows,
                columns,
                counts,
                begin,
                end,
                total,
                symmetric,
                row_root,
                column_root,
                True,
                basis[k],
                half,
            )
            times(rows, columns, counts, begin, end, total, symmetric, row_root, column_root, False, half, y)
        diagonal[k] = dot(basis[k], y)
        orthogonalise(basis[: k + 1], y)
        norm = np.sqrt(dot(y, y))
        scale = max(scale, norm, abs(diagonal[k]))
        complete = norm <= TOLERANCE * scale
        if k % 8 == 7 or complete:
            now = largest_magnitude(diagonal[: k + 1], beside[: k + 1])
            if complete or abs(now - last) <= TOLERANCE * now:
                return k + 1
            last = now
        if k + 1 < most:
            beside[k + 1] = norm
            for i in range(n):
                basis[k + 1, i] = y[i] / norm
    return most
