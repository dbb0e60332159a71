"""Kernels of discretisation: pixel values to bins, and bins to a padded image."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.extremes import extremes, extremes_inside

BY_NUMBER, BY_WIDTH, IBSI_NUMBER, IBSI_WIDTH, NO_BINS = range(5)
BLOCK = 128  # pixels
AT_ONCE = 8192  # pixels


@njit(cache=True, nogil=True)
def region_ranges(values, inside, offsets):
    """Return the smallest and the largest value of each region, float64 arrays of shape (n,)."""
    n = len(offsets) - 1
    lows = np.empty(n)
    highs = np.empty(n)
    for image in range(n):
        part = values[offsets[image] : offsets[image + 1]]
        if inside.size == 0:
            low, high = extremes(part)
            lows[image], highs[image] = low, high
        else:
            within = inside[offsets[image] : offsets[image + 1]]
            lows[image], highs[image] = extremes_inside(part, within)
    return lows, highs


@njit(cache=True, nogil=True)
def are_whole(values):
    """Tell whether all values are whole numbers."""
    for start in range(0, values.size, BLOCK):
        other = np.int64(0)
        for value in values[start : start + BLOCK]:
            other += value != np.floor(value)
        if other > 0:
            return False
    return True


@njit(cache=True, nogil=True)
def equal_edges(low, high, number, edges):
    """Fill ``edges[: number + 1]`` as ``numpy.linspace(low, high, number + 1)``, in the type of `low`."""
    kind = type(low)
    step = kind((high - low) / kind(number))
    for k in range(number + 1):
        edges[k] = kind(kind(k) * step) + low
    edges[number] = high


@njit(cache=True, nogil=True)
def number_edges(low, high, number, edges):
    """Edges of a fixed number of bins; around the value where the region is flat, or as good as flat."""
    equal_edges(low, high, number, edges)
    for k in range(number):
        if not edges[k] < edges[k + 1]:
            half = type(low)(0.5)
            equal_edges(low - half, low + half, number, edges)
            return


@njit(cache=True, nogil=True)
def width_edges(low, high, width, edges):
    """Edges as ``numpy.arange(low - low % width, high + 2 * width, width)`` gives; return the number of bins.

    The last bin has no upper edge, as for ``numpy.digitize``.

    As there, bounds and step are of the type of `low`, and the edges of double precision.
    """
    kind = type(low)
    step = kind(width)
    first = kind(low - kind(low % step))
    stop = kind(high + kind(2 * width))
    number = int(np.ceil(float(kind(kind(stop - first) / step))))
    delta = float(kind(first + step)) - float(first)
    for k in range(number):
        edges[k] = float(first) + k * delta
    edges[number] = np.inf
    return number


@njit(cache=True, nogil=True)
def bin_between(part, edges, number, width, doubt, bins):
    """Put each value into its half-open bin, from 1; the last bin also holds what lies above it.

    The bin is found by a division; only where that may err, for values within `doubt` (in bins) of an inner
    edge, are the edges looked at.
    """
    for start in range(0, part.size, BLOCK):
        block, found = part[start : start + BLOCK], bins[start : start + BLOCK]
        if guess_bins(block, edges[0], 1.0 / width if width > 0 else 0.0, number, doubt, found):
            compare_with_edges(block, edges, number, found)


@njit(cache=True, nogil=True)
def guess_bins(part, first, per_unit, number, doubt, bins):
    """Fill the bins that values would have if edges had no rounding errors; tell whether any is doubtful."""
    doubtful = np.int32(0)
    last = np.int32(number - 1)
    for i in range(part.size):
        place = (float(part[i]) - first) * per_unit
        k = np.int32(place)
        share = place - k
        below = (share < doubt) & (k > 0)
        above = (share > 1.0 - doubt) & (k < last)
        doubtful |= np.int32(below | above)
        bins[i] = np.uint16(min(max(k, np.int32(0)), last) + 1)
    return doubtful > 0


@njit(cache=True, nogil=True)
def compare_with_edges(part, edges, number, bins):
    """Move each value on to the bin whose edges it lies between."""
    for i in range(part.size):
        value = float(part[i])
        k = np.int64(bins[i]) - 1
        while k > 0 and value < edges[k]:
            k -= 1
        while k < number - 1 and value >= edges[k + 1]:
            k += 1
        bins[i] = np.uint16(k + 1)


@njit(cache=True, nogil=True)
def bin_by_number(part, low, high, number, bins):
    """IBSI's formula of a fixed number of bins; the middle one where the region is flat."""
    span = high - low
    if not span > 0:
        bins[:] = number // 2 + 1
        return
    for i in range(part.size):
        k = np.floor(number * (float(part[i]) - low) / span)
        bins[i] = np.uint16(min(max(k, 0.0), number - 1.0)) + 1


@njit(cache=True, nogil=True)
def bin_by_width(part, low, width, bins):
    """IBSI's formula of bins of a fixed width, the first of which starts at `low`."""
    for i in range(part.size):
        bins[i] = np.uint16(np.int64(np.floor((float(part[i]) - low) / width)) + 1)


@njit(cache=True, nogil=True)
def keep_bins(part, bins):
    """Values that are bins."""
    for i in range(part.size):
        bins[i] = np.uint16(part[i])


@njit(cache=True, nogil=True)
def count_bins(bins, occurrences):
    """Count how often each bin occurs, in four tables by turns, so that equal neighbours need not wait."""
    parts = np.zeros((4, occurrences.size), dtype=np.uint32)
    a, b, c, d = parts[0], parts[1], parts[2], parts[3]
    quarter = bins.size // 4
    one = np.uint32(1)
    for i in range(quarter):
        a[bins[i]] += one
        b[bins[i + quarter]] += one
        c[bins[i + 2 * quarter]] += one
        d[bins[i + 3 * quarter]] += one
    for i in range(4 * quarter, bins.size):
        a[bins[i]] += one
    for k in range(occurrences.size):
        occurrences[k] = np.int64(a[k]) + b[k] + c[k] + d[k]


@njit(cache=True, nogil=True)
def bin_image(values, inside, shape, pad, pad_slices, low, high, rule, number, width, start, edges, padded):
    """Write the bins of an image, by one of the rules, inside a border of zeros, some rows at once."""
    slices, rows, columns = shape
    stride = columns + 2 * pad
    number, step, doubt = prepare(values[0], low, high, rule, number, width, edges)
    together = max(1, AT_ONCE // columns)
    room = np.empty(min(together, slices * rows) * columns, dtype=np.uint16)
    for first in range(0, slices * rows, together):
        last = min(first + together, slices * rows)
        part = values[first * columns : last * columns]
        bins = room[: part.size]
        if rule == IBSI_NUMBER:
            bin_by_number(part, low, high, number, bins)
        elif rule == IBSI_WIDTH:
            bin_by_width(part, low if np.isnan(start) else min(start, low), width, bins)
        elif rule == NO_BINS:
            keep_bins(part, bins)
        else:
            bin_between(part, edges, number, step, doubt, bins)
        if inside.size:
            within = inside[first * columns : last * columns]
            for i in range(bins.size):
                bins[i] = bins[i] if within[i] else np.uint16(0)
        for row in range(first, last):
            z, y = row // rows, row % rows
            begin = ((z + pad_slices) * (rows + 2 * pad) + y + pad) * stride + pad
            source = bins[(row - first) * columns : (row - first + 1) * columns]
            target = padded[begin : begin + columns]
            for x in range(columns):
                target[x] = source[x]


@njit(cache=True, nogil=True)
def prepare(value, low, high, rule, number, width, edges):
    """Fill the edges of the bins by the rules of pyradiomics; return how many, how wide and how uncertain.

    `value` has the type of the pixels.
    """
    kind = type(value)
    if rule == BY_NUMBER:
        number_edges(kind(low), kind(high), number, edges)
        step = (edges[number] - edges[0]) / number
    elif rule == BY_WIDTH:
        number = width_edges(kind(low), kind(high), width, edges)
        step = edges[1] - edges[0] if number > 1 else width
    else:
        return number, 0.0, 0.0
    precision = kind(1) - np.nextafter(kind(1), kind(0))
    reach = max(abs(low), abs(high), (number + 1) * step)
    return number, step, min(8 * precision * reach / step, 0.5) if step > 0 else 0.5


@njit(cache=True, nogil=True)
def fill_positions(
    values, inside, offsets, shapes, pad, pad_slices, starts, positions,
    rule, number, width, start, lows, highs, spans, present, counts, n_present,
):  # fmt: skip
    """Discretise image after image into `positions`, `present`, `counts` and `n_present`."""
    most = spans.max()
    edges = np.empty(most + 4)
    occurrences = np.empty(most + 4, dtype=np.int64)
    place = np.empty(most + 4, dtype=positions.dtype)
    filled = 0
    for image in range(len(shapes)):
        part = slice(offsets[image], offsets[image + 1])
        bins = positions[starts[image] : starts[image + 1]]
        bin_image(
            values[part], inside[part], shapes[image], pad, pad_slices, lows[image], highs[image],
            rule, number, width, start, edges, bins,
        )  # fmt: skip
        count_bins(bins, occurrences)
        n = 0
        place[0] = 0
        for k in range(1, occurrences.size):
            if occurrences[k] > 0:
                present[filled + n] = k
                counts[filled + n] = occurrences[k]
                n += 1
                place[k] = n
        n_present[image] = n
        filled += n
        if n > 0 and present[filled - 1] > n:  # some are missing
            for p in range(bins.size):
                bins[p] = place[bins[p]]
