"""Percentiles without sorting: a histogram finds the few bins that hold the wanted ranks."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.extremes import extremes

__all__ = ["percentiles_of"]

BINS = 1024
FEW = 48  # values that are sorted outright
BLOCK = 1 << 16  # values whose bins are kept


def percentiles_of(values: np.ndarray, offsets: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Compute percentiles of several regions, interpolated linearly as :func:`numpy.percentile` does.

    Parameters
    ----------
    values : ndarray of float32 or float64, flat
        Finite values, region after region, none of which is empty.
    offsets : ndarray of int64, shape (n + 1,)
        Where each region begins.
    wanted : ndarray of float64, shape (k,)
        Percentiles, 0 to 100.

    Returns
    -------
    ndarray of float64, shape (n, k)

    Examples
    --------
    >>> percentiles_of(np.array([5.0, 1.0, 2.0, 9.0]), np.array([0, 3, 4]), np.array([50.0, 75.0]))
    array([[2. , 3.5],
           [9. , 9. ]])
    """
    found = np.empty((len(offsets) - 1, len(wanted)))
    compute(values, offsets, wanted, found)
    return found


@njit(cache=True, nogil=True)
def compute(values, offsets, wanted, found):
    """Compute region after region."""
    largest = np.diff(offsets).max()
    bins = np.empty(min(largest, BLOCK), dtype=np.uint16)
    chosen = np.empty(largest, dtype=np.float64)
    spare = np.empty((2, largest), dtype=np.float64)
    counts = np.empty(BINS, dtype=np.int64)
    slots = np.empty(BINS, dtype=np.uint8)
    ranks = np.empty(2 * wanted.size, dtype=np.int64)
    starts = np.empty(2 * wanted.size + 1, dtype=np.int64)
    either = np.empty(2)
    for region in range(offsets.size - 1):
        x = values[offsets[region] : offsets[region + 1]]
        n = x.size
        for k in range(wanted.size):
            ranks[2 * k] = int(np.floor((n - 1) * (wanted[k] / 100.0)))
            ranks[2 * k + 1] = min(ranks[2 * k] + 1, n - 1)
        low, scale = width_of_bins(x)
        count_bins(x, low, scale, bins, counts)
        up_to = np.cumsum(counts)
        places = np.searchsorted(up_to, ranks, side="right")  # the bins that hold the ranks
        gather(x, low, scale, bins, counts, places, slots, starts, chosen)
        for k in range(wanted.size):
            part = (n - 1) * (wanted[k] / 100.0) - ranks[2 * k]
            for r in range(2 * k, 2 * k + 2):
                place = places[r]
                start, m = starts[slots[place] - 1], counts[place]
                spare[0, :m] = chosen[start : start + m]
                either[r - 2 * k] = select(spare[0, :m], ranks[r] - (up_to[place] - m), spare[1])
            found[region, k] = between(either[0], either[1], part)


@njit(cache=True, nogil=True)
def gather(x, low, scale, bins, counts, places, slots, starts, chosen):
    """Collect the values of the bins at some places, bin by bin, in one pass.

    ``slots`` says which place among them a bin has, from 1; ``starts`` where its values begin in `chosen`.
    ``bins`` has those of all values still if they are no more than a block.
    """
    slots[:] = 0
    n_slots, filled = 0, np.int64(0)
    free = np.empty(starts.size, dtype=np.int64)
    for place in places:
        if slots[place] == 0:
            starts[n_slots] = free[n_slots] = filled
            n_slots += 1
            slots[place] = n_slots
            filled += counts[place]
    for start in range(0, x.size, BLOCK):
        block = x[start : start + BLOCK]
        if x.size > BLOCK:
            fill_bins(block, low, scale, bins)
        for i in range(block.size):
            slot = slots[bins[i]]
            if slot > 0:
                chosen[free[slot - 1]] = block[i]
                free[slot - 1] += 1


@njit(cache=True, nogil=True)
def between(lower, upper, part):
    """Interpolate as NumPy does, from the nearer end."""
    step = upper - lower
    return upper - step * (1 - part) if part >= 0.5 else lower + step * part


@njit(cache=True, nogil=True)
def width_of_bins(x):
    """Return where bins of equal width begin, and how many are in a unit: 0 where that cannot be said."""
    least, greatest = extremes(x)
    low = float(least)
    span = float(greatest) - low
    scale = (BINS - 1) / span if span > 0 else 0.0
    return low, scale if np.isfinite(scale) else 0.0


@njit(cache=True, nogil=True)
def fill_bins(x, low, scale, bins):
    """Fill the bin of each value."""
    for i in range(x.size):
        bins[i] = np.uint16((float(x[i]) - low) * scale)


@njit(cache=True, nogil=True)
def count_bins(x, low, scale, bins, counts):
    """Count the values in each bin."""
    counts[:] = 0
    for start in range(0, x.size, BLOCK):
        block = x[start : start + BLOCK]
        fill_bins(block, low, scale, bins)
        for i in range(block.size):
            counts[bins[i]] += 1


@njit(cache=True, nogil=True)
def select(x, rank, spare):
    """Return the value of a rank by narrowing down: at each turn to one of 256 bins of what is left.

    Overwrites `x` and `spare`.
    """
    counts = np.empty(256, dtype=np.int64)
    while x.size > FEW:
        low, high = extremes(x)
        scale = 255 / (high - low) if high > low else 0.0
        if scale == 0.0:
            return low
        if not np.isfinite(scale):
            break
        counts[:] = 0
        for i in range(x.size):
            counts[int((x[i] - low) * scale)] += 1
        k = 0
        while counts[k] <= rank:
            rank -= counts[k]
            k += 1
        if counts[k] == x.size:
            break
        n = 0
        for i in range(x.size):
            if int((x[i] - low) * scale) == k:
                spare[n] = x[i]
                n += 1
        x[:n] = spare[:n]
        x = x[:n]
    return np.sort(x)[rank]
