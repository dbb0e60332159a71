"""Kernels that find the zones of equal gray level, and how far they are from the border of the region."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["label_zones"]

LANES = 64  # pixels that the processor compares at once


@njit(cache=True, nogil=True)
def root_of(parents, label):
    """Return the root of a label, halving the path to it."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@njit(cache=True, nogil=True)
def join(parents, first, second):
    """Join two sets of labels under the smaller root and return it."""
    first = root_of(parents, first)
    second = root_of(parents, second)
    if first == second:
        return first
    if second < first:
        first, second = second, first
    parents[second] = first
    return first


@njit(cache=True, nogil=True)
def compare_row(levels, here, above, width, alike, new, meets):
    """Compare the pixels of a row with the four neighbours that come before them.

    Fills the bits of `alike` (1: above, 2: above right, 4: left, 8: above left); whether a pixel begins a
    new zone; and whether two zones meet in it: neighbours that touch each other are of one zone already, so
    that only the one above right can bring another, if that above differs.
    """
    if width < LANES:
        compare(levels, here, above, width, alike, new, meets)
        return
    for first in range(0, width, LANES):
        x = min(first, width - LANES)  # a length that is known when this is compiled
        compare(levels, here + x, above + x, LANES, alike[x:], new[x:], meets[x:])


@njit(cache=True, nogil=True, inline="always")
def compare(levels, here, above, n, alike, new, meets):
    """Compare n pixels."""
    one = np.uint8(1)
    own, left = levels[here : here + n], levels[here - 1 : here - 1 + n]
    before, over = levels[above - 1 : above - 1 + n], levels[above : above + n]
    after = levels[above + 1 : above + 1 + n]
    for x in range(n):
        a, b = np.uint8(over[x] == own[x]), np.uint8(after[x] == own[x])
        c, d = np.uint8(left[x] == own[x]), np.uint8(before[x] == own[x])
        alike[x] = a | (b << one) | (c << np.uint8(2)) | (d << np.uint8(3))
        new[x] = (a | b | c | d) ^ one
        meets[x] = b & (a ^ one) & (c | d)


@njit(cache=True, nogil=True)
def label_row(own, alike, new, meets, upper, mine, sizes, of_label, met, n_labels):
    """Label a row without a branch, which could not be foretold; list where zones meet.

    Returns the number of labels and of meetings. `upper` begins one pixel further left than `mine`.
    """
    none, one = np.uint8(0), np.int32(1)
    left, above_left, above = np.int32(0), upper[0], upper[1]
    n_met = np.uint64(0)
    for x in range(own.size):
        same = alike[x]
        above_right = upper[x + 2]
        of_label[np.uint64(n_labels)] = own[x]
        label = above_left if (same & np.uint8(8)) != none else np.int32(n_labels)
        label = left if (same & np.uint8(4)) != none else label
        label = above_right if (same & np.uint8(2)) != none else label
        label = above if (same & np.uint8(1)) != none else label
        n_labels += np.int64(new[x])
        met[n_met] = np.int32(x)
        n_met += np.uint64(meets[x])
        sizes[np.uint64(label)] += one
        mine[x] = label
        left, above_left, above = label, above, above_right
    return n_labels, n_met


@njit(cache=True, nogil=True)
def label_plane(levels, begin, height, width, stride, labels, parents, sizes, of_label, n_labels, work):
    """Label one plane; return the number of labels. What lies outside the region has labels, too: level 0."""
    alike, new, meets = work[0, :width], work[1, :width], work[2, :width]
    met = np.empty(width + 1, dtype=np.int32)
    labels[begin - stride - 1 : begin - stride + width + 1] = 0
    for y in range(height):
        start = begin + y * stride
        above = start - stride
        own = levels[start : start + width]
        compare_row(levels, start, above, width, alike, new, meets)
        for k in range(n_labels, n_labels + width):
            parents[k] = k
            sizes[k] = 0
        labels[start - 1] = labels[start + width] = 0
        n_labels, n_met = label_row(
            own, alike, new, meets, labels[above - 1 : above + width + 1], labels[start : start + width],
            sizes, of_label, met, n_labels,
        )  # fmt: skip
        for k in range(n_met):
            p = start + met[k]
            before = p - 1 if levels[p - 1] == levels[p] else above + met[k] - 1
            join(parents, labels[p], labels[before])
    return n_labels


@njit(cache=True, nogil=True)
def compare_with_slice_before(
    own, left, above_left, above, above_right,
    nw, n, ne, w, centre, e, sw, s, se, touches,
):  # fmt: skip
    """Find which of the nine pixels of the slice before touch a pixel's zone by this pixel first.

    Bits of `touches`, from 1 to 256: north-west, north, north-east, west, east, south-west, south,
    south-east, and the one below itself, which touches all others, so that it stands alone. What a pixel of
    the zone before it (left or above) touches counts no more.
    """
    one = np.uint16(1)
    for x in range(own.size):
        level = own[x]
        by_left, by_above_left = np.uint16(left[x] == level), np.uint16(above_left[x] == level)
        by_above, by_above_right = np.uint16(above[x] == level), np.uint16(above_right[x] == level)
        upper_left = (by_left | by_above | by_above_left) ^ one
        upper_right = (by_above | by_above_right) ^ one
        upper = upper_left & upper_right
        lower_left = by_left ^ one
        beneath = np.uint16(centre[x] == level)
        around = (
            np.uint16(nw[x] == level) & upper_left
            | (np.uint16(n[x] == level) & upper) << np.uint16(1)
            | (np.uint16(ne[x] == level) & upper_right) << np.uint16(2)
            | (np.uint16(w[x] == level) & upper_left) << np.uint16(3)
            | (np.uint16(e[x] == level) & upper_right) << np.uint16(4)
            | (np.uint16(sw[x] == level) & lower_left) << np.uint16(5)
            | (np.uint16(s[x] == level) & lower_left) << np.uint16(6)
            | np.uint16(se[x] == level) << np.uint16(7)
        )
        found = (beneath & upper) << np.uint16(8) if beneath > 0 else around
        touches[x] = found if level > 0 else np.uint16(0)


@njit(cache=True, nogil=True)
def list_nonzero(values, listed):
    """List where values are not 0, without a branch; return how many there are."""
    number = np.uint64(0)
    for x in range(values.size):
        listed[number] = np.int32(x)
        number += np.uint64(values[x] > 0)
    return number


@njit(cache=True, nogil=True)
def join_planes(levels, begin, height, width, stride, plane, labels, parents):
    """Join the labels of a plane with those of equal level in the plane before."""
    touches = np.empty(width, dtype=np.uint16)
    listed = np.empty(width + 1, dtype=np.int32)
    around = np.array([-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1, 0])
    for y in range(height):
        here = begin + y * stride
        up, under = here - stride, here - plane
        north, south = under - stride, under + stride
        compare_with_slice_before(
            levels[here : here + width], levels[here - 1 : here - 1 + width],
            levels[up - 1 : up - 1 + width], levels[up : up + width], levels[up + 1 : up + 1 + width],
            levels[north - 1 : north - 1 + width], levels[north : north + width],
            levels[north + 1 : north + 1 + width], levels[under - 1 : under - 1 + width],
            levels[under : under + width], levels[under + 1 : under + 1 + width],
            levels[south - 1 : south - 1 + width], levels[south : south + width],
            levels[south + 1 : south + 1 + width], touches,
        )  # fmt: skip
        for k in range(list_nonzero(touches, listed)):
            x = listed[k]
            bits = np.int64(touches[x])
            for place in range(9):
                if (bits >> place) & 1:
                    join(parents, labels[here + x], labels[under + x + around[place]])


@njit(cache=True, nogil=True)
def border_distances(levels, stride, plane, deep, distance):
    """Fill the number of steps from each pixel to the nearest one outside the region, through sides alone."""
    far = np.int32(2**30)
    n = levels.size
    for p in range(n):
        distance[p] = 0 if levels[p] == 0 else far
    for p in range(plane if deep else stride, n):
        if levels[p] > 0:
            nearest = min(distance[p - 1], distance[p - stride])
            if deep:
                nearest = min(nearest, distance[p - plane])
            distance[p] = nearest + 1
    for p in range(n - 1 - (plane if deep else stride), -1, -1):
        if levels[p] > 0:
            nearest = min(distance[p + 1], distance[p + stride])
            if deep:
                nearest = min(nearest, distance[p + plane])
            distance[p] = min(distance[p], nearest + 1)


@njit(cache=True, nogil=True)
def box_distances(begin, slices, height, width, stride, plane, deep, distance):
    """Fill the same where all pixels of the image are in the region."""
    for z in range(slices):
        across = min(z + 1, slices - z) if deep else height
        for y in range(height):
            most = np.int32(min(across, y + 1, height - y))
            start = begin + z * plane + y * stride
            row = distance[start : start + width]
            for x in range(width):
                row[x] = min(most, np.int32(x + 1), np.int32(width - x))


@njit(cache=True, nogil=True)
def label_zones(
    positions, body, starts, shapes, pad, pad_slices, deep, levels_out, sizes_out, nearest_out, ends
):
    """Find the zones of image after image."""
    largest = np.diff(starts).max()
    labels = np.empty(largest, dtype=np.int32)
    parents = np.empty(largest + 1, dtype=np.int32)
    sizes = np.empty(largest + 1, dtype=np.int32)
    of_label = np.empty(largest + 1, dtype=np.int32)
    work = np.empty((3, shapes[:, 2].max()), dtype=np.uint8)
    with_distance = nearest_out.size > 0
    distance = np.empty(largest if with_distance else 0, dtype=np.int32)
    nearest = np.empty(largest + 1 if with_distance else 0, dtype=np.int32)
    filled = 0
    for image in range(len(shapes)):
        levels = positions[starts[image] : starts[image + 1]]
        slices, height, width = shapes[image]
        stride = width + 2 * pad
        plane = stride * (height + 2 * pad)
        origin = pad_slices * plane + pad * stride + pad
        parents[0] = sizes[0] = of_label[0] = 0
        n_labels = 1
        for z in range(slices):
            begin = origin + z * plane
            n_labels = label_plane(
                levels, begin, height, width, stride, labels, parents, sizes, of_label, n_labels, work
            )
            if deep and z > 0:
                join_planes(levels, begin, height, width, stride, plane, labels, parents)
        if with_distance:
            around = body[starts[image] : starts[image + 1]]
            if np.count_nonzero(around) == slices * height * width:
                box_distances(origin, slices, height, width, stride, plane, deep, distance)
            else:
                border_distances(around, stride, plane, deep, distance[: levels.size])
            nearest[:n_labels] = 2**30
            for z in range(slices):
                for y in range(height):
                    start = origin + z * plane + y * stride
                    lower(nearest, labels[start : start + width], distance[start : start + width])
        gather_roots(parents[:n_labels], sizes, nearest)
        for label in range(n_labels):
            levels_out[filled] = of_label[label] - 1
            sizes_out[filled] = sizes[label]
            if with_distance:
                nearest_out[filled] = nearest[label]
            filled += parents[label] == label and of_label[label] > 0
        ends[image] = filled


@njit(cache=True, nogil=True)
def lower(nearest, labels, distance):
    """Lower the distance of each label to the least one of its pixels."""
    for p in range(labels.size):
        label = np.uint64(labels[p])
        nearest[label] = min(nearest[label], distance[p])


@njit(cache=True, nogil=True)
def gather_roots(parents, sizes, nearest):
    """Add what was counted for labels that were joined to others to their roots, which come before them."""
    for label in range(parents.size):
        root = parents[parents[label]]
        parents[label] = root
        if root != label:
            sizes[root] += sizes[label]
            if nearest.size > 0:
                nearest[root] = min(nearest[root], nearest[label])
