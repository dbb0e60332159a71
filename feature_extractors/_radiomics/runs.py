"""Run-length matrices: how long gray levels stay equal along a direction."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["run_length_matrices"]

SHORT = 62  # lengths up to which runs are counted in a table
BITS = 6  # its rows have 2**6 columns
LANES = 128  # pixels that the processor compares at once
BLOCK = 8192  # pixels that are counted at once: what the innermost cache holds
ROOM = 4  # so many times as long as a block and a step is what lengths are kept in
AT_ONCE = 4  # directions that are counted in one pass


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
    capacity = (np.minimum(gray.n_present * SHORT, gray.sizes) + longer).sum() * len(offsets) + 1
    rows = np.empty(capacity, dtype=np.int32)
    columns = np.empty(capacity, dtype=np.int32)
    counts = np.empty(capacity, dtype=np.int64)
    n_matrices = len(gray) * (1 if merge else len(offsets))
    ends = np.empty(n_matrices, dtype=np.int64)
    used = np.empty(len(gray), dtype=np.int64)
    longest = np.uint16 if gray.shapes.max() < 2**16 else np.uint32
    lengths = np.empty((AT_ONCE, ROOM * BLOCK + ROOM * steps.max()), dtype=longest)
    count_runs(
        gray.positions, gray.starts, gray.shapes, gray.pad, gray.pad if gray.deep else 0, gray.margins,
        steps, offsets, gray.n_present, merge, leave_out, lengths, rows, columns, counts, ends, used,
    )  # fmt: skip
    return SparseMatrices.of(
        rows, columns, counts, ends, gray, n_matrices // max(len(gray), 1), directions=used if merge else 1
    )


@njit(cache=True, nogil=True)
def count_runs(
    positions, starts, shapes, pad, pad_slices, margins, steps, offsets, n_present, merge, leave_out,
    lengths, rows, columns, counts, ends, used,
):  # fmt: skip
    """Count image after image; fill the entries of its matrices and where each matrix ends."""
    n_steps = steps.shape[1]
    largest = np.diff(starts).max()
    tables = np.zeros((AT_ONCE, (n_present.max() + 1) << BITS), dtype=np.uint32)
    places = np.empty((AT_ONCE, BLOCK), dtype=np.uint8)
    longer = np.empty((n_steps, largest // SHORT + 1), dtype=np.int64)
    n_longer = np.empty(n_steps, dtype=np.int64)
    crowded = np.empty(n_steps, dtype=np.bool_)
    filled = 0
    matrix = 0
    for image in range(n_present.size):
        levels = positions[starts[image] : starts[image + 1]]
        n, margin = n_present[image], margins[image]
        find_crowded(levels, shapes[image], pad, pad_slices, steps[image], offsets, leave_out, crowded)
        used[image] = crowded.sum()
        n_longer[:] = 0
        for first in range(0, n_steps, AT_ONCE):
            last = min(first + AT_ONCE, n_steps)
            count_together(
                levels, margin, steps[image, first:last], crowded[first:last], lengths, places, tables,
                longer[first:last], n_longer[first:last],
            )  # fmt: skip
            for k in range(last - first):
                if not merge:
                    listed = longer[first + k, : n_longer[first + k]]
                    filled = emit(tables[k], n, listed, filled, rows, columns, counts)
                    ends[matrix] = filled
                    matrix += 1
                    tables[k] = 0
                elif k > 0:
                    tables[0] += tables[k]
                    tables[k] = 0
        if merge:
            listed = np.empty(n_longer.sum(), dtype=np.int64)
            total = 0
            for k in range(n_steps):
                listed[total : total + n_longer[k]] = longer[k, : n_longer[k]]
                total += n_longer[k]
            filled = emit(tables[0], n, listed, filled, rows, columns, counts)
            ends[matrix] = filled
            matrix += 1
            tables[0] = 0


@njit(cache=True, nogil=True)
def count_together(levels, margin, steps, crowded, lengths, places, tables, longer, n_longer):
    """Count the runs along several directions, block of pixels after block.

    `lengths` has, for each direction, those of as many pixels before the block as its step, then those of the
    block itself; when it is full, the last ones are moved to its front.
    """
    n_steps, room = lengths.shape
    begin = np.empty(n_steps, dtype=np.int64)
    for k in range(steps.size):
        lengths[k, : steps[k]] = 0
        begin[k] = steps[k]
    end = levels.size - margin
    for start in range(margin, end, BLOCK):
        n = min(BLOCK, end - start)
        for k in range(steps.size):
            step = steps[k]
            if not crowded[k]:
                places[k, :n] = 0
                continue
            if begin[k] + n > room:
                lengths[k, :step] = lengths[k, begin[k] - step : begin[k]]
                begin[k] = step
            fill_lengths(levels[start - step : start + n], step, lengths[k, begin[k] - step : begin[k] + n])
            now = lengths[k, begin[k] : begin[k] + n]
            if shorten(now, places[k, :n]):
                own, after = levels[start : start + n], levels[start + step : start + step + n]
                n_longer[k] = list_longer(own, after, now, longer[k], n_longer[k])
            begin[k] += n
        count_places(levels[start : start + n], places[: steps.size], tables)


@njit(cache=True, nogil=True)
def fill_lengths(levels, step, lengths):
    """Find which pixel of its run each pixel is, from 1, knowing this of the first ones: as many as the step.

    Works on stretches as long as the step, within which pixels do not depend on each other.
    """
    if step == 1:
        fill_along(levels, lengths)
        return
    for start in range(step, levels.size, step):
        n = min(step, levels.size - start)
        if n < LANES:
            fill_stretch(levels, start, step, n, lengths)
            continue
        for first in range(start, start + n, LANES):  # a number that is known when this is compiled
            fill_stretch(levels, min(first, start + n - LANES), step, LANES, lengths)


@njit(cache=True, nogil=True, inline="always")
def fill_stretch(levels, start, step, n, lengths):
    """Fill n lengths that do not depend on each other."""
    own, before = levels[start : start + n], levels[start - step : start - step + n]
    now, back = lengths[start : start + n], lengths[start - step : start - step + n]
    for p in range(n):
        alike = -np.int32(own[p] == before[p])  # all bits, or none
        now[p] = (np.int32(back[p]) & alike) + np.int32(1)


@njit(cache=True, nogil=True)
def fill_along(levels, lengths):
    """Do the same along a row. A branch could not be foretold."""
    for p in range(1, levels.size):
        lengths[p] = -np.int32(levels[p] == levels[p - 1])  # all bits, or none
    length = np.uint64(lengths[0])
    for p in range(1, levels.size):
        length = (length & np.uint64(lengths[p])) + np.uint64(1)
        lengths[p] = length


@njit(cache=True, nogil=True)
def shorten(lengths, places):
    """Cut lengths at SHORT + 1; return whether any is longer than SHORT."""
    most, longest = np.uint32(SHORT + 1), np.uint32(0)
    for p in range(lengths.size):
        place = min(np.uint32(lengths[p]), most)
        places[p] = place
        longest = max(longest, place)
    return longest > SHORT


@njit(cache=True, nogil=True)
def count_places(levels, places, tables):
    """Count the pixels of each level that are the k-th of their run.

    Runs of exactly k pixels are then those that have a k-th pixel less those that have one more.
    """
    bits, one = np.uint64(BITS), np.uint32(1)
    if len(places) == AT_ONCE:
        t0, t1, t2, t3 = tables[0], tables[1], tables[2], tables[3]
        a, b, c, d = places[0], places[1], places[2], places[3]
        for p in range(levels.size):
            row = np.uint64(levels[p]) << bits
            t0[row | np.uint64(a[p])] += one
            t1[row | np.uint64(b[p])] += one
            t2[row | np.uint64(c[p])] += one
            t3[row | np.uint64(d[p])] += one
        return
    for k in range(len(places)):
        table, a = tables[k], places[k]
        for p in range(levels.size):
            table[(np.uint64(levels[p]) << bits) | np.uint64(a[p])] += one


@njit(cache=True, nogil=True)
def list_longer(own, after, lengths, longer, n_longer):
    """Append level and length of the runs longer than SHORT that end here; return how many are listed."""
    for start in range(0, own.size, LANES):
        stop = min(start + LANES, own.size)
        if stop - start == LANES and not ends_longer(own[start:], after[start:], lengths[start:]):
            continue
        for p in range(start, stop):
            level = own[p]
            if lengths[p] > SHORT and level > 0 and after[p] != level:
                longer[n_longer] = (np.int64(level) << 32) + np.int64(lengths[p])
                n_longer += 1
    return n_longer


@njit(cache=True, nogil=True)
def ends_longer(own, after, lengths):
    """Tell whether some run longer than SHORT ends here; looks at all pixels, without a branch."""
    found = np.uint8(0)
    for p in range(LANES):
        found |= np.uint8(lengths[p] > SHORT) & np.uint8(own[p] != after[p]) & np.uint8(own[p] > 0)
    return found > 0


@njit(cache=True, nogil=True)
def emit(table, n, longer, filled, rows, columns, counts):
    """Append the entries of one matrix."""
    listed = np.sort(longer)
    done = 0
    for i in range(1, n + 1):
        of_level = 0
        while done + of_level < listed.size and listed[done + of_level] >> 32 == i:
            of_level += 1
        for k in range(1, SHORT + 1):
            if table[(i << BITS) + k] == 0:  # then no pixel is a later one of its run
                break
            further = np.int64(table[(i << BITS) + k + 1]) if k < SHORT else of_level
            rows[filled], columns[filled] = i - 1, k
            counts[filled] = np.int64(table[(i << BITS) + k]) - further
            filled += counts[filled] > 0
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
def find_crowded(levels, shape, pad, pad_slices, steps, offsets, leave_out, crowded):
    """Fill along which directions some line holds two pixels of the region; all if none does."""
    for k in range(steps.size):
        crowded[k] = is_crowded(levels, shape, pad, pad_slices, steps[k], offsets[k])
    if not leave_out or not crowded.any():
        crowded[:] = True


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
