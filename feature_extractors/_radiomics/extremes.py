"""Least and greatest value, in lanes beside each other that the processor compares at once."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["extremes", "extremes_inside"]

LANES = 128


@njit(cache=True, nogil=True)
def extremes(values):
    """Return the least and the greatest of finite values, at least one."""
    low, high = np.full(LANES, values[0]), np.full(LANES, values[0])
    whole = values.size // LANES * LANES
    for start in range(0, whole, LANES):
        part = values[start : start + LANES]
        for lane in range(LANES):
            value = part[lane]
            low[lane] = value if value < low[lane] else low[lane]
            high[lane] = value if value > high[lane] else high[lane]
    for i in range(whole, values.size):
        low[0], high[0] = min(low[0], values[i]), max(high[0], values[i])
    return low.min(), high.max()


@njit(cache=True, nogil=True)
def extremes_inside(values, inside):
    """Do the same for the values inside a region; infinite ones if there is none."""
    low, high = np.full(LANES, np.inf), np.full(LANES, -np.inf)
    for start in range(0, values.size, LANES):
        part, within = values[start : start + LANES], inside[start : start + LANES]
        for lane in range(part.size):
            value = float(part[lane])
            low[lane] = value if within[lane] and value < low[lane] else low[lane]
            high[lane] = value if within[lane] and value > high[lane] else high[lane]
    return low.min(), high.max()
