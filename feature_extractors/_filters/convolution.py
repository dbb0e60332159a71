"""Convolution of all lines of an image along one axis, with a choice of what lies beyond the border."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

__all__ = ["BORDERS", "convolve"]

BORDERS = ("mirror", "nearest", "periodic", "zero")
LANES = 16  # lines that are convolved side by side
CHUNK = 128  # pixels of a line that are convolved before the next ones are read


def convolve(values, axis, filters, *, centre, border, step=1):
    r"""Convolve an image along an axis with one filter or several of the same length.

    .. math:: y_n = \sum_{j=0}^{m-1} h_j \; x_{n - step \cdot j + centre}

    Parameters
    ----------
    values : ndarray of float64
    axis : int
    filters : ndarray of float64, shape (k, m)
    centre : int
        What is added to the index of the image, so that filters need not begin at 0.
    border : {"mirror", "nearest", "periodic", "zero"}
        How the line goes on beyond its ends: ``b a | a b c | c b``, ``a a | a b c | c c``,
        ``b c | a b c | a b``, ``0 0 | a b c | 0 0``.
    step : int, default=1
        Distance between the pixels that neighbouring coefficients of a filter apply to.

    Returns
    -------
    ndarray of float64, shape (k, \*values.shape)

    Examples
    --------
    >>> convolve(np.array([[1.0, 2.0, 4.0]]), 1, np.array([[1.0, -1.0]]), centre=0, border="mirror")
    array([[[0., 1., 2.]]])
    """
    values = np.ascontiguousarray(values)
    length = values.shape[axis]
    inner = int(np.prod(values.shape[axis % values.ndim + 1 :]))
    out = np.empty((len(filters), values.size))
    reach = (filters.shape[1] - 1) * step
    sources = _sources(length, reach - centre, centre, border)
    taps = np.ascontiguousarray(filters, dtype=np.float64)
    turned = min(centre, length) if border == "periodic" and step == 1 else 0
    convolve_lines(values.reshape(-1), out, length, inner, sources, taps, step, turned)
    return out.reshape(-1, *values.shape)


@lru_cache(maxsize=64)
def _sources(length, before, after, border):
    """Return which pixel of a line stands at each place of the extended line; -1 for none."""
    places = np.arange(-before, length + after)
    if border == "zero":
        return np.where((places >= 0) & (places < length), places, -1)
    if border == "periodic":
        return places % length
    if border == "nearest":
        return places.clip(0, length - 1)
    turned = places % (2 * length)
    return np.minimum(turned, 2 * length - 1 - turned)


@njit(cache=True, nogil=True)
def convolve_lines(values, out, length, inner, sources, taps, step, turned):
    """Convolve along an axis whose pixels lie `inner` apart in a flat array.

    Parameters
    ----------
    values : ndarray of float64, flat
    out : ndarray of float64, shape (k, values.size)
        Filled with the results.
    length, inner : int
    sources : ndarray of int64, shape (length + (m - 1) * step,)
        Pixel at each place of a line extended at both ends, or -1 for 0.
    taps : ndarray of float64, shape (k, m)
    step : int
    turned : int
        How many pixels at the end of a line take their terms in another order (see `_add_turned`).
    """
    n_lines = values.size // length
    n_filters, n_taps = taps.shape
    reach = (n_taps - 1) * step
    bases = np.empty(LANES, dtype=np.int64)
    line = np.empty((CHUNK + reach) * LANES)
    total = np.empty(CHUNK * LANES)
    for first in range(0, n_lines, LANES):
        lanes = min(LANES, n_lines - first)
        for b in range(LANES):  # lanes beyond the last line repeat it
            number = min(first + b, n_lines - 1)
            bases[b] = (number // inner) * length * inner + number % inner
        for start in range(0, length, CHUNK):
            count = min(CHUNK, length - start)
            for i in range(count + reach):
                source = sources[start + i]
                for b in range(LANES):
                    line[i * LANES + b] = values[bases[b] + source * inner] if source >= 0 else 0.0
            for f in range(n_filters):
                _add_up(line, total, count * LANES, taps[f], step * LANES)
                for i in range(max(start, length - turned), start + count):
                    place = (i - start) * LANES
                    _add_turned(line[place:], total[place : place + LANES], taps[f], i + turned - length)
                for i in range(count):
                    for b in range(lanes):
                        out[f, bases[b] + (start + i) * inner] = total[i * LANES + b]


@njit(cache=True, nogil=True)
def _add_up(line, total, count, taps, step):
    """Sum shifted copies of a line: four at a time, so that the sum is loaded and stored less often.

    Each pixel's terms are added in the order of the coefficients, as PyWavelets does: so flat parts of an
    image have the same rounding errors, and fall into the same bins.
    """
    total[:count] = 0.0
    last = taps.size - 1
    j = 0
    while j + 4 <= taps.size:
        t0, t1, t2, t3 = taps[j], taps[j + 1], taps[j + 2], taps[j + 3]
        x0 = line[(last - j) * step :]
        x1 = line[(last - j - 1) * step :]
        x2 = line[(last - j - 2) * step :]
        x3 = line[(last - j - 3) * step :]
        for i in range(count):
            total[i] = (((total[i] + t0 * x0[i]) + t1 * x1[i]) + t2 * x2[i]) + t3 * x3[i]
        j += 4
    while j < taps.size:
        tap = taps[j]
        shifted = line[(last - j) * step :]
        for i in range(count):
            total[i] += tap * shifted[i]
        j += 1


@njit(cache=True, nogil=True)
def _add_turned(line, total, taps, turn):
    """Sum the terms of a pixel whose filter reaches beyond the end of a periodic line, in PyWavelets' order.

    That is coefficients `turn` to 0, which meet the beginning of the line, then those from ``turn + 1``.
    """
    last = taps.size - 1
    total[:] = 0.0
    for k in range(taps.size):
        j = turn - k if k <= turn else k
        for b in range(total.size):
            total[b] += taps[j] * line[(last - j) * total.size + b]
