"""Local binary patterns of the slices of an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from feature_extractors._filters.filter import Filter
from feature_extractors._filters.settings import not_in_range, not_one_of, not_whole

__all__ = ["LocalBinaryPattern2D"]

METHODS = ("uniform", "default", "ror")


@dataclass(frozen=True, kw_only=True)
class LocalBinaryPattern2D(Filter):
    """Local binary pattern [1]_ of each pixel in its slice, as scikit-image and pyradiomics compute it.

    P points on a circle of radius R around a pixel are interpolated bilinearly (0 beyond the border); a point
    at least as bright as the pixel is a 1. A volume is filtered slice by slice.

    Parameters
    ----------
    radius : float, default=1
        R, in pixels.
    n_points : int, default=8
        P; 3 to 24.
    method : {"uniform", "default", "ror"}, default="uniform"
        What becomes of the pattern. ``uniform``: the number of ones if, from the first point to the last (not
        round the circle), there are at most two changes between 0 and 1, else P + 1. ``default``: the number
        that it is in binary, point 0 being the lowest digit. ``ror``: the smallest of its rotations.

    References
    ----------
    .. [1] Ojala, Pietikäinen, Mäenpää (2002), Multiresolution gray-scale and rotation invariant texture
       classification with local binary patterns, IEEE TPAMI 24(7), doi:10.1109/TPAMI.2002.1017623

    Examples
    --------
    >>> image = np.array([[1, 1, 1, 1], [1, 9, 1, 1], [1, 1, 1, 1]])
    >>> [(prefix, patterns)] = LocalBinaryPattern2D().apply(image)
    >>> patterns[1]
    array([5., 0., 8., 5.])
    """

    radius: float = 1
    n_points: int = 8
    method: str = "uniform"

    def _problems(self):
        yield from not_in_range(0, 1000, radius=self.radius)
        yield from not_whole(3, 24, n_points=self.n_points)
        yield from not_one_of(METHODS, method=self.method)

    def prefixes(self, dimensions):
        """Return ``lbp_2d``."""
        return ["lbp_2d"]

    def _filtered(self, values, spacing):
        angles = 2 * np.pi * np.arange(self.n_points) / self.n_points
        # scikit-image rounds the points to 5 digits, which puts those on the axes on pixels
        down = np.round(-self.radius * np.sin(angles), 5)
        right = np.round(self.radius * np.cos(angles), 5)
        patterns = np.empty_like(values)
        for slice_, out in zip(_slices(values), _slices(patterns), strict=True):
            _patterns(slice_, down, right, METHODS.index(self.method), out)
        yield patterns


def _slices(values):
    return values.reshape(-1, *values.shape[-2:])


def _patterns(image, down, right, method, out):
    height, width = image.shape
    pad = int(max(np.abs(down).max(), np.abs(right).max())) + 2
    codes = np.zeros((height, width), dtype=np.int64)
    mark_points(np.pad(image, pad), pad, down, right, codes)
    name_patterns(codes.reshape(-1), len(down), method, out.reshape(-1))


@njit(cache=True, nogil=True)
def mark_points(padded, pad, down, right, codes):
    """Set bit i of each pixel whose point i is at least as bright.

    Parameters
    ----------
    padded : ndarray of float64, shape (H + 2 * pad, W + 2 * pad)
    pad : int
    down, right : ndarray of float64, shape (P,)
        Where the points lie, from a pixel.
    codes : ndarray of int64, shape (H, W)
        Zeros; filled with the patterns.
    """
    height, width = codes.shape
    beside = np.empty(width)  # as rounded in the sum of a column and a step, on which ties depend
    for i in range(down.size):
        for x in range(width):
            beside[x] = (x + right[i]) - np.floor(x + right[i])
        first = pad + int(np.floor(right[i]))
        for y in range(height):
            below = (y + down[i]) - np.floor(y + down[i])
            upper = padded[y + pad + int(np.floor(down[i]))]
            lower = padded[y + pad + int(np.floor(down[i])) + 1]
            centre = padded[y + pad]
            for x in range(width):
                top = (1 - beside[x]) * upper[first + x] + beside[x] * upper[first + x + 1]
                bottom = (1 - beside[x]) * lower[first + x] + beside[x] * lower[first + x + 1]
                brighter = (1 - below) * top + below * bottom >= centre[pad + x]
                codes[y, x] |= np.int64(brighter) << i


@njit(cache=True, nogil=True)
def name_patterns(codes, n_points, method, out):
    """Turn patterns into the numbers that a method gives them.

    Parameters
    ----------
    codes : ndarray of int64, flat
    n_points : int
    method : int
        Place in ``METHODS``.
    out : ndarray of float64, flat
        Filled with the numbers.
    """
    neighbours = (1 << (n_points - 1)) - 1
    for k in range(codes.size):
        code = codes[k]
        if method == 0:
            changes = _ones((code ^ (code >> 1)) & neighbours)
            out[k] = _ones(code) if changes <= 2 else n_points + 1
        elif method == 1:
            out[k] = code
        else:
            least = code
            for _ in range(n_points - 1):
                code = (code >> 1) | ((code & 1) << (n_points - 1))
                least = min(least, code)
            out[k] = least


@njit(cache=True, nogil=True)
def _ones(bits):
    """Count the ones among 32 bits."""
    bits = bits - ((bits >> 1) & 0x55555555)
    bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333)
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F
    return ((bits * 0x01010101) & 0xFFFFFFFF) >> 24
