"""Kernels that measure how far pixels are from the border of a region, in steps through sides alone."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["box_distances", "region_distances"]


@njit(cache=True, nogil=True)
def region_distances(levels, stride, plane, deep, distance):
    """Fill the number of steps from each pixel to the nearest one outside the region."""
    far = np.int32(2**30)
    n = levels.size
    for p in range(n):
        distance[p] = 0 if levels[p] == 0 else far
    for p in range(plane if deep else stride, n):
        if levels[p] > 0:
            nearest = min(distance[p - 1], distance[p - stride])
            if deep:
                nearest = min(nearest, distance[p - plane])
            distance[p] = nearest + 1
    for p in range(n - 1 - (plane if deep else stride), -1, -1):
        if levels[p] > 0:
            nearest = min(distance[p + 1], distance[p + stride])
            if deep:
                nearest = min(nearest, distance[p + plane])
            distance[p] = min(distance[p], nearest + 1)


@njit(cache=True, nogil=True)
def box_distances(to_other_sides, row):
    """Fill the same for a row of an image that is all region; the other sides are so many steps away."""
    width = row.size
    most = np.int32(to_other_sides)
    for x in range(width):
        row[x] = min(most, np.int32(x + 1), np.int32(width - x))
