"""Shape of a region: size, surface, diameters and axes; formulas are in the extractors `Shape`, `Shape2D`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import ConvexHull
from scipy.special import eval_legendre

from feature_extractors._radiomics.mesh import (
    bounding_box,
    contour,
    largest_distance,
    plane_diameters,
    surface,
    vertices_on_lines,
)

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
    axes, ratios = _axes(inside, sizes, 0)
    number = np.count_nonzero(inside)
    known = {
        "elongation": ratios[0],
        "major_axis_length": axes[1],
        "maximum_diameter": plane_diameters(rows, 0, (1.0, *sizes)),
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
    hull = ConvexHull(rows * sizes / 2)
    axes, ratios = _axes(inside, sizes, 1 if standard == "ibsi" else 0)
    equal_sphere = np.cbrt(36 * np.pi * volume**2)  # area of the sphere of this volume
    known = {
        "elongation": ratios[1],
        "flatness": ratios[0],
        "least_axis_length": axes[0],
        "major_axis_length": axes[2],
        "maximum_2d_diameter_column": plane_diameters(rows, 1, sizes),
        "maximum_2d_diameter_row": plane_diameters(columns, 2, sizes),
        "maximum_2d_diameter_slice": plane_diameters(rows, 0, sizes),
        "maximum_3d_diameter": largest_distance(hull.points[hull.vertices]),
        "mesh_volume": volume,
        "minor_axis_length": axes[1],
        "sphericity": equal_sphere / area,
        "surface_area": area,
        "surface_volume_ratio": area / volume,
        "voxel_volume": np.count_nonzero(inside) * sizes.prod(),
    }
    if standard == "pyradiomics":
        return np.array([known[name] for name in SHAPE])
    a, b, c = bounding_box(rows, sizes)
    ellipsoid_volume, ellipsoid_area = _ellipsoid(axes / 2)
    known |= {
        "area_density_aligned_box": area / (2 * (a * b + b * c + a * c)),
        "area_density_convex_hull": area / hull.area,
        "area_density_ellipsoid": area / ellipsoid_area if ellipsoid_area else 0.0,
        "asphericity": area / equal_sphere - 1,
        "centre_of_mass_shift": _centre_shift(inside, intensities, sizes),
        "compactness_1": volume / (np.sqrt(np.pi) * area**1.5),
        "compactness_2": 36 * np.pi * volume**2 / area**3,
        "integrated_intensity": volume * (0.0 if intensities is None else _mean(intensities)),
        "spherical_disproportion": area / equal_sphere,
        "volume_density_aligned_box": volume / (a * b * c),
        "volume_density_convex_hull": volume / hull.volume,
        "volume_density_ellipsoid": volume / ellipsoid_volume if ellipsoid_volume else 0.0,
    }
    return np.array([known[name] for name in IBSI_SHAPE])


def _box(inside: np.ndarray) -> tuple[slice, ...]:
    """Return the bounding box of a region."""
    return tuple(slice(places.min(), places.max() + 1) for places in np.nonzero(inside))


def _mean(image: np.ndarray) -> float:
    return float(np.ma.compressed(image).mean(dtype=np.float64))


def _sizes(spacing: Sequence[float] | None, dimensions: int) -> np.ndarray:
    return np.ones(dimensions) if spacing is None else np.asarray(spacing, dtype=float)


def _axes(inside: np.ndarray, sizes: np.ndarray, less: int) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of the principal axes, ascending; and the ratio of each but the last to the last.

    All axes of a single voxel are 0, and their ratios 1.
    """
    places = np.argwhere(inside) * sizes
    away = places - places.mean(axis=0)
    values = np.linalg.eigvalsh(away.T @ away / max(len(places) - less, 1))
    values[values < 1e-14 * values[-1]] = 0.0  # what rounding leaves of a flat region
    lengths = 4 * np.sqrt(values)
    return lengths, np.divide(lengths[:-1], lengths[-1], out=np.ones(len(lengths) - 1), where=lengths[-1] > 0)


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
    centre = ((np.argwhere(inside) - 1) * sizes).mean(axis=0)
    places = np.argwhere(~np.ma.getmaskarray(image)) * sizes
    values = np.ma.compressed(image).astype(np.float64)
    total = values.sum()
    return float(np.linalg.norm(centre - values @ places / total)) if total else 0.0
