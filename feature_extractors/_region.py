"""The region of interest of an image: which pixels count, and what their neighbours may be."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

__all__ = ["region_of", "values_of", "with_neighbours_inside"]


def region_of(image):
    """Return a boolean array, True where a pixel is inside the region (everywhere if there is no mask)."""
    return ~np.ma.getmaskarray(image)


def values_of(image):
    """Return the gray values as float64, 0 outside the region, whatever lies beneath the mask."""
    return np.ma.filled(image, 0).astype(np.float64)


def with_neighbours_inside(region: np.ndarray, offsets: Iterable[tuple[int, int]]) -> np.ndarray:
    """Tell which pixels of a region have all the given neighbours inside it too.

    Parameters
    ----------
    region : ndarray of bool, shape (H, W)
        True inside. What lies beyond the edges of the array is outside.
    offsets : iterable of (int, int)
        Rows down and columns to the right, from a pixel to its neighbours.

    Returns
    -------
    ndarray of bool, shape (H, W)

    Examples
    --------
    >>> with_neighbours_inside(np.ones((2, 3), dtype=bool), [(1, -1)]).astype(int)  # below to the left
    array([[0, 1, 1],
           [0, 0, 0]])
    """
    offsets = list(offsets)
    reach = max(abs(step) for offset in offsets for step in offset)
    if reach >= max(region.shape):
        return np.zeros_like(region)
    height, width = region.shape
    padded = np.pad(region, reach)
    inside = region.copy()
    for down, right in offsets:
        inside &= padded[reach + down : reach + down + height, reach + right : reach + right + width]
    return inside
