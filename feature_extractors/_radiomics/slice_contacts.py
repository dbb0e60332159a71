"""Kernels that find where zones of a slice touch those of the slice before."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["FIRST", "contacts_of_row", "list_nonzero", "take_over_labels"]

AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1), (0, 0)]  # down, right


def one_of_each_zone(contacts: int) -> int:
    """Leave out contacts that touch an earlier one: they are of one zone, being of one level.

    Examples
    --------
    >>> bin(one_of_each_zone(0b101)), bin(one_of_each_zone(0b111))  # two corners; the side between them, too
    ('0b101', '0b1')
    """
    left = [k for k in range(9) if contacts >> k & 1]
    chosen = 0
    while left:
        zone = [left.pop(0)]
        chosen |= 1 << zone[0]
        for k in zone:
            near = [j for j in left if np.abs(np.subtract(AROUND[j], AROUND[k])).max() == 1]
            left = [j for j in left if j not in near]
            zone += near
    return chosen


ONE_OF_EACH = np.array([one_of_each_zone(contacts) for contacts in range(512)], dtype=np.uint16)
FIRST = np.array([(k & -k).bit_length() - 1 if k else 0 for k in range(512)], dtype=np.uint8)  # lowest bit


@njit(cache=True, nogil=True)
def contacts_of_row(levels, here, stride, plane, width, contacts):
    """Find which of the nine pixels of the slice before touch the zone of each pixel of a row."""
    up, under = here - stride, here - plane
    north, south = under - stride, under + stride
    compare_with_slice_before(
        levels[here : here + width], levels[here - 1 : here - 1 + width],
        levels[up - 1 : up - 1 + width], levels[up : up + width], levels[up + 1 : up + 1 + width],
        levels[north - 1 : north - 1 + width], levels[north : north + width],
        levels[north + 1 : north + 1 + width], levels[under - 1 : under - 1 + width],
        levels[under : under + width], levels[under + 1 : under + 1 + width],
        levels[south - 1 : south - 1 + width], levels[south : south + width],
        levels[south + 1 : south + 1 + width], contacts,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def compare_with_slice_before(
    own, left, above_left, above, above_right,
    nw, n, ne, w, centre, e, sw, s, se, contacts,
):  # fmt: skip
    """Find which of the nine pixels of the slice before touch a pixel's zone by this pixel first.

    Bits of `contacts`, from 1 to 256: north-west, north, north-east, west, east, south-west, south,
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
        contacts[x] = found if level > 0 else np.uint16(0)


@njit(cache=True, nogil=True)
def list_nonzero(values, listed):
    """List where values are not 0, without a branch; return how many there are."""
    number = np.uint64(0)
    for x in range(values.size):
        listed[number] = np.int32(x)
        number += np.uint64(values[x] > 0)
    return number


@njit(cache=True, nogil=True)
def take_over_labels(listed, contacts, labels, under, new, alike, below):
    """Give pixels that would begin a new zone the label of one that they touch in the slice before.

    `under` is, for each of the nine, where the label below the first pixel of the row lies in `labels`; `new`
    the bit of `alike` that is taken from pixels that get a label in `below`. Leaves in `contacts` one of each
    zone that is to be joined, and in `listed` the pixels that have such; returns how many there are.
    """
    number = np.uint64(0)
    for k in range(listed.size):
        x = np.uint64(listed[k])
        zones = ONE_OF_EACH[contacts[x]]
        begins = np.uint32((alike[x] & new) > 0)
        below[x] = labels[np.uint64(under[FIRST[zones]]) + x] & -begins
        alike[x] &= ~new
        zones &= zones - np.uint16(begins)
        contacts[x] = zones
        listed[number] = np.int32(x)
        number += np.uint64(zones > 0)
    return number
