"""Run-length matrices: how long gray levels stay equal along a direction."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["run_length_matrices"]

SHORT = 62  # lengths up to which runs are counted in a table
BITS = 6  # its rows have 2**6 columns
LANES, WIDE = 64, 256  # pixels that the processor compares at once; so many, four times over
ALONG = 1024  # pixels of a row at once
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
    count_runs(
        gray.positions, gray.starts, gray.shapes, gray.pad, gray.pad if gray.deep else 0, gray.margins,
        steps, offsets, gray.n_present, merge, leave_out, rows, columns, counts, ends, used,
    )  # fmt: skip
    return SparseMatrices.of(
        rows, columns, counts, ends, gray, n_matrices // max(len(gray), 1), directions=used if merge else 1
    )


@njit(cache=True, nogil=True)
def count_runs(
    positions, starts, shapes, pad, pad_slices, margins, steps, offsets, n_present, merge, leave_out,
    rows, columns, counts, ends, used,
):  # fmt: skip
    """Count image after image; fill the entries of its matrices and where each matrix ends."""
    n_steps = steps.shape[1]
    largest = np.diff(starts).max()
    tables = np.zeros((AT_ONCE, (n_present.max() + 1) << BITS), dtype=np.uint32)
    places = np.empty((AT_ONCE, largest), dtype=np.uint8)
    longer = np.empty(n_steps * (largest // SHORT + 1), dtype=np.int64)
    crowded = np.empty(n_steps, dtype=np.bool_)
    filled = 0
    matrix = 0
    for image in range(n_present.size):
        levels = positions[starts[image] : starts[image + 1]]
        n, margin = n_present[image], margins[image]
        find_crowded(levels, shapes[image], pad, pad_slices, steps[image], offsets, leave_out, crowded)
        used[image] = crowded.sum()
        n_longer = 0
        for first in range(0, n_steps, AT_ONCE):
            together = min(AT_ONCE, n_steps - first)
            for k in range(together):
                if crowded[first + k]:
                    fill_places(levels, margin, steps[image, first + k], places[k, : levels.size])
                else:
                    places[k, : levels.size] = 0
            count_places(levels, margin, places[:together], tables)
            for k in range(together):
                n_longer = list_longer(
                    levels, margin, steps[image, first + k], places[k], tables[k], n, longer, n_longer
                )
                if not merge:
                    filled = emit(tables[k], n, longer[:n_longer], filled, rows, columns, counts)
                    ends[matrix] = filled
                    matrix += 1
                    n_longer = 0
                    tables[k] = 0
                elif k > 0:
                    tables[0] += tables[k]
                    tables[k] = 0
        if merge:
            filled = emit(tables[0], n, longer[:n_longer], filled, rows, columns, counts)
            ends[matrix] = filled
            matrix += 1
            tables[0] = 0


@njit(cache=True, nogil=True)
def fill_places(levels, margin, step, place):
    """Find which pixel of its run each pixel is, from 1 to SHORT, beyond which all are SHORT + 1.

    Works on stretches as long as the step, within which pixels do not depend on each other.
    """
    place[:margin] = 0
    end = levels.size - margin
    if step == 1:
        fill_along(levels[margin - 1 : end], place[margin:end])
        return
    for start in range(margin, end, step):
        n = min(step, end - start)
        whole = n // WIDE * WIDE
        fill_stretch(levels, start, step, whole, place)
        if n < LANES:
            fill_stretch(levels, start, step, n, place)
            continue
        for first in range(start + whole, start + n, LANES):
            fill_lanes(levels, min(first, start + n - LANES), step, place)


@njit(cache=True, nogil=True)
def fill_stretch(levels, start, step, n, place):
    """Fill n places that do not depend on each other."""
    one, most = np.uint8(1), np.uint8(SHORT + 1)
    own, before = levels[start : start + n], levels[start - step : start - step + n]
    now, back = place[start : start + n], place[start - step : start - step + n]
    for p in range(n):
        alike = np.uint8(0) - np.uint8(own[p] == before[p])  # all bits, or none
        now[p] = min(np.uint8((back[p] & alike) + one), most)


@njit(cache=True, nogil=True)
def fill_lanes(levels, start, step, place):
    """Fill as many as the processor takes at once: a number that is known when this is compiled."""
    one, most = np.uint8(1), np.uint8(SHORT + 1)
    own, before = levels[start : start + LANES], levels[start - step : start - step + LANES]
    now, back = place[start : start + LANES], place[start - step : start - step + LANES]
    for p in range(LANES):
        alike = np.uint8(0) - np.uint8(own[p] == before[p])
        now[p] = min(np.uint8((back[p] & alike) + one), most)


@njit(cache=True, nogil=True)
def fill_along(levels, place):
    """Do the same along a row; `levels` begins one pixel before `place`. A branch could not be foretold."""
    length, one, most = np.int32(0), np.int32(1), np.int32(SHORT + 1)
    lengths = np.empty(ALONG, dtype=np.int32)
    for first in range(0, place.size, ALONG):
        n = min(ALONG, place.size - first)
        own, before = levels[first + 1 : first + 1 + n], levels[first : first + n]
        for p in range(n):
            lengths[p] = -np.int32(own[p] == before[p])  # all bits, or none
        for p in range(n):
            length = np.int32((length & lengths[p]) + one)
            lengths[p] = length
        now = place[first : first + n]
        for p in range(n):
            now[p] = np.uint8(min(lengths[p], most))


@njit(cache=True, nogil=True)
def count_places(levels, margin, places, tables):
    """Count the pixels of each level that are the k-th of their run.

    Runs of exactly k pixels are then those that have a k-th pixel less those that have one more.
    """
    n = levels.size - 2 * margin
    own = levels[margin : margin + n]
    bits, one = np.uint64(BITS), np.uint32(1)
    if len(places) == AT_ONCE:
        t0, t1, t2, t3 = tables[0], tables[1], tables[2], tables[3]
        a, b = places[0, margin : margin + n], places[1, margin : margin + n]
        c, d = places[2, margin : margin + n], places[3, margin : margin + n]
        for p in range(n):
            row = np.uint64(own[p]) << bits
            t0[row | np.uint64(a[p])] += one
            t1[row | np.uint64(b[p])] += one
            t2[row | np.uint64(c[p])] += one
            t3[row | np.uint64(d[p])] += one
        return
    for k in range(len(places)):
        table, a = tables[k], places[k, margin : margin + n]
        for p in range(n):
            table[(np.uint64(own[p]) << bits) | np.uint64(a[p])] += one


@njit(cache=True, nogil=True)
def list_longer(levels, margin, step, place, table, n_levels, longer, n_longer):
    """Append level and length of the runs longer than SHORT; return how many are listed."""
    any_longer = False
    for i in range(1, n_levels + 1):
        any_longer |= table[(i << BITS) + SHORT + 1] > 0
    if not any_longer:
        return n_longer
    end = levels.size - margin
    for start in range(margin, end, LANES):
        if end - start >= LANES and not ends_longer(levels, start, step, place):
            continue
        for p in range(start, min(start + LANES, end)):
            level = levels[p]
            if place[p] > SHORT and level > 0 and levels[p + step] != level:
                first = p
                while place[first] > SHORT:  # then so many pixels before it are of the same run
                    first -= SHORT * step
                length = (p - first) // step + place[first]
                longer[n_longer] = (np.int64(level) << 32) + length
                n_longer += 1
    return n_longer


@njit(cache=True, nogil=True)
def ends_longer(levels, start, step, place):
    """Tell whether some run longer than SHORT ends here; looks at all pixels, without a branch."""
    own, after = levels[start : start + LANES], levels[start + step : start + step + LANES]
    now = place[start : start + LANES]
    found = np.uint8(0)
    for p in range(LANES):
        found |= np.uint8(now[p] > SHORT) & np.uint8(own[p] != after[p]) & np.uint8(own[p] > 0)
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
