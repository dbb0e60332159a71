"""Zones of equal gray level: size-zone and distance-zone matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.labelling import label_zones
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["Zones", "distance_zone_matrices", "find_zones", "size_zone_matrices"]


SMALL = 64  # up to which zones are counted in a table at least


@dataclass(frozen=True, kw_only=True, eq=False)
class Zones:
    """The zones of n images: connected pixels of one gray level.

    Attributes
    ----------
    levels : ndarray of int32, flat
        Place of each zone's gray level among those present, image after image.
    sizes : ndarray of int32, flat
        Pixels of each zone.
    distances : ndarray of int32, flat
        Least distance of each zone to the outside of the region; empty if not asked for.
    starts : ndarray of int64, shape (n + 1,)
        Where those of each image begin.
    """

    levels: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray
    starts: np.ndarray


def find_zones(
    gray: GrayLevels, *, join_slices: bool = True, distances: bool = False, body: np.ndarray | None = None
) -> Zones:
    """Find connected pixels of equal gray level.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded by one pixel at least.
    join_slices : bool, default=True
        Whether pixels touch those of other slices (26 neighbours) or those of their own alone (8).
    distances : bool, default=False
        Whether to measure how far each zone is from the border of the region: the least number of steps
        between pixels that share a side from a pixel of the zone to one outside, so that a pixel at the
        border has 1 (IBSI 1, section 3.9).
    body : ndarray, flat, optional
        Laid out as the positions of `gray`, and not 0 inside the region that distances are measured in, if
        that is not the one of the zones (IBSI: the morphological mask, before re-segmentation).
    """
    capacity = gray.sizes.sum() + 1
    levels = np.empty(capacity, dtype=np.int32)
    sizes = np.empty(capacity, dtype=np.int32)
    nearest = np.empty(capacity if distances else 0, dtype=np.int32)
    ends = np.empty(len(gray), dtype=np.int64)
    deep = gray.deep and join_slices
    label_zones(
        gray.positions, gray.positions if body is None else body, gray.starts, gray.shapes, gray.pad,
        gray.pad if gray.deep else 0, deep, levels, sizes, nearest, ends,
    )  # fmt: skip
    used = ends[-1] if len(ends) else 0
    return Zones(
        levels=levels[:used],
        sizes=sizes[:used],
        distances=nearest[:used],
        starts=np.concatenate([[0], ends]),
    )


def size_zone_matrices(zones: Zones, gray: GrayLevels) -> SparseMatrices:
    """Count zones by gray level and size, one matrix an image."""
    return _tabulated(zones, zones.sizes, gray)


def distance_zone_matrices(zones: Zones, gray: GrayLevels) -> SparseMatrices:
    """Count zones by gray level and distance to the border of the region, one matrix an image."""
    return _tabulated(zones, zones.distances, gray)


def _tabulated(zones: Zones, quantity: np.ndarray, gray: GrayLevels) -> SparseMatrices:
    rows = np.empty(len(quantity), dtype=np.int32)
    columns = np.empty(len(quantity), dtype=np.int32)
    counts = np.empty(len(quantity), dtype=np.int64)
    ends = np.empty(len(gray), dtype=np.int64)
    most = np.diff(zones.starts).max() // gray.n_present.max()  # a table no larger than the list of zones
    small = min(max(SMALL, most), quantity.max(initial=1))
    tabulate(zones.levels, quantity, zones.starts, gray.n_present, small, rows, columns, counts, ends)
    return SparseMatrices.of(rows, columns, counts, ends, gray, 1)


@njit(cache=True, nogil=True)
def tabulate(levels, quantity, starts, n_present, small, rows, columns, counts, ends):
    """Count zones by level and quantity, image after image, in the order of both."""
    widest = n_present.max()
    table = np.zeros((widest, small + 1), dtype=np.int64)
    large = np.empty(np.diff(starts).max(), dtype=np.int64)
    filled = 0
    for image in range(len(n_present)):
        n_large = 0
        for zone in range(starts[image], starts[image + 1]):
            if quantity[zone] <= small:
                table[levels[zone], quantity[zone]] += 1
            else:
                large[n_large] = (np.int64(levels[zone]) << 32) + quantity[zone]
                n_large += 1
        listed = np.sort(large[:n_large])
        done = 0
        for i in range(n_present[image]):
            for k in range(1, small + 1):
                if table[i, k] > 0:
                    rows[filled] = i
                    columns[filled] = k
                    counts[filled] = table[i, k]
                    table[i, k] = 0
                    filled += 1
            first = done
            while done < n_large and listed[done] >> 32 == i:
                if done > first and listed[done] == listed[done - 1]:
                    counts[filled - 1] += 1
                else:
                    rows[filled] = i
                    columns[filled] = listed[done] & 0xFFFFFFFF
                    counts[filled] = 1
                    filled += 1
                done += 1
        ends[image] = filled
