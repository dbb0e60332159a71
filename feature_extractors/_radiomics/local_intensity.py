"""Intensity peaks: means in spheres of 1 cm³; formulas are in the extractor `LocalIntensity`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numba import njit

from feature_extractors._radiomics.batch import Batch

__all__ = ["PEAKS", "local_intensity_features"]

PEAKS = ("global_peak", "local_peak")
RADIUS = 10 * (3 / (4 * np.pi)) ** (1 / 3)  # mm, of a sphere of 1 cm³


def local_intensity_features(batch: Batch, spacing: Sequence[float] | None = None) -> np.ndarray:
    """Compute the peaks of n images.

    Parameters
    ----------
    batch : Batch
        n images. Values outside the regions count, too, if they are finite.
    spacing : sequence of float, optional
        Size of a pixel along each axis of the images, in mm; 1 by default.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        In the order of `PEAKS`.

    Raises
    ------
    ValueError
        If spacing does not fit the images.
    """
    axes = 3 if batch.volumes else 2
    sizes = (1.0,) * axes if spacing is None else tuple(float(size) for size in spacing)
    if len(sizes) != axes:
        raise ValueError(f"spacing={spacing!r} does not fit an image of {axes} axes.")
    sizes = (np.inf,) * (3 - axes) + sizes
    peaks = np.empty((len(batch), 2))
    for k, shape in enumerate(batch.shapes.tolist()):
        part = slice(batch.offsets[k], batch.offsets[k + 1])
        values = batch.values[part].reshape(shape)
        inside = batch.inside[part].reshape(shape) if batch.inside.size else np.ones(shape, dtype=bool)
        peaks[k] = _peaks(values, inside, sizes)
    return peaks


def _peaks(values: np.ndarray, inside: np.ndarray, sizes: tuple[float, ...]) -> tuple[float, float]:
    half = _half_widths(sizes, values.shape)
    window = _surroundings(inside, (half.shape[0] // 2, half.shape[1] // 2, int(half.max())))
    values, inside = np.ascontiguousarray(values[window]), inside[window]
    sums, numbers = np.zeros(values.shape), np.zeros(values.shape)
    add_spheres(values, inside.any(axis=2), half, sums, numbers)
    means = sums[inside] / numbers[inside]
    return means.max(), means[values[inside] == values[inside].max()].max()


def _surroundings(inside: np.ndarray, reach: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the box around a region and all that lies within reach of it."""
    window = []
    for axis, far in enumerate(reach):
        others = tuple(other for other in range(inside.ndim) if other != axis)
        places = np.flatnonzero(inside.any(axis=others))
        window.append(slice(max(places[0] - far, 0), places[-1] + far + 1))
    return tuple(window)


@lru_cache
def _half_widths(sizes: tuple[float, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Tell how far a sphere extends along a row, by the distance of the row in slices and rows.

    Returns
    -------
    ndarray of int64, shape (2a + 1, 2b + 1)
        Pixels to each side of the one opposite the centre; -1 where not even that is in the sphere.
    """
    up, down = (
        np.arange(-reach, reach + 1) * (size if reach else 0.0)
        for size, n in zip(sizes[:2], shape[:2], strict=True)
        for reach in [min(int(RADIUS / size), n - 1)]
    )
    rest = RADIUS**2 - up[:, None] ** 2 - down**2
    half = np.floor(np.sqrt(np.maximum(rest, 0.0)) / sizes[2])
    return np.where(rest < 0, -1, np.minimum(half, shape[2] - 1)).astype(np.int64)


@njit(cache=True, nogil=True)
def add_spheres(values, wanted, half, sums, numbers):
    """Fill the sum and the number of the values around each pixel, in the wanted rows.

    A sphere is made of rows: of each row its sums over windows of all widths are added to the rows nearby.
    """
    slices, rows, columns = values.shape
    far_z, far_y = half.shape[0] // 2, half.shape[1] // 2
    totals = np.zeros((half.max() + 1, columns))
    known = np.zeros((half.max() + 1, columns))
    for z in range(slices):
        for y in range(rows):
            sum_windows(values[z, y], totals, known)
            for at_z in range(max(z - far_z, 0), min(z + far_z + 1, slices)):
                for at_y in range(max(y - far_y, 0), min(y + far_y + 1, rows)):
                    width = half[at_z - z + far_z, at_y - y + far_y]
                    if width >= 0 and wanted[at_z, at_y]:
                        add_row(totals[width], sums[at_z, at_y])
                        add_row(known[width], numbers[at_z, at_y])


@njit(cache=True, nogil=True)
def add_row(row, total):
    """Add a row to another."""
    for x in range(row.size):
        total[x] += row[x]


@njit(cache=True, nogil=True)
def sum_windows(row, totals, known):
    """Fill sum and number of the finite values at most 0, 1, 2 … pixels away along a row."""
    for x in range(row.size):
        finite = np.isfinite(row[x])
        totals[0, x] = float(row[x]) if finite else 0.0
        known[0, x] = 1.0 if finite else 0.0
    for sums in (totals, known):
        for far in range(1, len(sums)):
            for x in range(row.size):
                sums[far, x] = sums[far - 1, x]
            for x in range(far, row.size):
                sums[far, x] += sums[0, x - far]
            for x in range(row.size - far):
                sums[far, x] += sums[0, x + far]
