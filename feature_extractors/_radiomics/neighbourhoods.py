"""What surrounds each pixel: dependence matrices, and neighbourhood gray-tone differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["ToneDifferences", "dependence_matrices", "tone_differences"]

CHUNK = 2048  # pixels, as many as the nearest cache holds


@dataclass(frozen=True, kw_only=True, eq=False)
class ToneDifferences:
    """Differences between pixels and the mean of their neighbours, by gray level; flat over n images.

    Attributes
    ----------
    counts : ndarray of int64
        Pixels of each level present that count: all, or those that have a neighbour in the region.
    sums : ndarray of float64
        Sum, over these pixels, of abs(level - mean level of the neighbours).
    present, present_starts : ndarray
        The levels, as in `GrayLevels`.
    """

    counts: np.ndarray
    sums: np.ndarray
    present: np.ndarray
    present_starts: np.ndarray


def dependence_matrices(gray: GrayLevels, offsets: np.ndarray, *, alpha: float = 0) -> SparseMatrices:
    """Count pixels by gray level and the number of pixels that depend on them, themselves included.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded as far as the offsets reach.
    offsets : ndarray of int64, shape (n_offsets, 3)
        Half of the neighbourhood; the opposite steps belong to it, too.
    alpha : float, default=0
        A neighbour depends if its gray level differs by at most this.

    Returns
    -------
    SparseMatrices
        One for each image; columns are 1 + the number of dependent neighbours.
    """
    steps = gray.steps(offsets)
    widest = 2 * len(offsets) + 1
    capacity = np.minimum(gray.n_present * widest, gray.sizes + 1).sum()
    rows = np.empty(capacity, dtype=np.int32)
    columns = np.empty(capacity, dtype=np.int32)
    counts = np.empty(capacity, dtype=np.int64)
    ends = np.empty(len(gray), dtype=np.int64)
    count_dependences(
        gray.positions, gray.starts, gray.margins, steps,
        gray.present, gray.present_starts, float(alpha), rows, columns, counts, ends,
    )  # fmt: skip
    return SparseMatrices.of(rows, columns, counts, ends, gray, 1)


def tone_differences(gray: GrayLevels, offsets: np.ndarray, *, lonely: bool = True) -> ToneDifferences:
    """Sum up, for each gray level, how far pixels are from the mean of their neighbours.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded as far as the offsets reach.
    offsets : ndarray of int64, shape (n_offsets, 3)
        Half of the neighbourhood; the opposite steps belong to it, too.
    lonely : bool, default=True
        Whether a pixel without a neighbour in the region counts, with a difference of 0, as in pyradiomics;
        IBSI leaves it out.
    """
    steps = gray.steps(offsets)
    counts = np.empty(len(gray.present), dtype=np.int64)
    sums = np.empty(len(gray.present), dtype=np.float64)
    small = 2 * len(offsets) * gray.present.max() < 2**15  # then narrow integers hold all sums
    total = np.empty(CHUNK, dtype=np.int16 if small else np.int32)
    as_they_are = np.array_equal(gray.present[gray.present_starts[1:] - 1], gray.n_present)  # none is missing
    tones = gray.positions if as_they_are else np.empty(gray.sizes.max(), dtype=total.dtype)
    sum_differences(
        gray.positions, gray.starts, gray.margins, steps,
        gray.present, gray.present_starts, lonely, as_they_are, tones, total, counts, sums,
    )  # fmt: skip
    return ToneDifferences(counts=counts, sums=sums, present=gray.present, present_starts=gray.present_starts)


@njit(cache=True, nogil=True)
def count_dependences(
    positions, starts, margins, steps, present, present_starts, alpha, rows, columns, counts, ends
):
    """Count image after image; fill the entries of the matrices and where each ends."""
    width = 2 * steps.shape[1] + 1
    table = np.zeros((np.diff(present_starts).max() + 1) * width, dtype=np.int64)
    room, keys = np.empty(CHUNK, dtype=np.uint16), np.empty(CHUNK, dtype=np.uint32)
    filled = 0
    for image in range(margins.size):
        levels = positions[starts[image] : starts[image + 1]]
        tones = present[present_starts[image] : present_starts[image + 1]]
        end = levels.size - margins[image]
        for start in range(margins[image], end, CHUNK):
            n = min(CHUNK, end - start)
            dependent = room[:n]
            if alpha == 0:
                count_equal(levels, start, steps[image], dependent)
            else:
                count_similar(levels, start, steps[image], tones, alpha, dependent)
            make_keys(levels[start : start + n], dependent, width, keys)
            for p in range(n):
                table[keys[p]] += 1
        filled = emit(table, tones.size, width, filled, rows, columns, counts)
        ends[image] = filled


@njit(cache=True, nogil=True)
def make_keys(own, number, width, keys):
    """Fill the cell of a table that each pixel falls into: by level, and by a number of neighbours."""
    for p in range(own.size):
        keys[p] = np.uint32(own[p]) * np.uint32(width) + np.uint32(number[p])


@njit(cache=True, nogil=True)
def count_equal(levels, start, steps, dependent):
    """Count the neighbours of each pixel that have its level."""
    n = dependent.size
    own = levels[start : start + n]
    dependent[:] = 0
    for s in range(2 * steps.size):
        step = steps[s] if s < steps.size else -steps[s - steps.size]
        other = levels[start + step : start + step + n]
        for p in range(n):
            dependent[p] += own[p] == other[p]


@njit(cache=True, nogil=True)
def count_similar(levels, start, steps, tones, alpha, dependent):
    """Count the neighbours of each pixel whose gray level differs by at most alpha."""
    n = dependent.size
    own = levels[start : start + n]
    dependent[:] = 0
    for s in range(2 * steps.size):
        step = steps[s] if s < steps.size else -steps[s - steps.size]
        other = levels[start + step : start + step + n]
        for p in range(n):
            if own[p] > 0 and other[p] > 0:
                dependent[p] += abs(tones[own[p] - 1] - tones[other[p] - 1]) <= alpha


@njit(cache=True, nogil=True)
def emit(table, n_levels, width, filled, rows, columns, counts):
    """Append the entries of a table, and empty it."""
    for i in range(1, n_levels + 1):
        for k in range(width):
            if table[i * width + k] > 0:
                rows[filled] = i - 1
                columns[filled] = k + 1
                counts[filled] = table[i * width + k]
                filled += 1
    table[: (n_levels + 1) * width] = 0
    return filled


@njit(cache=True, nogil=True)
def sum_differences(
    positions,
    starts,
    margins,
    steps,
    present,
    present_starts,
    lonely,
    as_they_are,
    tones,
    total,
    counts,
    sums,
):
    """Sum up image after image; places of levels are the gray levels themselves if none is missing."""
    widest = np.diff(present_starts).max() + 1
    width = 2 * steps.shape[1] + 1
    table = np.empty(widest * width, dtype=np.int64)
    numbers = np.empty(widest * width, dtype=np.uint32)
    tone_of = np.zeros(widest, dtype=tones.dtype)
    around = np.empty_like(total)
    keys = np.empty(CHUNK, dtype=np.uint32)
    for image in range(margins.size):
        levels = positions[starts[image] : starts[image + 1]]
        first = present_starts[image]
        n_levels = present_starts[image + 1] - first
        for i in range(n_levels):
            tone_of[i + 1] = present[first + i]
        if as_they_are:
            own = tones[starts[image] : starts[image + 1]]
        else:
            own = tones[: levels.size]
            look_up(levels, tone_of[: n_levels + 1], own)
        table[: (n_levels + 1) * width] = 0
        numbers[: (n_levels + 1) * width] = 0
        end = levels.size - margins[image]
        for start in range(margins[image], end, CHUNK):
            n = min(CHUNK, end - start)
            add_neighbours(own, start, steps[image], total[:n], around[:n])
            make_keys(levels[start : start + n], around, width, keys)
            take_differences(own[start : start + n], around, total)
            for p in range(n):
                table[keys[p]] += np.int64(total[p])
                numbers[keys[p]] += np.uint32(1)
        fill_sums(
            table, numbers, width, lonely, counts[first : first + n_levels], sums[first : first + n_levels]
        )


@njit(cache=True, nogil=True)
def look_up(levels, tone_of, tones):
    """Fill the gray level of each pixel; 0 outside the region."""
    for p in range(levels.size):
        tones[p] = tone_of[levels[p]]


@njit(cache=True, nogil=True)
def add_neighbours(tones, start, steps, total, around):
    """Add up the gray levels of the neighbours of each pixel, and count those in the region."""
    n = total.size
    total[:] = 0
    around[:] = 0
    for s in range(2 * steps.size):
        step = steps[s] if s < steps.size else -steps[s - steps.size]
        other = tones[start + step : start + step + n]
        for p in range(n):
            total[p] += other[p]
            around[p] += other[p] > 0


@njit(cache=True, nogil=True)
def take_differences(own, around, total):
    """Turn sums of the neighbours into differences from them: from n times the pixel, for n neighbours."""
    kind = total.dtype.type
    for p in range(own.size):
        total[p] = abs(kind(own[p] * around[p]) - total[p])


@njit(cache=True, nogil=True)
def fill_sums(table, numbers, width, lonely, counts, sums):
    """Divide the differences, whole numbers until here, by the number of neighbours."""
    for i in range(counts.size):
        sum_of, count = 0.0, np.int64(0)
        for k in range(1, width):
            count += numbers[(i + 1) * width + k]
            sum_of += table[(i + 1) * width + k] / k
        counts[i] = count + (numbers[(i + 1) * width] if lonely else 0)
        sums[i] = sum_of
