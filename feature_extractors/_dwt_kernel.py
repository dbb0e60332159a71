"""Kernel of `DWT`: one level of PyWavelets' 2-D wavelet transform, extension half-sample symmetric."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["split"]


def split(
    values: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Compute one level, as ``pywt.dwt2(values, wavelet, mode="symmetric")`` does.

    Along each axis, for a filter f of length L: ``c[k] = Σ_j f[j] x[2k + 1 - j]`` for k from 0 to
    ``(n + L - 1) // 2 - 1``.

    Parameters
    ----------
    values : ndarray of float64, shape (H, W)
    low, high : ndarray of float64, shape (L,)
        The wavelet's filters, ``dec_lo`` and ``dec_hi``; L is even.

    Returns
    -------
    approximation : ndarray of float64
    details : tuple of 3 ndarray
        Horizontal, vertical, diagonal.

    Examples
    --------
    >>> half = np.sqrt(0.5)
    >>> split(np.array([[1.0, 3.0], [5.0, 7.0]]), np.array([half, half]), np.array([-half, half]))[0].round(9)
    array([[8.]])
    """
    shape = tuple((n + low.size - 1) // 2 for n in values.shape)
    bands = np.empty((4, *shape))
    fill_bands(values, low, high, bands)
    return bands[0], (bands[1], bands[2], bands[3])


@njit(cache=True, nogil=True)
def reflected(place, n):
    """Return the place within n samples that a place beyond their ends stands for."""
    while place < 0 or place >= n:
        place = -1 - place if place < 0 else 2 * n - 1 - place
    return place


@njit(cache=True, nogil=True)
def fill_bands(values, low, high, bands):
    """Fill approximation, horizontal, vertical and diagonal details: first along columns, then along rows."""
    height, width = values.shape
    length = low.size
    lower, upper = np.empty(width), np.empty(width)
    n = bands.shape[2] + length // 2
    even, odd = np.empty(n), np.empty(n)
    for k in range(bands.shape[1]):
        lower[:] = 0.0
        upper[:] = 0.0
        for j in range(length):
            add_twice(values[reflected(2 * k + 1 - j, height)], low[j], high[j], lower, upper)
        deal_out(lower, length, even, odd)
        filter_row(even, odd, low, high, bands[0, k], bands[2, k])
        deal_out(upper, length, even, odd)
        filter_row(even, odd, low, high, bands[1, k], bands[3, k])


@njit(cache=True, nogil=True)
def add_twice(row, first, second, to_first, to_second):
    """Add a row times one number, and times another."""
    for x in range(row.size):
        to_first[x] += first * row[x]
        to_second[x] += second * row[x]


@njit(cache=True, nogil=True)
def deal_out(row, length, even, odd):
    """Extend a row by ``length - 2`` samples in front and as many as are needed behind; take turns."""
    n = row.size
    for i in range(even.size):
        place = 2 * i - (length - 2)
        even[i] = row[place] if 0 <= place < n else row[reflected(place, n)]
        odd[i] = row[place + 1] if 0 <= place + 1 < n else row[reflected(place + 1, n)]


@njit(cache=True, nogil=True)
def filter_row(even, odd, low, high, lower, upper):
    """Filter a row that is dealt out; every second coefficient is kept."""
    lower[:] = 0.0
    upper[:] = 0.0
    length, n = low.size, lower.size
    for j in range(length):
        source = even if j % 2 else odd
        begin = (length - 1 - j) // 2
        add_twice(source[begin : begin + n], low[j], high[j], lower, upper)
