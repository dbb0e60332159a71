"""The maximal correlation coefficient of co-occurrence matrices: one extreme eigenvalue of each."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["maximal_correlations"]

DENSE = 160  # levels up to which the matrix is written out
MOST_STEPS = 300
TOLERANCE = 1e-13
TINY = 1e-100


def maximal_correlations(matrices: SparseMatrices) -> np.ndarray:
    """Compute the root of the second largest eigenvalue of ``Q = Σ_k p(i, k) p(j, k) / (p_x(i) p_y(k))``.

    Q is similar to ``A Aᵀ`` with ``A(i, k) = p(i, k) / sqrt(p_x(i) p_y(k))``, whose largest singular value is
    1, with the vectors ``sqrt(p_x)`` and ``sqrt(p_y)``. Without them, ``B = A - sqrt(p_x) sqrt(p_y)ᵀ`` has
    the wanted number as its largest singular value; if p is symmetric, as its largest absolute eigenvalue.
    Up to 160 levels B is brought to tridiagonal form by reflections (Householder), and its extreme
    eigenvalues are found by Laguerre's iteration; beyond, by Lanczos' method on the entries that are not 0,
    with full orthogonalisation.

    Parameters
    ----------
    matrices : SparseMatrices
        Of co-occurrences.

    Returns
    -------
    ndarray of float64, shape (n_matrices,)
        1 where only one level is present; NaN for a matrix without entries.

    References
    ----------
    .. [1] Golub, Van Loan (2013), Matrix Computations, 4th edition, sections 8.3.1 and 10.3;
       Parlett (1964), Laguerre's method applied to the matrix eigenvalue problem,
       doi:10.1090/S0025-5718-1964-0165668-6
    """
    values = np.empty(len(matrices))
    compute(
        matrices.rows, matrices.columns, matrices.counts, matrices.starts, matrices.images,
        matrices.present_starts, matrices.symmetric, DENSE, values,
    )  # fmt: skip
    return values


@njit(cache=True, nogil=True, error_model="numpy")
def compute(rows, columns, counts, starts, images, present_starts, symmetric, dense, values):
    """Compute the coefficient of matrix after matrix."""
    sizes = np.diff(present_starts)
    widest = sizes.max()
    row_root = np.empty(widest)
    column_root = np.empty(widest)
    square = np.empty((min(widest, dense), min(widest, dense)))
    product = np.empty_like(square)
    diagonal = np.empty(max(widest, MOST_STEPS) + 1)
    beside = np.empty(max(widest, MOST_STEPS) + 1)
    work = np.empty(widest)
    for matrix in range(images.size):
        begin, end = starts[matrix], starts[matrix + 1]
        n = sizes[images[matrix]]
        if n == 1 or begin == end:
            values[matrix] = 1.0 if begin < end else np.nan
            continue
        total = marginal_roots(rows, columns, counts, begin, end, symmetric, row_root[:n], column_root[:n])
        if n <= dense:
            B = square[:n, :n]
            fill_square(rows, columns, counts, begin, end, total, symmetric, row_root[:n], column_root[:n], B)
            if not symmetric:
                P = product[:n, :n]
                multiply_by_transpose(B, P)
                B = P
            tridiagonalise(B, diagonal[:n], beside[:n], work[:n])
            steps = n
        else:
            steps = lanczos(
                rows, columns, counts, begin, end, total, row_root[:n], column_root[:n], symmetric,
                diagonal, beside,
            )  # fmt: skip
        extreme = largest_magnitude(diagonal[:steps], beside[:steps])
        values[matrix] = extreme if symmetric else np.sqrt(extreme)


@njit(cache=True, nogil=True, error_model="numpy")
def marginal_roots(rows, columns, counts, begin, end, symmetric, row_root, column_root):
    """Fill ``sqrt(p_x)`` and ``sqrt(p_y)``; return the sum of the counts."""
    row_root[:] = 0
    column_root[:] = 0
    total = 0.0
    for entry in range(begin, end):
        i, j, count = rows[entry], columns[entry], float(counts[entry])
        row_root[i] += count
        column_root[j] += count
        total += count
        if symmetric and i != j:
            row_root[j] += count
            column_root[i] += count
            total += count
    for i in range(row_root.size):
        row_root[i] = np.sqrt(row_root[i] / total)
        column_root[i] = np.sqrt(column_root[i] / total)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def fill_square(rows, columns, counts, begin, end, total, symmetric, row_root, column_root, B):
    """Write out ``B``, or its lower half if it is symmetric."""
    n = row_root.size
    for i in range(n):
        for j in range(i + 1 if symmetric else n):
            B[i, j] = -row_root[i] * column_root[j]
    for entry in range(begin, end):
        i, j = rows[entry], columns[entry]
        B[i, j] += counts[entry] / (total * row_root[i] * column_root[j])


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def dot(a, b):
    """Scalar product."""
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def multiply_by_transpose(B, P):
    """Fill ``P = B Bᵀ``."""
    for i in range(B.shape[0]):
        for j in range(i + 1):
            P[i, j] = P[j, i] = dot(B[i], B[j])


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
