"""Extreme eigenvalues of symmetric matrices by way of a tridiagonal one."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["dot", "largest_magnitude", "tridiagonalise"]

TINY = 1e-100


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def dot(a, b):
    """Scalar product."""
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def tridiagonalise(B, diagonal, beside, work):
    """Reduce a symmetric matrix, of which the lower half is used, by reflections from the last row up.

    ``beside[k]`` is the entry between k - 1 and k.
    """
    for k in range(B.shape[0] - 1, 0, -1):
        diagonal[k] = B[k, k]
        v = B[k, :k]
        norm = np.sqrt(dot(v, v))
        beside[k] = norm
        if norm < TINY:  # what rounding leaves of a matrix of low rank
            beside[k] = 0.0
            continue
        if k == 1:
            continue
        pivot = v[k - 1]
        v[k - 1] += norm if pivot >= 0 else -norm
        scale = 1.0 / (norm * (norm + abs(pivot)))
        w = work[:k]
        w[:] = 0.0
        for i in range(k):
            row, a, along = B[i, :i], v[i], 0.0
            for j in range(i):
                along += row[j] * v[j]
                w[j] += a * row[j]
            w[i] += along + B[i, i] * a
        for i in range(k):
            w[i] *= scale
        shift = 0.5 * scale * dot(w, v)
        for i in range(k):
            w[i] -= shift * v[i]
        for i in range(k):
            row, a, b = B[i, : i + 1], v[i], w[i]
            for j in range(i + 1):
                row[j] -= a * w[j] + b * v[j]
    diagonal[0] = B[0, 0]
    beside[0] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def largest_magnitude(diagonal, beside):
    """Largest absolute eigenvalue of a symmetric tridiagonal matrix."""
    upper = max(laguerre(diagonal, beside, 1.0), 0.0)
    if not reaches_below(diagonal, beside, -upper):
        return upper
    return max(upper, laguerre(diagonal, beside, -1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def reaches_below(diagonal, beside, x):
    """Tell whether a tridiagonal matrix has an eigenvalue below x: then a pivot of it less x is negative."""
    pivot = 1.0
    for k in range(diagonal.size):
        pivot = diagonal[k] - x - beside[k] * beside[k] / pivot
        if not pivot > 0.0:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def laguerre(diagonal, beside, sign):
    """Largest eigenvalue of a tridiagonal matrix (of its negative, if sign is -1), coming from above.

    With q_k the pivots of the matrix less x, p'/p = Σ q_k'/q_k.
    """
    n = diagonal.size
    x = -np.inf
    for k in range(n):  # Gershgorin's bound
        reach = abs(beside[k]) + (abs(beside[k + 1]) if k + 1 < n else 0.0)
        x = max(x, sign * diagonal[k] + reach)
    x = min(x, 1.0)  # no eigenvalue is larger
    if x <= TINY:  # B is 0, as good as
        return 0.0
    x += 1e-12 * abs(x) + 1e-300
    for _ in range(200):
        pivot, first, second = 1.0, 0.0, 0.0
        slope = curvature = 0.0
        for k in range(n):
            off = beside[k] * beside[k]
            inverse = 1.0 / pivot
            ratio = off * inverse * inverse
            second = ratio * second - 2.0 * ratio * inverse * first * first
            first = -1.0 + ratio * first
            pivot = sign * diagonal[k] - x - off * inverse
            if pivot >= 0.0:  # an eigenvalue is not below x: rounding has taken x past it
                return x
            log_slope = first / pivot
            slope += log_slope
            curvature += log_slope * log_slope - second / pivot
        root = np.sqrt(max((n - 1) * (n * curvature - slope * slope), 0.0))
        step = n / (slope + root)
        if step <= 2e-16 * abs(x):
            return x
        x -= step
    return x
