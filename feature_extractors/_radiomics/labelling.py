"""Kernels that find the zones of equal gray level, and how far they are from the border of the region."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.border_distances import box_distances, region_distances
from feature_extractors._radiomics.slice_contacts import (
    AROUND,
    FIRST,
    contacts_of_row,
    list_nonzero,
    take_over_labels,
)

__all__ = ["label_zones"]

LANES = 64  # pixels that the processor compares at once
NOWHERE, OUTSIDE = 0, 1  # labels: of no pixel; of the padding and what touches it of level 0
ABOVE, ABOVE_RIGHT, LEFT, ABOVE_LEFT, NEW, MEETS = (1 << k for k in range(6))  # bits of `alike`
DOWN, RIGHT = (np.array(steps) for steps in zip(*AROUND, strict=True))


@njit(cache=True, nogil=True)
def root_of(parents, label):
    """Return the root of a label, halving the path to it."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@njit(cache=True, nogil=True)
def join(parents, first, second):
    """Join two sets of labels under the smaller root."""
    if parents[first] == parents[second]:
        return
    first = root_of(parents, first)
    second = root_of(parents, second)
    parents[max(first, second)] = min(first, second)


@njit(cache=True, nogil=True)
def compare_row(levels, here, above, width, alike, stay):
    """Compare the pixels of a row with the four neighbours that come before them.

    Fills the bits of `alike`: which are of the same level; whether a pixel begins a new zone; and whether two
    zones meet in it: neighbours that touch each other are of one zone already, so that only the one above
    right can bring another, if that above differs. `stay` is -1 where the one to the left is of its level.
    """
    if width < LANES:
        compare(levels, here, above, width, alike, stay)
        return
    for first in range(0, width, LANES):
        x = min(first, width - LANES)  # a length that is known when this is compiled
        compare(levels, here + x, above + x, LANES, alike[x:], stay[x:])


@njit(cache=True, nogil=True, inline="always")
def compare(levels, here, above, n, alike, stay):
    """Compare n pixels."""
    one = np.uint8(1)
    own, left = levels[here : here + n], levels[here - 1 : here - 1 + n]
    before, over = levels[above - 1 : above - 1 + n], levels[above : above + n]
    after = levels[above + 1 : above + 1 + n]
    for x in range(n):
        a, b = np.uint8(over[x] == own[x]), np.uint8(after[x] == own[x])
        c, d = np.uint8(left[x] == own[x]), np.uint8(before[x] == own[x])
        new = (a | b | c | d) ^ one
        meets = b & (a ^ one) & (c | d)
        same = a | (b << one) | (c << np.uint8(2)) | (d << np.uint8(3))
        alike[x] = same | (new << np.uint8(4)) | (meets << np.uint8(5))
        stay[x] = -np.int8(c)


@njit(cache=True, nogil=True)
def label_row(own, alike, stay, below, upper, mine, table, met, n_labels):
    """Label a row without a branch, which could not be foretold; list where zones meet.

    `below` has labels taken over from the slice before, or is None. `upper` begins one pixel further left
    than `mine`. `table` has the level (upper half) and the size (lower half) of each label; the size of the
    zone at hand is kept along, since to read what was just written is to wait. Returns the number of labels
    and of meetings.
    """
    n_labels, n_met = np.uint64(n_labels), np.uint64(0)
    left, above_left, above = np.uint64(OUTSIDE), np.uint64(upper[0]), np.uint64(upper[1])
    size = table[OUTSIDE]
    for x in range(own.size):
        same = np.uint64(alike[x])
        above_right = np.uint64(upper[x + 2])
        table[n_labels] = np.int64(own[x]) << 32
        other = n_labels
        if below is not None:
            other = np.uint64(below[x])
            other = n_labels if other == NOWHERE else other
        other = above_left if (same & np.uint64(ABOVE_LEFT)) != 0 else other
        other = above_right if (same & np.uint64(ABOVE_RIGHT)) != 0 else other
        other = above if (same & np.uint64(ABOVE)) != 0 else other
        keep = np.int64(stay[x])  # a mask that is read, not computed: else it would become a branch
        known = table[other & ~np.uint64(keep)]
        left = (left & np.uint64(keep)) | (other & ~np.uint64(keep))
        size = ((size & keep) | (known & ~keep)) + 1
        table[left] = size
        n_labels += (same // np.uint64(NEW)) & np.uint64(1)
        met[n_met] = np.uint32(x)
        n_met += same // np.uint64(MEETS)
        mine[x] = left
        above_left, above = above, above_right
    return np.int64(n_labels), np.int64(n_met)


@njit(cache=True, nogil=True)
def begin_sets(parents, known, n_labels):
    """Begin a set of its own for each new label."""
    for label in range(known, n_labels):
        parents[label] = label


@njit(cache=True, nogil=True)
def join_along_row(met, alike, upper, row, parents):
    """Join the zones that meet in pixels of a row; both rows of labels begin one pixel further left."""
    for k in range(met.size):
        x = np.int64(met[k])
        before = row[x] if alike[x] & LEFT else upper[x]
        join(parents, upper[x + 2], before)


@njit(cache=True, nogil=True)
def join_with_slice_before(listed, contacts, labels, under, mine, parents):
    """Join the zones that touch in pixels of a row and below them."""
    for k in range(listed.size):
        x = listed[k]
        zones = contacts[x]
        while zones > 0:
            join(parents, mine[x], labels[under[FIRST[zones]] + x])
            zones &= zones - np.uint16(1)


@njit(cache=True, nogil=True)
def label_image(levels, origin, shape, stride, plane, deep, labels, around, parents, table, nearest):
    """Label an image; return the number of labels. What lies outside the region has labels, too: level 0.

    `labels` keeps the rows that are needed still, two of them or (deep) two slices, after a first one that is
    outside. `nearest` has the least distance of each label to the border, if it is asked for; `around` the
    distances of pixels, or nothing where all are in the region.
    """
    slices, height, width = shape
    alike, stay = np.empty(width, dtype=np.uint8), np.empty(width, dtype=np.int8)
    below, met = np.empty(width, dtype=np.uint32), np.empty(width + 1, dtype=np.uint32)
    contacts, listed = np.empty(width, dtype=np.uint16), np.empty(width + 1, dtype=np.int32)
    of_row = np.empty(width, dtype=np.int32)
    tallest, flat = labels.shape[0] // 2, labels.ravel()
    kept = labels.shape[1]
    table[NOWHERE] = table[OUTSIDE] = 0
    parents[NOWHERE], parents[OUTSIDE] = NOWHERE, OUTSIDE
    n_labels = OUTSIDE + 1
    for z in range(slices):
        for y in range(height):
            start = origin + z * plane + y * stride
            own = levels[start : start + width]
            compare_row(levels, start, start - stride, width, alike, stay)
            row = 1 + ((z % 2) * tallest + y if deep else y % 2)
            upper = labels[0 if y == 0 else row - 1 if deep else 2 - y % 2]
            mine = labels[row, 1 : width + 1]
            labels[row, width + 1] = OUTSIDE
            known = n_labels
            if deep and z > 0:
                under = (1 + (1 - z % 2) * tallest + y + DOWN) * kept + 1 + RIGHT
                contacts_of_row(levels, start, stride, plane, width, contacts)
                below[:] = NOWHERE
                n = list_nonzero(contacts, listed)
                n = take_over_labels(listed[:n], contacts, flat, under, np.uint8(NEW), alike, below)
                n_labels, n_met = label_row(own, alike, stay, below, upper, mine, table, met, n_labels)
                begin_sets(parents, known, n_labels)
                join_with_slice_before(listed[:n], contacts, flat, under, mine, parents)
            else:
                n_labels, n_met = label_row(own, alike, stay, None, upper, mine, table, met, n_labels)
                begin_sets(parents, known, n_labels)
            join_along_row(met[:n_met], alike, upper, labels[row], parents)
            if nearest.size > 0:
                nearest[known:n_labels] = 2**30
                if around.size > 0:
                    lower(nearest, mine, around[start : start + width])
                else:
                    across = min(z + 1, slices - z) if deep else height
                    box_distances(min(across, y + 1, height - y), of_row)
                    lower(nearest, mine, of_row)
    return n_labels


@njit(cache=True, nogil=True)
def label_zones(
    positions, body, starts, shapes, pad, pad_slices, deep, levels_out, sizes_out, nearest_out, ends
):
    """Find the zones of image after image."""
    largest = np.diff(starts).max()
    rows = 2 * shapes[:, 1].max() if deep else 2
    labels = np.full((1 + rows, shapes[:, 2].max() + 2), OUTSIDE, dtype=np.uint32)
    parents = np.empty(largest + 2, dtype=np.uint32)
    table = np.empty(largest + 2, dtype=np.int64)
    with_distance = nearest_out.size > 0
    nearest = np.empty(largest + 2 if with_distance else 0, dtype=np.int32)
    around = np.empty(0, dtype=np.int32)
    filled = 0
    for image in range(len(shapes)):
        levels = positions[starts[image] : starts[image + 1]]
        slices, height, width = shapes[image]
        stride = width + 2 * pad
        plane = stride * (height + 2 * pad)
        origin = pad_slices * plane + pad * stride + pad
        if with_distance:
            region = body[starts[image] : starts[image + 1]]
            whole = np.count_nonzero(region) == slices * height * width
            around = np.empty(0 if whole else levels.size, dtype=np.int32)
            if not whole:
                region_distances(region, stride, plane, deep, around)
        n_labels = label_image(
            levels, origin, shapes[image], stride, plane, deep, labels, around, parents, table, nearest
        )
        gather_roots(parents[:n_labels], table, nearest)
        for label in range(OUTSIDE, n_labels):
            level = table[label] >> 32
            levels_out[filled] = level - 1
            sizes_out[filled] = table[label] & 0xFFFFFFFF
            if with_distance:
                nearest_out[filled] = nearest[label]
            filled += parents[label] == label and level > 0
        ends[image] = filled


@njit(cache=True, nogil=True)
def lower(nearest, labels, distance):
    """Lower the distance of each label to the least one of its pixels."""
    for p in range(labels.size):
        label = np.uint64(labels[p])
        nearest[label] = min(nearest[label], distance[p])


@njit(cache=True, nogil=True)
def gather_roots(parents, table, nearest):
    """Add what was counted for labels that were joined to others to their roots, which come before them."""
    for label in range(parents.size):
        root = parents[parents[label]]
        parents[label] = root
        if root != label:
            table[root] += table[label] & 0xFFFFFFFF
            if nearest.size > 0:
                nearest[root] = min(nearest[root], nearest[label])
