"""Kernel of `HOG`: gradients, their directions and the histogram of each cell, row by row."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["add_gradients", "borders_of_bins"]


def borders_of_bins(orientations: int) -> np.ndarray:
    """Return where each bin but the first begins: unit vectors (down, right), shape (orientations - 1, 2).

    Examples
    --------
    >>> borders_of_bins(2)
    array([[1., 0.]])
    """
    half = np.sqrt(0.5)
    exact = {1: (half, half), 2: (1.0, 0.0), 3: (half, -half)}  # multiples of 45°, which pixels do have
    return np.array(
        [
            exact[4 * k // orientations]
            if 4 * k % orientations == 0
            else (np.sin(np.pi * k / orientations), np.cos(np.pi * k / orientations))
            for k in range(1, orientations)
        ]
    ).reshape(-1, 2)


@njit(cache=True, nogil=True)
def add_gradients(values, region, borders, cell_rows, cell_columns, sums):
    """Add the length of each pixel's gradient to the bin of its direction, in its cell.

    Parameters
    ----------
    values : ndarray of float64, shape (H, W)
    region : ndarray of bool, shape (H, W)
        No difference is taken with a pixel outside.
    borders : ndarray of float64, shape (orientations - 1, 2)
        See :func:`borders_of_bins`.
    cell_rows, cell_columns : ndarray of int64, shape (H,) and (W,)
        The cell of each row and column.
    sums : ndarray of float64, shape (rows, columns, orientations)
        What is added to.
    """
    height, width = values.shape
    down, right, lengths = np.empty(width), np.empty(width), np.empty(width)
    bins = np.empty(width, dtype=np.int64)
    for y in range(height):
        if 0 < y < height - 1:
            within = region[y - 1 : y + 2]
            differences(values[y - 1], values[y + 1], within[0], within[1], within[2], down)
        else:
            down[:] = 0.0
        right[0] = right[width - 1] = 0.0
        if width > 2:
            own, inside = values[y], region[y]
            differences(own[:-2], own[2:], inside[:-2], inside[1:-1], inside[2:], right[1:-1])
        turn_and_measure(down, right, lengths)
        find_bins(down, right, borders, bins)
        row = sums[cell_rows[y]]
        for x in range(width):
            row[cell_columns[x], bins[x]] += lengths[x]


@njit(cache=True, nogil=True)
def differences(before, after, inside_before, inside, inside_after, found):
    """Fill central differences; 0 where one of the three pixels is outside."""
    for x in range(found.size):
        counts = inside_before[x] & inside[x] & inside_after[x]
        found[x] = after[x] - before[x] if counts else 0.0


@njit(cache=True, nogil=True)
def turn_and_measure(down, right, lengths):
    """Turn gradients that point up by 180°, and fill their lengths."""
    for x in range(down.size):
        d, r = down[x], right[x]
        lengths[x] = np.sqrt(d * d + r * r)
        down[x] = abs(d)
        right[x] = abs(r) if d == 0 else -r if d < 0 else r


@njit(cache=True, nogil=True)
def find_bins(down, right, borders, bins):
    """Count the borders that each direction has reached."""
    bins[:] = 0
    for k in range(len(borders)):
        border_down, border_right = borders[k]
        for x in range(bins.size):
            bins[x] += border_right * down[x] >= border_down * right[x]
