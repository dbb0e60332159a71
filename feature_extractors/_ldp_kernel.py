"""Local directional patterns: Kirsch responses, the k strongest of them and their histogram in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["count_directional_patterns"]


@njit(cache=True, nogil=True)
def count_directional_patterns(values, k, bin_of_pattern, counted, rows, columns, counts):
    """Count the patterns of the pixels of each block: bit i is set if direction i is among the k strongest.

    Parameters
    ----------
    values : ndarray of int32 or int64, shape (H, W)
        Gray values; 64 times the largest must fit the type.
    k : int
        Directions set, 1 to 7. Of equal ones the first in the order E, NE, N, NW, W, SW, S, SE is taken.
    bin_of_pattern : ndarray of int64, shape (256,)
    counted : ndarray of bool, shape (H, W)
        Which pixels count; none at the border of the image.
    rows, columns : ndarray of int64, shape (H,) and (W,)
        The row and the column of blocks that each pixel is in.
    counts : ndarray of int64, shape (block rows, block columns, bins)
        What is added to.
    """
    height, width = values.shape
    strengths = np.empty((8, width - 2), dtype=values.dtype)
    stronger = np.empty((8, width - 2), dtype=np.int16)
    patterns = np.empty(width - 2, dtype=np.uint8)
    for y in range(1, height - 1):
        fill_strengths(values[y - 1], values[y], values[y + 1], strengths)
        stronger[:] = 0
        for first in range(7):
            for second in range(first + 1, 8):
                compare(strengths[first], strengths[second], stronger[first], stronger[second])
        patterns[:] = 0
        for i in range(8):
            set_bits(stronger[i], k, np.uint8(1 << i), patterns)
        of_blocks = counts[rows[y]]
        for x in range(1, width - 1):
            if counted[y, x]:
                of_blocks[columns[x], bin_of_pattern[patterns[x - 1]]] += 1


@njit(cache=True, nogil=True)
def fill_strengths(above, own, below, strengths):
    """Fill the absolute responses of the eight Kirsch masks: 8 times three neighbours less 3 times all."""
    for x in range(strengths.shape[1]):
        e, ne, n, nw = own[x + 2], above[x + 2], above[x + 1], above[x]
        w, sw, s, se = own[x], below[x], below[x + 1], below[x + 2]
        total = 3 * (e + ne + n + nw + w + sw + s + se)
        strengths[0, x] = abs(8 * (se + e + ne) - total)
        strengths[1, x] = abs(8 * (e + ne + n) - total)
        strengths[2, x] = abs(8 * (ne + n + nw) - total)
        strengths[3, x] = abs(8 * (n + nw + w) - total)
        strengths[4, x] = abs(8 * (nw + w + sw) - total)
        strengths[5, x] = abs(8 * (w + sw + s) - total)
        strengths[6, x] = abs(8 * (sw + s + se) - total)
        strengths[7, x] = abs(8 * (s + se + e) - total)


@njit(cache=True, nogil=True)
def compare(first, second, before_first, before_second):
    """Count, for two directions, which of them comes before the other; of equal ones the first does."""
    for x in range(first.size):
        first_wins = np.int16(first[x] >= second[x])
        before_second[x] += first_wins
        before_first[x] += np.int16(1) - first_wins


@njit(cache=True, nogil=True)
def set_bits(stronger, k, bit, row):
    """Set a bit where fewer than k directions come before this one."""
    for x in range(row.size):
        row[x] |= bit if stronger[x] < k else np.uint8(0)
