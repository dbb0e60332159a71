"""Smoothing and linear interpolation along an axis as one sparse matrix, which is many times faster."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

__all__ = ["resample"]

TRUNCATE = 4.0  # standard deviations at which the Gaussian ends, as in scipy.ndimage


def resample(pixels: np.ndarray, shape: tuple[int, int], *, antialias: bool) -> np.ndarray:
    """Resample by linear interpolation, as :func:`skimage.transform.resize` does with ``order=1``.

    Parameters
    ----------
    pixels : ndarray of float64, shape (H, W)
    shape : (int, int)
        Of the result.
    antialias : bool
        Smooth an axis that shrinks before, with a Gaussian of standard deviation (factor - 1) / 2. The border
        is mirrored at the centre of its pixels.

    Returns
    -------
    ndarray of float64, shape ``shape``
        Within the range of ``pixels``.

    Examples
    --------
    >>> resample(np.array([[0.0, 0.0, 4.0, 4.0]]), (1, 2), antialias=False)
    array([[0., 4.]])
    """
    rows, columns = (_matrix(old, new, antialias) for old, new in zip(pixels.shape, shape, strict=True))
    half = rows @ pixels
    values = np.asarray(columns @ np.ascontiguousarray(half.T)).T
    return np.clip(values, pixels.min(), pixels.max())


@lru_cache(maxsize=64)
def _matrix(old: int, new: int, antialias: bool) -> csr_array:
    """Return the matrix of shape (new, old) that resamples an axis."""
    factor = old / new
    kernel = _gaussian((factor - 1) / 2 if antialias else 0.0)
    places = (np.arange(new) + 0.5) * factor - 0.5
    first = np.floor(places)
    to_next = (places - first)[:, None]
    weights = (1 - to_next) * np.append(kernel, 0) + to_next * np.append(0, kernel)
    columns = first[:, None].astype(int) + np.arange(len(kernel) + 1) - len(kernel) // 2
    starts = np.arange(0, weights.size + 1, weights.shape[1])
    return csr_array((weights.ravel(), _mirrored(columns, old).ravel(), starts), shape=(new, old))


def _gaussian(sigma: float) -> np.ndarray:
    if sigma <= 0:
        return np.ones(1)
    radius = int(TRUNCATE * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def _mirrored(places: np.ndarray, length: int) -> np.ndarray:
    """Bring places beyond the border back: -1 is 1, ``length`` is ``length - 2``."""
    period = max(2 * (length - 1), 1)
    within = np.mod(places, period)
    return np.minimum(within, period - within) if length > 1 else np.zeros_like(places)
