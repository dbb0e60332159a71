"""Run-length matrices: how long gray levels stay equal along a direction."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["run_length_matrices"]

SHORT = 24  # lengths up to which runs are counted in a table


def run_length_matrices(
    gray: GrayLevels, offsets: np.ndarray, *, merge: bool = False, leave_out: bool = True
) -> SparseMatrices:
    """Count runs by gray level and length.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded as far as the offsets reach.
    offsets : ndarray of int64, shape (n_offsets, 3)
        Directions: steps (slices, down, right) to the next pixel of a run.
    merge : bool, default=False
        Whether the runs of all directions are counted in one matrix.
    leave_out : bool, default=True
        Whether a direction in which no line holds two pixels of the region is left out, as in pyradiomics,
        unless that is so in all (a single pixel); IBSI counts it.

    Returns
    -------
    SparseMatrices
        One for each image and direction (or image); columns are lengths; without entries for a direction
        that is left out.
    """
    steps = gray.steps(offsets)
    longer = gray.sizes // SHORT + 1  # so many runs beyond the table at most
    capacity = (gray.n_present * SHORT + longer).sum() * len(offsets)
    rows = np.empty(capacity, dtype=np.int32)
    columns = np.empty(capacity, dtype=np.int32)
    counts = np.empty(capacity, dtype=np.int64)
    n_matrices = len(gray) * (1 if merge else len(offsets))
    ends = np.empty(n_matrices, dtype=np.int64)
    used = np.empty(len(gray), dtype=np.int64)
    place = np.zeros(gray.sizes.max(), dtype=np.uint16 if gray.shapes.max() < 2**16 else np.uint32)
    count_runs(
        gray.positions, gray.starts, gray.shapes, gray.pad, gray.pad if gray.deep else 0, gray.margins,
        steps, offsets, gray.n_present, merge, leave_out, SHORT, place, rows, columns, counts, ends, used,
    )  # fmt: skip
    return SparseMatrices.of(
        rows, columns, counts, ends, gray, n_matrices // max(len(gray), 1), directions=used if merge else 1
    )


@njit(cache=True, nogil=True)
def count_runs(
    positions, starts, shapes, pad, pad_slices, margins, steps, offsets, n_present, merge, leave_out, short,
    place, rows, columns, counts, ends, used,
):  # fmt: skip
    """Count image after image; fill the entries of its matrices and where each matrix ends."""
    n_steps = steps.shape[1]
    largest = np.diff(starts).max()
    width = short + 2
    table = np.zeros((n_present.max() + 1) * width, dtype=np.uint32)
    longer = np.empty(n_steps * (largest // short + 1), dtype=np.int64)
    crowded = np.empty(n_steps, dtype=np.bool_)
    filled = 0
    matrix = 0
    for image in range(n_present.size):
        levels = positions[starts[image] : starts[image + 1]]
        n = n_present[image]
        for k in range(n_steps):
            crowded[k] = is_crowded(levels, shapes[image], pad, pad_slices, steps[image, k], offsets[k])
        if not leave_out or not crowded.any():
            crowded[:] = True
        used[image] = crowded.sum()
        n_longer = 0
        for k in range(n_steps):
            if crowded[k]:
                fill_places(levels, margins[image], steps[image, k], place[: levels.size])
                n_longer = count_places(
                    levels, margins[image], steps[image, k], place, short, table, longer, n_longer
                )
            if not merge or k == n_steps - 1:
                filled = emit(table, n, short, longer[:n_longer], filled, rows, columns, counts)
                ends[matrix] = filled
                matrix += 1
                table[: (n + 1) * width] = 0
                n_longer = 0


@njit(cache=True, nogil=True)
def fill_places(levels, margin, step, place):
    """Find which pixel of its run, the first being 1, each pixel is: one more than the one before it.

    Works on stretches as long as the step, within which pixels do not depend on each other.
    """
    kind = place.dtype.type
    one = kind(1)
    place[:margin] = 0
    end = levels.size - margin
    if step == 1:
        run, last = kind(0), levels[margin - 1]
        for p in range(margin, end):
            run = kind(run + one) if levels[p] == last else one
            last = levels[p]
            place[p] = run
        return
    for start in range(margin, end, step):
        n = min(step, end - start)
        own, before = levels[start : start + n], levels[start - step : start - step + n]
        now, back = place[start : start + n], place[start - step : start - step + n]
        for p in range(n):
            now[p] = kind(back[p] + one) if own[p] == before[p] else one


@njit(cache=True, nogil=True)
def add_places(own, now, width, most, table):
    """Count in four tables by turns, so that equal neighbours do not wait for each other's count."""
    if own.size < 16 * table.size:  # more tables would cost more than they save
        for p in range(own.size):
            table[np.uint64(own[p]) * width + np.uint64(min(now[p], most))] += np.uint32(1)
        return
    parts = np.zeros((3, table.size), dtype=np.uint32)
    second, third, fourth = parts[0], parts[1], parts[2]
    one = np.uint32(1)
    quarter = own.size // 4
    a, b, c, d = (
        own[:quarter], own[quarter : 2 * quarter], own[2 * quarter : 3 * quarter], own[3 * quarter :]
    )  # fmt: skip
    i, j, k, m = (
        now[:quarter], now[quarter : 2 * quarter], now[2 * quarter : 3 * quarter], now[3 * quarter :]
    )  # fmt: skip
    for p in range(quarter):
        table[np.uint64(a[p]) * width + np.uint64(min(i[p], most))] += one
        second[np.uint64(b[p]) * width + np.uint64(min(j[p], most))] += one
        third[np.uint64(c[p]) * width + np.uint64(min(k[p], most))] += one
        fourth[np.uint64(d[p]) * width + np.uint64(min(m[p], most))] += one
    for p in range(quarter, d.size):
        table[np.uint64(d[p]) * width + np.uint64(min(m[p], most))] += one
    for p in range(table.size):
        table[p] += second[p] + third[p] + fourth[p]


@njit(cache=True, nogil=True)
def count_places(levels, margin, step, place, short, table, longer, n_longer):
    """Count the pixels that are the k-th of their run; list the runs longer than `short`.

    Runs of exactly k pixels are then those that have a k-th pixel less those that have one more.
    """
    n = levels.size - 2 * margin
    own, now = levels[margin : margin + n], place[margin : margin + n]
    width, most = np.uint64(short + 2), place.dtype.type(short + 1)
    add_places(own, now, width, most, table)
    any_longer = False
    for i in range(1, table.size // (short + 2)):
        any_longer |= table[i * (short + 2) + short + 1] > 0
    if any_longer:
        after = levels[margin + step : margin + step + n]
        for p in range(n):
            if now[p] > short and own[p] > 0 and after[p] != own[p]:
                longer[n_longer] = (np.int64(own[p]) << 32) + np.int64(now[p])
                n_longer += 1
    return n_longer


@njit(cache=True, nogil=True)
def emit(table, n, short, longer, filled, rows, columns, counts):
    """Append the entries of one matrix."""
    width = short + 2
    listed = np.sort(longer)
    done = 0
    for i in range(1, n + 1):
        of_level = 0
        while done + of_level < listed.size and listed[done + of_level] >> 32 == i:
            of_level += 1
        for k in range(1, short + 1):
            further = np.int64(table[i * width + k + 1]) if k < short else of_level
            count = np.int64(table[i * width + k]) - further
            if count > 0:
                rows[filled] = i - 1
                columns[filled] = k
                counts[filled] = count
                filled += 1
        for place in range(done, done + of_level):
            length = listed[place] & 0xFFFFFFFF
            if place > done and listed[place] == listed[place - 1]:
                counts[filled - 1] += 1
            else:
                rows[filled] = i - 1
                columns[filled] = length
                counts[filled] = 1
                filled += 1
        done += of_level
    return filled


@njit(cache=True, nogil=True)
def is_crowded(levels, shape, pad, pad_slices, step, offset):
    """Tell whether some line along a direction holds two pixels of the region."""
    for p in range(levels.size - step):
        if levels[p] > 0 and levels[p + step] > 0:
            return True
    slices, height, columns = shape  # no neighbours: look further along the line of each pixel
    stride = columns + 2 * pad
    for z in range(slices):
        for y in range(height):
            begin = ((z + pad_slices) * (height + 2 * pad) + y + pad) * stride + pad
            for x in range(columns):
                if levels[begin + x] > 0 and meets_another(levels, shape, begin + x, step, offset, z, y, x):
                    return True
    return False


@njit(cache=True, nogil=True)
def meets_another(levels, shape, p, step, offset, z, y, x):
    """Tell whether a line that leaves a pixel meets another one of the region."""
    slices, height, columns = shape
    z, y, x, p = z + offset[0], y + offset[1], x + offset[2], p + step
    while 0 <= z < slices and 0 <= y < height and 0 <= x < columns:
        if levels[p] > 0:
            return True
        z, y, x, p = z + offset[0], y + offset[1], x + offset[2], p + step
    return False
