"""Compiled loops over the pixels: bins, co-occurrences, runs and zones. No formula lives here.

All kernels take contiguous arrays and are compiled once: numba keeps the machine code beside this file, or in
``NUMBA_CACHE_DIR`` where the installation is read-only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

RUN_DIRECTIONS = np.array([[0, 1], [1, 0], [1, 1], [1, -1]])


@njit(cache=True, nogil=True)
def assign_bins(values, inside, edges):
    """Find the half-open bin of each pixel; the last bin also holds what lies above it.

    Parameters
    ----------
    values : ndarray of float32 or float64, shape (H, W)
    inside : ndarray of bool, shape (H, W)
        The region of interest.
    edges : ndarray of the dtype of `values`, shape (n_bins + 1,)
        Ascending, nearly equally spaced; the first is not above the smallest value.

    Returns
    -------
    assigned : ndarray of int32, shape (H, W)
        1 to n_bins; 0 outside the region.
    counts : ndarray of int64, shape (n_bins + 1,)
        Pixels in each bin; ``counts[0]`` is 0.
    """
    n_bins = edges.size - 1
    span = float(edges[n_bins]) - float(edges[0])
    per_unit = n_bins / span if span > 0 else 0.0
    assigned = np.zeros(values.shape, dtype=np.int32)
    counts = np.zeros(n_bins + 1, dtype=np.int64)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            if inside[y, x]:
                value = values[y, x]
                k = min(max(int((value - edges[0]) * per_unit), 0), n_bins - 1)
                while k > 0 and value < edges[k]:
                    k -= 1
                while k < n_bins - 1 and value >= edges[k + 1]:
                    k += 1
                assigned[y, x] = k + 1
                counts[k + 1] += 1
    return assigned, counts


@njit(cache=True, nogil=True)
def count_pairs(positions, n_levels, offsets):
    """Count the pairs of levels at each offset.

    Parameters
    ----------
    positions : ndarray of int32, shape (H, W)
        Levels 1 to `n_levels`; 0 outside the region.
    n_levels : int
    offsets : ndarray of int64, shape (n_offsets, 2)
        Steps (down, right) from the first pixel of a pair to the second.

    Returns
    -------
    ndarray of float64, shape (n_offsets, n_levels, n_levels)
    """
    height, width = positions.shape
    counts = np.zeros((len(offsets), n_levels, n_levels))
    for a in range(len(offsets)):
        down, right = offsets[a]
        for y in range(max(0, -down), min(height, height - down)):
            for x in range(max(0, -right), min(width, width - right)):
                first = positions[y, x]
                second = positions[y + down, x + right]
                if first > 0 and second > 0:
                    counts[a, first - 1, second - 1] += 1
    return counts


@njit(cache=True, nogil=True)
def count_runs(positions, n_levels, directions):
    """Count the runs of equal levels along each direction.

    Parameters
    ----------
    positions : ndarray of int32, shape (H, W)
        Levels 1 to `n_levels`; 0 outside the region, which ends a run.
    n_levels : int
    directions : ndarray of int64, shape (n_directions, 2)
        Steps (down, right), each -1, 0 or 1.

    Returns
    -------
    counts : ndarray of float64, shape (n_directions, n_levels, max(H, W))
        ``counts[a, i, j]``: runs of ``j + 1`` pixels of the level at position i.
    crowded : ndarray of bool, shape (n_directions,)
        Whether some line along the direction holds two pixels of the region or more.
    """
    height, width = positions.shape
    counts = np.zeros((len(directions), n_levels, max(height, width)))
    crowded = np.zeros(len(directions), dtype=np.bool_)
    for a in range(len(directions)):
        down, right = directions[a]
        on_line = np.zeros(height + width, dtype=np.int64)
        shift = width if right > 0 else 0  # keeps the numbers of the lines from 0
        for y in range(height):
            for x in range(width):
                level = positions[y, x]
                if level == 0:
                    continue
                line = y * right - x * down + shift * down  # the same for all pixels of a line
                on_line[abs(line)] += 1
                if _same(positions, y - down, x - right, level):
                    continue  # not the first pixel of its run
                length = 1
                while _same(positions, y + length * down, x + length * right, level):
                    length += 1
                counts[a, level - 1, length - 1] += 1
        crowded[a] = on_line.max() > 1
    return counts, crowded


@njit(cache=True, nogil=True)
def _same(positions, y, x, level):
    height, width = positions.shape
    return 0 <= y < height and 0 <= x < width and positions[y, x] == level


@njit(cache=True, nogil=True)
def find_zones(positions):
    """Find the 8-connected zones of equal level.

    Parameters
    ----------
    positions : ndarray of int32, shape (H, W)
        Levels from 1; 0 outside the region.

    Returns
    -------
    ndarray of int64, shape (n_zones, 2)
        Level and number of pixels of each zone, in the order of their first pixels.
    """
    height, width = positions.shape
    seen = positions == 0
    stack = np.empty((positions.size, 2), dtype=np.int64)
    zones = np.empty((positions.size, 2), dtype=np.int64)
    n_zones = 0
    for y in range(height):
        for x in range(width):
            if not seen[y, x]:
                zones[n_zones, 0] = positions[y, x]
                zones[n_zones, 1] = _flood(positions, seen, stack, y, x)
                n_zones += 1
    return zones[:n_zones].copy()


@njit(cache=True, nogil=True)
def _flood(positions, seen, stack, y, x):
    """Mark the zone around (y, x) as seen and return its size."""
    height, width = positions.shape
    level = positions[y, x]
    seen[y, x] = True
    stack[0] = y, x
    waiting, size = 1, 0
    while waiting > 0:
        waiting -= 1
        y, x = stack[waiting]
        size += 1
        for near_y in range(max(y - 1, 0), min(y + 2, height)):
            for near_x in range(max(x - 1, 0), min(x + 2, width)):
                if not seen[near_y, near_x] and positions[near_y, near_x] == level:
                    seen[near_y, near_x] = True
                    stack[waiting] = near_y, near_x
                    waiting += 1
    return size
