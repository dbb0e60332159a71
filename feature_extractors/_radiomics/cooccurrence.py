"""Co-occurrence matrices: pairs of gray levels, counted in dense tables or, for many levels, row by row."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["cooccurrence_matrices"]

DENSE = 256  # levels up to which a table of all pairs is counted in


def cooccurrence_matrices(
    gray: GrayLevels, offsets: np.ndarray, *, symmetric: bool = True, merge: bool = False
) -> SparseMatrices:
    """Count the pairs of gray levels at each offset.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded as far as the offsets reach.
    offsets : ndarray of int64, shape (n_offsets, 3)
        Steps (slices, down, right) from the first pixel of a pair to the second.
    symmetric : bool, default=True
        Whether each pair is counted from both its ends.
    merge : bool, default=False
        Whether the pairs of all offsets are counted in one matrix.

    Returns
    -------
    SparseMatrices
        One for each image and offset (or image); without entries where no pair lies in the region. Of
        symmetric ones the lower half is kept.
    """
    steps = gray.steps(offsets)
    pixels = gray.sizes * (len(offsets) if merge else 1) * (2 if symmetric else 1)
    capacity = np.minimum(gray.n_present**2, pixels)
    n_matrices = len(gray) * (1 if merge else len(offsets))
    capacity = capacity.sum() * (1 if merge else len(offsets))
    rows = np.empty(capacity, dtype=np.int32)
    columns = np.empty(capacity, dtype=np.int32)
    counts = np.empty(capacity, dtype=np.int64)
    ends = np.empty(n_matrices, dtype=np.int64)
    count_pairs(
        gray.positions, gray.starts, gray.margins, steps, gray.n_present, symmetric, merge, DENSE,
        rows, columns, counts, ends,
    )  # fmt: skip
    return SparseMatrices.of(
        rows, columns, counts, ends, gray, n_matrices // max(len(gray), 1), symmetric=symmetric
    )


@njit(cache=True, nogil=True)
def count_pairs(
    positions, starts, margins, steps, n_present, symmetric, merge, dense, rows, columns, counts, ends
):
    """Count image after image; fill the entries of its matrices and where each matrix ends."""
    n_steps = steps.shape[1]
    widest = 0
    for image in range(n_present.size):
        if n_present[image] <= dense:
            widest = max(widest, n_present[image] + 1)
    tables = np.zeros((4 if merge else n_steps, widest * widest), dtype=np.uint32)
    filled = 0
    per_image = 1 if merge else n_steps
    for image in range(n_present.size):
        levels = positions[starts[image] : starts[image + 1]]
        n = n_present[image]
        by_row = n > dense
        if by_row:
            order, begins = by_level(levels, n)
        else:
            tables[:, : (n + 1) * (n + 1)] = 0
            count_dense(levels, margins[image], steps[image], n + 1, merge, tables)
        for k in range(per_image):
            if by_row:
                chosen = steps[image] if merge else steps[image, k : k + 1]
                filled = count_row_by_row(
                    levels, order, begins, n, chosen, symmetric, filled, rows, columns, counts
                )
            else:
                filled = emit(tables[k], n + 1, symmetric, filled, rows, columns, counts)
            ends[image * per_image + k] = filled


@njit(cache=True, nogil=True)
def count_dense(levels, margin, steps, side, merge, tables):
    """Count the pairs of an image in tables, four steps at a time; if merged, the first has the sum of all.

    Even then each step has a table of its own: to count twice in the same place is to wait.
    """
    for first in range(0, steps.size, 4):
        o = steps[first : first + 4]
        t = tables[:4] if merge else tables[first : first + 4]
        if o.size == 4:
            count_four(levels, margin, o, side, t[0], t[1], t[2], t[3])
        else:
            for k in range(o.size):
                count_one(levels, margin, o[k], side, t[k])
    if merge:
        for k in range(1, len(tables)):
            tables[0] += tables[k]


@njit(cache=True, nogil=True)
def count_four(levels, margin, o, side, t0, t1, t2, t3):
    """Count the pairs at four steps in one pass; pairs with position 0 fall into row or column 0."""
    n = levels.size - 2 * margin
    m = np.uint64(side)
    own = levels[margin : margin + n]
    a = levels[margin + o[0] : margin + o[0] + n]
    b = levels[margin + o[1] : margin + o[1] + n]
    c = levels[margin + o[2] : margin + o[2] + n]
    d = levels[margin + o[3] : margin + o[3] + n]
    one = np.uint32(1)
    for p in range(n):
        first = np.uint64(own[p]) * m
        t0[first + np.uint64(a[p])] += one
        t1[first + np.uint64(b[p])] += one
        t2[first + np.uint64(c[p])] += one
        t3[first + np.uint64(d[p])] += one


@njit(cache=True, nogil=True)
def count_one(levels, margin, step, side, table):
    """Count the pairs at one step."""
    n = levels.size - 2 * margin
    m = np.uint64(side)
    own = levels[margin : margin + n]
    other = levels[margin + step : margin + step + n]
    for p in range(n):
        table[np.uint64(own[p]) * m + np.uint64(other[p])] += np.uint32(1)


@njit(cache=True, nogil=True)
def emit(table, side, symmetric, filled, rows, columns, counts):
    """Append the entries of a table that are not 0, leaving out row and column 0; half of a symmetric one."""
    for i in range(1, side):
        for j in range(1, i + 1 if symmetric else side):
            count = np.int64(table[i * side + j])
            if symmetric:
                count += np.int64(table[j * side + i])
            if count > 0:
                rows[filled] = i - 1
                columns[filled] = j - 1
                counts[filled] = count
                filled += 1
    return filled


@njit(cache=True, nogil=True)
def by_level(levels, n):
    """Sort the pixels of the region by level: their places, and where each level begins."""
    begins = np.zeros(n + 2, dtype=np.int64)
    for p in range(levels.size):
        begins[levels[p]] += 1
    begins[0] = 0
    for k in range(1, n + 1):
        begins[k] += begins[k - 1]
    begins[n + 1] = begins[n]
    order = np.empty(begins[n], dtype=np.int64)
    free = begins[:n].copy()
    for p in range(levels.size):
        if levels[p] > 0:
            k = levels[p] - 1
            order[free[k]] = p
            free[k] += 1
    return order, begins


@njit(cache=True, nogil=True)
def count_row_by_row(levels, order, begins, n, steps, symmetric, filled, rows, columns, counts):
    """Count the pairs of one level after the other, so that memory is that of one row."""
    row = np.zeros(n + 1, dtype=np.int64)
    touched = np.empty(n + 1, dtype=np.int64)
    for i in range(n):
        n_touched = 0
        for place in range(begins[i], begins[i + 1]):
            p = order[place]
            for s in range(steps.size):
                for side in range(2 if symmetric else 1):
                    other = levels[p + steps[s] if side == 0 else p - steps[s]]
                    if other > 0 and not (symmetric and other > i + 1):
                        if row[other] == 0:
                            touched[n_touched] = other
                            n_touched += 1
                        row[other] += 1
        neighbours = np.sort(touched[:n_touched])
        for k in range(n_touched):
            j = neighbours[k]
            rows[filled] = i
            columns[filled] = j - 1
            counts[filled] = row[j]
            filled += 1
            row[j] = 0
    return filled
