"""Shape of a region: size, surface, diameters and axes; formulas are in the extractors `Shape`, `Shape2D`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import ConvexHull
from scipy.special import eval_legendre

from feature_extractors._radiomics.mesh import (
    contour,
    hull_corners,
    largest_distance,
    plane_diameter,
    surface,
    triangles_area,
    vertices_on_lines,
)
from feature_extractors._radiomics.principal_axes import principal_axes

__all__ = ["IBSI_SHAPE", "SHAPE", "SHAPE_2D", "shape_2d_features", "shape_features"]

SHAPE_2D = (
    "elongation",
    "major_axis_length",
    "maximum_diameter",
    "mesh_surface",
    "minor_axis_length",
    "perimeter",
    "perimeter_surface_ratio",
    "pixel_surface",
    "sphericity",
)
SHAPE = (
    "elongation",
    "flatness",
    "least_axis_length",
    "major_axis_length",
    "maximum_2d_diameter_column",
    "maximum_2d_diameter_row",
    "maximum_2d_diameter_slice",
    "maximum_3d_diameter",
    "mesh_volume",
    "minor_axis_length",
    "sphericity",
    "surface_area",
    "surface_volume_ratio",
    "voxel_volume",
)
IBSI_SHAPE = (
    "area_density_aligned_box",
    "area_density_convex_hull",
    "area_density_ellipsoid",
    "asphericity",
    "centre_of_mass_shift",
    "compactness_1",
    "compactness_2",
    "elongation",
    "flatness",
    "integrated_intensity",
    "least_axis_length",
    "major_axis_length",
    "maximum_3d_diameter",
    "mesh_volume",
    "minor_axis_length",
    "spherical_disproportion",
    "sphericity",
    "surface_area",
    "surface_volume_ratio",
    "volume_density_aligned_box",
    "volume_density_convex_hull",
    "volume_density_ellipsoid",
    "voxel_volume",
)
LEGENDRE = 20  # terms of the series for the area of an ellipsoid, as many as IBSI asks for


def shape_2d_features(inside: np.ndarray, spacing: Sequence[float] | None = None) -> np.ndarray:
    """Compute the features of a region of pixels.

    Parameters
    ----------
    inside : ndarray of bool, shape (H, W)
    spacing : sequence of 2 float, optional
        Size of a pixel in mm, 1 by default.

    Returns
    -------
    ndarray of float64, shape (9,)
        In the order of ``SHAPE_2D``.
    """
    inside = np.pad(inside[_box(inside)], 1)
    sizes = _sizes(spacing, 2)
    perimeter, area = contour(inside, sizes)
    rows, _ = vertices_on_lines(inside[np.newaxis])
    axes, ratios = principal_axes(inside, sizes)
    number = np.count_nonzero(inside)
    known = {
        "elongation": ratios[0],
        "major_axis_length": axes[1],
        "maximum_diameter": plane_diameter(rows[:1], sizes),
        "mesh_surface": area,
        "minor_axis_length": axes[0],
        "perimeter": perimeter,
        "perimeter_surface_ratio": perimeter / area,
        "pixel_surface": number * np.prod(sizes),
        "sphericity": 2 * np.sqrt(np.pi * area) / perimeter,
    }
    return np.array([known[name] for name in SHAPE_2D])


def shape_features(
    inside: np.ndarray,
    spacing: Sequence[float] | None = None,
    standard: str = "pyradiomics",
    *,
    image: np.ndarray | None = None,
) -> np.ndarray:
    """Compute the features of a region of voxels.

    Parameters
    ----------
    inside : ndarray of bool, shape (D, H, W)
        IBSI's morphological mask.
    spacing : sequence of 3 float, optional
        Size of a voxel in mm, 1 by default.
    standard : {"pyradiomics", "ibsi"}
        Which features.
    image : ndarray or MaskedArray, optional
        Of use to the centre of mass shift and the integrated intensity of IBSI: a mask of its own is the
        intensity mask.

    Returns
    -------
    ndarray of float64, shape (14,) or (23,)
        In the order of ``SHAPE`` or ``IBSI_SHAPE``.

    Notes
    -----
    Where voxels touch at an edge alone, the mesh is not closed, and its volume depends on the origin: here,
    as in pyradiomics, the corner of the bounding box.
    """
    box = _box(inside)
    intensities = None if image is None else image[box]
    inside = np.pad(inside[box], 1)
    sizes = _sizes(spacing, 3)
    area, volume = surface(inside, sizes)
    rows, columns = vertices_on_lines(inside)
    points = hull_corners(rows)
    hull = ConvexHull(points)  # in half voxels: no spacing is too flat for it
    axes, ratios = principal_axes(inside, sizes, less=1 if standard == "ibsi" else 0)
    equal_sphere = np.cbrt(36 * np.pi * volume**2)  # area of the sphere of this volume
    known = {
        "elongation": ratios[1],
        "flatness": ratios[0],
        "least_axis_length": axes[0],
        "major_axis_length": axes[2],
        "maximum_2d_diameter_column": plane_diameter(rows.swapaxes(0, 1), sizes[[0, 2]]),
        "maximum_2d_diameter_row": plane_diameter(columns.swapaxes(0, 1), sizes[[0, 1]]),
        "maximum_2d_diameter_slice": plane_diameter(rows, sizes[[1, 2]]),
        "maximum_3d_diameter": largest_distance(points[hull.vertices] * sizes / 2),
        "mesh_volume": volume,
        "minor_axis_length": axes[1],
        "sphericity": equal_sphere / area,
        "surface_area": area,
        "surface_volume_ratio": area / volume,
        "voxel_volume": np.count_nonzero(inside) * sizes.prod(),
    }
    if standard == "pyradiomics":
        return np.array([known[name] for name in SHAPE])
    a, b, c = (np.array(inside.shape) - 2) * sizes
    ellipsoid_volume, ellipsoid_area = _ellipsoid(axes / 2)
    known |= {
        "area_density_aligned_box": area / (2 * (a * b + b * c + a * c)),
        "area_density_convex_hull": area / triangles_area(points[hull.simplices] * sizes / 2),
        "area_density_ellipsoid": area / ellipsoid_area if ellipsoid_area else 0.0,
        "asphericity": area / equal_sphere - 1,
        "centre_of_mass_shift": _centre_shift(inside, intensities, sizes),
        "compactness_1": volume / (np.sqrt(np.pi) * area**1.5),
        "compactness_2": 36 * np.pi * volume**2 / area**3,
        "integrated_intensity": volume * (0.0 if intensities is None else _mean(intensities)),
        "spherical_disproportion": area / equal_sphere,
        "volume_density_aligned_box": volume / (a * b * c),
        "volume_density_convex_hull": volume / (hull.volume * sizes.prod() / 8),
        "volume_density_ellipsoid": volume / ellipsoid_volume if ellipsoid_volume else 0.0,
    }
    return np.array([known[name] for name in IBSI_SHAPE])


def _box(inside: np.ndarray) -> tuple[slice, ...]:
    """Return the bounding box of a region."""
    lines = [inside.any(axis=_but(axis, inside.ndim)).nonzero()[0] for axis in range(inside.ndim)]
    return tuple(slice(places[0], places[-1] + 1) for places in lines)


def _but(axis: int, dimensions: int) -> tuple[int, ...]:
    return tuple(k for k in range(dimensions) if k != axis)


def _mean(image: np.ndarray) -> float:
    return float(np.ma.compressed(image).mean(dtype=np.float64))


def _sizes(spacing: Sequence[float] | None, dimensions: int) -> np.ndarray:
    return np.ones(dimensions) if spacing is None else np.asarray(spacing, dtype=float)


def _ellipsoid(half_axes: np.ndarray) -> tuple[float, float]:
    """Volume and area of an ellipsoid, the area by IBSI's series in Legendre polynomials."""
    c, b, a = half_axes
    if b == 0:  # a line, or a point
        return 0.0, 0.0
    alpha, beta = np.sqrt(1 - (b / a) ** 2), np.sqrt(1 - (c / a) ** 2)
    alpha, beta = max(alpha, 1e-9), max(beta, 1e-9)  # of a spheroid the argument is infinite, the series not
    volume = 4 * np.pi * a * b * c / 3
    argument = (alpha**2 + beta**2) / (2 * alpha * beta)
    orders = np.arange(LEGENDRE + 1)
    terms = (alpha * beta) ** orders / (1 - 4 * orders**2) * eval_legendre(orders, argument)
    return float(volume), float(4 * np.pi * a * b * terms.sum())


def _centre_shift(inside: np.ndarray, image: np.ndarray | None, sizes: np.ndarray) -> float:
    """Distance between the centre of the region (with a border) and the centre of its intensities."""
    if image is None:
        return 0.0
    weights = np.ma.filled(image.astype(np.float64), 0.0)
    if weights.sum() == 0:
        return 0.0
    away = _centre(inside[1:-1, 1:-1, 1:-1]) - _centre(weights)
    return float(np.linalg.norm(away * sizes))


def _centre(weights: np.ndarray) -> np.ndarray:
    sides = [weights.sum(axis=_but(axis, 3)) for axis in range(3)]
    return np.array([side @ np.arange(side.size) for side in sides]) / weights.sum()
