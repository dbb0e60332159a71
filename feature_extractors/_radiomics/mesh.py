"""Surface and volume of a region of voxels, outline and area of one of pixels, and their diameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numba import njit

from feature_extractors._radiomics.mesh_table import cell_triangles

__all__ = ["bounding_box", "contour", "largest_distance", "plane_diameters", "surface", "vertices_on_lines"]


def surface(inside: np.ndarray, spacing: Sequence[float]) -> tuple[float, float]:
    """Compute area and volume of the triangle mesh around a region.

    Each configuration of 2×2×2 voxels has an area; and a volume ``Σ a · (b × c) / 6`` over its triangles,
    which depends on where the cell is: linearly, so that counts and sums of places are enough.

    Parameters
    ----------
    inside : ndarray of bool, shape (D, H, W)
        The region, with a border of voxels outside it.
    spacing : sequence of 3 float
        Size of a voxel in mm.

    Returns
    -------
    area : float
        In mm².
    volume : float
        In mm³.

    Examples
    --------
    >>> area, volume = surface(np.pad(np.ones((1, 1, 1), bool), 1), (1, 1, 1))
    >>> round(area, 4), round(volume, 4)  # an octahedron: 8 triangles of side sqrt(0.5)
    (1.7321, 0.1667)
    """
    counts, places = np.zeros(256, dtype=np.int64), np.zeros((256, 3), dtype=np.int64)
    count_cells(inside, counts, places)
    volumes, normals = _volumes()
    scale = np.asarray(spacing, dtype=float)
    area = counts @ _areas(tuple(scale.tolist()))
    volume = (counts @ volumes + (places * normals).sum()) * scale.prod()
    return float(area), float(volume)


@cache
def _areas(spacing: tuple[float, ...]) -> np.ndarray:
    """Area of each configuration."""
    areas = np.zeros(256)
    for configuration in range(1, 255):
        a, b, c = (cell_triangles(configuration) * spacing).transpose(1, 0, 2)
        areas[configuration] = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    return areas


@cache
def _volumes() -> tuple[np.ndarray, np.ndarray]:
    """Volume of each configuration at the origin, and what is added to it for each step from there."""
    volumes, normals = np.zeros(256), np.zeros((256, 3))
    for configuration in range(1, 255):
        a, b, c = cell_triangles(configuration).transpose(1, 0, 2)
        volumes[configuration] = (a * np.cross(b, c)).sum() / 6
        normals[configuration] = (np.cross(a, b) + np.cross(b, c) + np.cross(c, a)).sum(axis=0) / 6
    return volumes, normals


@njit(cache=True, nogil=True)
def count_cells(inside, counts, places):
    """Count the configurations of 2×2×2 voxels, and add up where they are."""
    slices, height, width = inside.shape
    for z in range(slices - 1):
        for y in range(height - 1):
            a, b = inside[z, y], inside[z, y + 1]
            c, d = inside[z + 1, y], inside[z + 1, y + 1]
            code = 0
            for x in range(width):
                right = int(a[x]) + 4 * int(b[x]) + 16 * int(c[x]) + 64 * int(d[x])
                code = (code >> 1 & 85) + 2 * right
                if x > 0 and 0 < code < 255:
                    counts[code] += 1
                    places[code, 0] += z
                    places[code, 1] += y
                    places[code, 2] += x - 1


def contour(inside: np.ndarray, spacing: Sequence[float]) -> tuple[float, float]:
    """Compute length and area of the outline of a region of pixels, by marching squares.

    Two pixels that only share a corner are apart.

    Parameters
    ----------
    inside : ndarray of bool, shape (H, W)
        The region, with a border of pixels outside it.
    spacing : sequence of 2 float
        Size of a pixel in mm.

    Returns
    -------
    perimeter : float
        In mm.
    area : float
        In mm².

    Examples
    --------
    >>> perimeter, area = contour(np.pad(np.ones((1, 1), bool), 1), (1, 1))
    >>> round(perimeter, 4), area  # a square of side sqrt(0.5)
    (2.8284, 0.5)
    """
    a, b, c, d = (
        inside[y : y + inside.shape[0] - 1, x : x + inside.shape[1] - 1].astype(int)
        for y in (0, 1)
        for x in (0, 1)
    )
    number = a + b + c + d
    across = (number == 2) & (a == d)
    height, width = (float(size) for size in spacing)
    corners = np.isin(number, (1, 3)).sum() + 2 * across.sum()
    straight = (number == 2) & ~across
    perimeter = corners * np.hypot(height, width) / 2
    perimeter += (straight & (a == b)).sum() * width + (straight & (a == c)).sum() * height
    shares = np.array([0, 1, 4, 7, 8]) / 8
    area = (shares[number].sum() - across.sum() / 4) * height * width
    return float(perimeter), float(area)


def vertices_on_lines(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the first and the last vertex of the mesh on each line along the rows, and along the columns.

    Vertices lie between a voxel inside and one outside. All that lies between the first and the last of a
    line is nearer to anything than one of these.

    Parameters
    ----------
    inside : ndarray of bool, shape (D, H, W)
        The region, with a border of voxels outside it.

    Returns
    -------
    along_rows, along_columns : ndarray of int64, shape (n, 3)
        Places (z, y, x) in half voxels.
    """
    slices, height, width = (2 * n for n in inside.shape)
    rows = np.full((slices, height, 2), -1, dtype=np.int64)
    columns = np.full((slices, width, 2), -1, dtype=np.int64)
    mark_vertices(inside, rows, columns)
    listed = []
    for table, along in ((rows, 2), (columns, 1)):
        z, other = np.nonzero(table[..., 0] >= 0)
        ends = table[z, other]
        points = [[z, other, end] if along == 2 else [z, end, other] for end in ends.T]
        listed.append(np.concatenate([np.column_stack(part) for part in points]))
    return listed[0], listed[1]


@njit(cache=True, nogil=True)
def mark_vertices(inside, rows, columns):
    """Keep the first and the last vertex of each line."""
    slices, height, width = inside.shape
    for z in range(slices):
        for y in range(height):
            for x in range(width):
                here = inside[z, y, x]
                if z + 1 < slices and here != inside[z + 1, y, x]:
                    widen(rows[2 * z + 1, 2 * y], 2 * x)
                    widen(columns[2 * z + 1, 2 * x], 2 * y)
                if y + 1 < height and here != inside[z, y + 1, x]:
                    widen(rows[2 * z, 2 * y + 1], 2 * x)
                    widen(columns[2 * z, 2 * x], 2 * y + 1)
                if x + 1 < width and here != inside[z, y, x + 1]:
                    widen(rows[2 * z, 2 * y], 2 * x + 1)
                    widen(columns[2 * z, 2 * x + 1], 2 * y)


@njit(cache=True, nogil=True)
def widen(ends, place):
    """Let a line reach to a place."""
    ends[0] = place if ends[0] < 0 else min(ends[0], place)
    ends[1] = max(ends[1], place)


def bounding_box(points: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the sides in mm of the box around points in half voxels."""
    return np.ptp(points, axis=0) * np.asarray(spacing) / 2


def plane_diameters(points: np.ndarray, axis: int, spacing: Sequence[float]) -> float:
    """Return the largest distance in mm between two points, in half voxels, of one plane across an axis."""
    others = [k for k in range(3) if k != axis]
    order = np.lexsort([points[:, others[1]], points[:, others[0]], points[:, axis]])
    chosen = points[order]
    sizes = np.asarray(spacing, dtype=float)[others] / 2
    return largest_of_planes(chosen[:, axis].copy(), chosen[:, others].copy(), sizes)


@njit(cache=True, nogil=True)
def largest_of_planes(planes, points, sizes):
    """Find the hull of each plane, whose points are sorted, and the largest distance of its corners."""
    best = 0.0
    hull = np.empty(2 * len(points) + 2, dtype=np.int64)
    start = 0
    while start < len(points):
        stop = start
        while stop < len(points) and planes[stop] == planes[start]:
            stop += 1
        number = convex_hull(points[start:stop], hull)
        for i in range(number):
            for j in range(i):
                down = (points[start + hull[i], 0] - points[start + hull[j], 0]) * sizes[0]
                right = (points[start + hull[i], 1] - points[start + hull[j], 1]) * sizes[1]
                best = max(best, down * down + right * right)
        start = stop
    return np.sqrt(best)


@njit(cache=True, nogil=True)
def convex_hull(points, hull):
    """Fill the corners of the convex hull of sorted points (Andrew's monotone chain); return how many."""
    number = 0
    for turn in range(2):
        least = number + 1 if turn else 1
        for k in range(len(points)):
            p = k if turn == 0 else len(points) - 1 - k
            while number > least:
                a, b = points[hull[number - 2]], points[hull[number - 1]]
                c = points[p]
                if (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0:
                    break
                number -= 1
            hull[number] = p
            number += 1
    return number


@njit(cache=True, nogil=True)
def largest_distance(points):
    """Return the largest distance of points of shape (n, 3)."""
    best = 0.0
    for i in range(len(points)):
        for j in range(i):
            total = 0.0
            for k in range(3):
                away = points[i, k] - points[j, k]
                total += away * away
            best = max(best, total)
    return np.sqrt(best)
