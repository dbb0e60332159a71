"""Local binary patterns, row by row, by the arithmetic of scikit-image, operation by operation."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["binary_patterns", "circle", "uniform_codes"]


def circle(n_points: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a circle, down and to the right of its centre, rounded as in scikit-image."""
    angles = 2 * np.pi * np.arange(n_points, dtype=np.float64) / n_points
    return np.round(-radius * np.sin(angles), 5), np.round(radius * np.cos(angles), 5)


def binary_patterns(values: np.ndarray, n_points: int, radius: float) -> tuple[np.ndarray, int]:
    """Compute the pattern of each pixel whose circle lies inside the image.

    Parameters
    ----------
    values : ndarray of float64, shape (H, W)
    n_points : int
        Points on the circle, up to 32.
    radius : float
        In pixels.

    Returns
    -------
    patterns : ndarray of uint32, shape (H, W)
        Bit i is set if point i is at least as bright as the pixel; 0 within `margin` of the edges.
    margin : int
        How far the circle reaches, in pixels.
    """
    down, right = circle(n_points, radius)
    margin = int(np.ceil(max(np.abs(down).max(), np.abs(right).max())))
    patterns = np.zeros(values.shape, dtype=np.uint32)
    if min(values.shape) > 2 * margin:
        columns = np.arange(values.shape[1], dtype=np.float64)[np.newaxis] + right[:, np.newaxis]
        fill_patterns(values, down, right, columns - np.floor(columns), margin, patterns)
    return patterns, margin


@njit(cache=True, nogil=True)
def fill_patterns(values, down, right, parts, margin, patterns):
    """Compare, row by row, all pixels with each point of their circles."""
    height, width = values.shape
    n = width - 2 * margin
    for y in range(margin, height - margin):
        own = values[y, margin : margin + n]
        row = patterns[y, margin : margin + n]
        for i in range(down.size):
            place = y + down[i]
            upper, lower = values[int(np.floor(place))], values[int(np.ceil(place))]
            left, beyond = margin + int(np.floor(right[i])), margin + int(np.ceil(right[i]))
            compare(
                own, upper[left : left + n], upper[beyond : beyond + n], lower[left : left + n],
                lower[beyond : beyond + n], place - np.floor(place), parts[i, margin : margin + n],
                np.uint32(1 << i), row,
            )  # fmt: skip


@njit(cache=True, nogil=True)
def compare(own, top_left, top_right, bottom_left, bottom_right, part_down, part_right, bit, row):
    """Interpolate one point of each circle, and set its bit where it is at least as bright as the centre."""
    for x in range(own.size):
        top = (1 - part_right[x]) * top_left[x] + part_right[x] * top_right[x]
        bottom = (1 - part_right[x]) * bottom_left[x] + part_right[x] * bottom_right[x]
        value = (1 - part_down) * top + part_down * bottom
        row[x] |= bit if value - own[x] >= 0 else np.uint32(0)


@njit(cache=True, nogil=True)
def uniform_codes(patterns, n_points, variant, codes):
    """Fill the numbers that scikit-image gives to patterns: those of at most two changes first.

    They are numbered by their ones and, if `variant` to rotation, by where the ones begin.

    Parameters
    ----------
    patterns : ndarray of uint32, flat
    n_points : int
    variant : bool
    codes : ndarray of int32, flat
        Filled.
    """
    for p in range(patterns.size):
        pattern = patterns[p]
        ones, changes, first_one, first_zero = 0, 0, -1, -1
        for i in range(n_points):
            bit = (pattern >> np.uint32(i)) & np.uint32(1)
            if i + 1 < n_points:
                changes += bit != (pattern >> np.uint32(i + 1)) & np.uint32(1)
            ones += bit
            if bit and first_one < 0:
                first_one = i
            if not bit and first_zero < 0:
                first_zero = i
        if not variant:
            codes[p] = ones if changes <= 2 else n_points + 1
        elif changes > 2:
            codes[p] = n_points * (n_points - 1) + 2
        elif ones == 0:
            codes[p] = 0
        elif ones == n_points:
            codes[p] = n_points * (n_points - 1) + 1
        else:
            turned = ones - first_zero if first_one == 0 else n_points - first_one
            codes[p] = 1 + (ones - 1) * n_points + turned
