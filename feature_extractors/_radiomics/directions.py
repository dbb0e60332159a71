"""Offsets between neighbours, in planes and in volumes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

__all__ = ["flat_offsets", "offsets_at"]


def offsets_at(distances: Iterable[int], *, deep: bool) -> np.ndarray:
    """One of each pair of opposite offsets whose Chebyshev length is among the distances.

    Parameters
    ----------
    distances : iterable of int
        In pixels, at least 1.
    deep : bool
        Whether neighbours lie in other slices, too.

    Returns
    -------
    ndarray of int64, shape (n_offsets, 3)
        Steps (slices, down, right), the first that is not 0 being positive: for distance 1, 4 offsets in a
        plane and 13 in a volume.

    Examples
    --------
    >>> offsets_at([1], deep=False).tolist()
    [[0, 0, 1], [0, 1, -1], [0, 1, 0], [0, 1, 1]]
    >>> len(offsets_at([1], deep=True)), len(offsets_at([1, 2], deep=False))
    (13, 12)
    """
    offsets = [
        step
        for d in sorted(distances)
        for step in product(
            range(-d if deep else 0, d + 1 if deep else 1), range(-d, d + 1), range(-d, d + 1)
        )
        if max(map(abs, step)) == d and step > (0, 0, 0)
    ]
    return np.array(offsets, dtype=np.int64)


def flat_offsets(offsets: np.ndarray, shapes: np.ndarray, pad: int) -> np.ndarray:
    """Offsets as steps in the flat, padded arrays of images, shape (n_images, n_offsets)."""
    columns = shapes[:, 2] + 2 * pad
    plane = (shapes[:, 1] + 2 * pad) * columns
    strides = np.stack([plane, columns, np.ones_like(columns)], axis=1)
    return strides @ offsets.T
