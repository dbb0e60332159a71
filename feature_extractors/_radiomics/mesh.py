"""Surface and volume of a region of voxels, outline and area of one of pixels, and their diameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numba import njit

from feature_extractors._radiomics.mesh_table import cell_triangles

__all__ = [
    "contour",
    "hull_corners",
    "largest_distance",
    "plane_diameter",
    "surface",
    "triangles_area",
    "vertices_on_lines",
]

# Share of four pixels that lies within the outline, by which of them are inside (bit 2y + x).
SQUARES = np.array([0, 1, 1, 4, 1, 4, 2, 7, 1, 2, 4, 7, 4, 7, 7, 8]) / 8
CORNERS, DIAGONALS, LEVEL, UPRIGHT = [1, 2, 4, 7, 8, 11, 13, 14], [6, 9], [3, 12], [5, 10]


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


@lru_cache
def _areas(spacing: tuple[float, ...]) -> np.ndarray:
    """Area of each configuration."""
    areas = np.zeros(256)
    for configuration in range(1, 255):
        areas[configuration] = triangles_area(cell_triangles(configuration) * spacing)
    return areas


def triangles_area(triangles: np.ndarray) -> float:
    """Return the area of triangles, an array of shape (n, 3, 3): their corners."""
    a, b, c = triangles.transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


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
    counts = np.zeros(16, dtype=np.int64)
    count_squares(inside, counts)
    height, width = (float(size) for size in spacing)
    slants = counts[CORNERS].sum() + 2 * counts[DIAGONALS].sum()
    perimeter = slants * np.hypot(height, width) / 2
    perimeter += counts[LEVEL].sum() * width + counts[UPRIGHT].sum() * height
    return float(perimeter), float(counts @ SQUARES * height * width)


@njit(cache=True, nogil=True)
def count_squares(inside, counts):
    """Count the configurations of 2×2 pixels."""
    height, width = inside.shape
    for y in range(height - 1):
        for x in range(width - 1):
            upper = int(inside[y, x]) + 2 * int(inside[y, x + 1])
            counts[upper + 4 * int(inside[y + 1, x]) + 8 * int(inside[y + 1, x + 1])] += 1


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
    rows : ndarray of int64, shape (2D, 2H, 2)
        First and last place along each row, all in half voxels; -1 where a line has no vertex.
    columns : ndarray of int64, shape (2D, 2W, 2)
        The same along each column.
    """
    slices, height, width = (2 * n for n in inside.shape)
    rows = np.full((slices, height, 2), -1, dtype=np.int64)
    columns = np.full((slices, width, 2), -1, dtype=np.int64)
    mark_vertices(inside, rows, columns)
    return rows, columns


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


def plane_diameter(planes: np.ndarray, sizes: Sequence[float]) -> float:
    """Return the largest distance in mm between two vertices of one plane.

    Parameters
    ----------
    planes : ndarray of int64, shape (n_planes, n_lines, 2)
        First and last vertex of each line of each plane, in half voxels.
    sizes : sequence of 2 float
        Size of a voxel in mm: from line to line, and along a line.
    """
    return float(largest_of_planes(planes, np.asarray(sizes, dtype=float) / 2))


@njit(cache=True, nogil=True)
def largest_of_planes(planes, sizes):
    """Compare the corners of the convex hull of each plane, pair by pair."""
    best = 0.0
    corners = np.empty((2 * planes.shape[1], 2), dtype=np.int64)
    for plane in planes:
        number = corners_of_plane(plane, corners)
        for i in range(number):
            for j in range(i):
                down = (corners[i, 0] - corners[j, 0]) * sizes[0]
                right = (corners[i, 1] - corners[j, 1]) * sizes[1]
                best = max(best, down * down + right * right)
    return np.sqrt(best)


@njit(cache=True, nogil=True)
def hull_corners(planes):
    """Return the corners of the convex hull of each plane, among which are those of the hull of all.

    Parameters
    ----------
    planes : ndarray of int64, shape (n_planes, n_lines, 2)

    Returns
    -------
    ndarray of int64, shape (n, 3)
        Plane, line and place along the line.
    """
    corners = np.empty((2 * planes.shape[1], 2), dtype=np.int64)
    found = np.empty((2 * planes.shape[0] * planes.shape[1], 3), dtype=np.int64)
    total = 0
    for k in range(planes.shape[0]):
        number = corners_of_plane(planes[k], corners)
        found[total : total + number, 0] = k
        found[total : total + number, 1:] = corners[:number]
        total += number
    return found[:total].copy()


@njit(cache=True, nogil=True)
def corners_of_plane(lines, corners):
    """Fill the corners of a convex hull, first of one side and then of the other; return how many.

    Andrew's monotone chain (1979), doi:10.1016/0020-0190(79)90072-3: lines are in order already.
    """
    number = 0
    for side in range(2):
        start, outwards = number, 2 * side - 1
        for line in range(lines.shape[0]):
            place = lines[line, side]
            if place < 0:
                continue
            while number - start > 1:
                a, b = corners[number - 2], corners[number - 1]
                turn = (b[1] - a[1]) * (line - a[0]) - (b[0] - a[0]) * (place - a[1])
                if outwards * turn > 0:
                    break
                number -= 1
            corners[number, 0], corners[number, 1] = line, place
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
