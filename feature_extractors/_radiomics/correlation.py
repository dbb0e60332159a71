"""The maximal correlation coefficient of co-occurrence matrices: one extreme eigenvalue of each."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.lanczos import MOST_STEPS, lanczos
from feature_extractors._radiomics.sparse import SparseMatrices
from feature_extractors._radiomics.tridiagonal import dot, largest_magnitude, tridiagonalise

__all__ = ["maximal_correlations"]

DENSE = 160  # levels up to which the matrix is written out


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
    for matrix in range(images.size):
        n = present_starts[images[matrix] + 1] - present_starts[images[matrix]]
        values[matrix] = coefficient(
            rows, columns, counts, starts[matrix], starts[matrix + 1], n, symmetric, dense
        )


@njit(cache=True, nogil=True, error_model="numpy")
def coefficient(rows, columns, counts, begin, end, n, symmetric, dense):
    """Return the coefficient of one matrix; in arrays of its own: parts of others are not vectorised."""
    if n == 1 or begin == end:
        return 1.0 if begin < end else np.nan
    row_root, column_root = np.empty(n), np.empty(n)
    total = marginal_roots(rows, columns, counts, begin, end, symmetric, row_root, column_root)
    most = n if n <= dense else MOST_STEPS + 1
    diagonal, beside = np.empty(most), np.empty(most)
    if n <= dense:
        steps = n
        B = np.empty((n, n))
        fill_square(rows, columns, counts, begin, end, total, symmetric, row_root, column_root, B)
        if not symmetric:
            B = multiply_by_transpose(B)
        tridiagonalise(B, diagonal, beside, np.empty(n))
    else:
        steps = lanczos(
            rows, columns, counts, begin, end, total, row_root, column_root, symmetric, diagonal, beside
        )
    extreme = largest_magnitude(diagonal[:steps], beside[:steps])
    return extreme if symmetric else np.sqrt(extreme)


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
    """Write out B, or its lower half if it is symmetric."""
    n = row_root.size
    for i in range(n):
        for j in range(i + 1 if symmetric else n):
            B[i, j] = -row_root[i] * column_root[j]
    for entry in range(begin, end):
        i, j = rows[entry], columns[entry]
        B[i, j] += counts[entry] / (total * row_root[i] * column_root[j])


@njit(cache=True, nogil=True, error_model="numpy")
def multiply_by_transpose(B):
    """Return the lower half of ``B Bᵀ``."""
    product = np.empty_like(B)
    for i in range(len(B)):
        for j in range(i + 1):
            product[i, j] = dot(B[i], B[j])
    return product
