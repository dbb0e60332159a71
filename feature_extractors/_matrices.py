"""Texture matrices of a discretised image. Formulas live with the extractors; loops in `_kernels`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feature_extractors._kernels import RUN_DIRECTIONS, count_pairs, count_runs, find_zones


@dataclass(frozen=True, kw_only=True)
class CooccurrenceMatrices:
    """Co-occurrence counts, one matrix a direction that holds any pair.

    Attributes
    ----------
    counts : ndarray of float64, shape (n_directions, n_present, n_present)
        How often the i-th level has the j-th level at the direction's offset.
    gray_levels : ndarray of float64, shape (n_present,)
        The levels that occur in the region, ascending.
    """

    counts: np.ndarray
    gray_levels: np.ndarray


@dataclass(frozen=True, kw_only=True)
class SizeMatrices:
    """Counts of runs or zones by gray level and size.

    Attributes
    ----------
    counts : ndarray of float64, shape (n_directions, n_present, n_sizes)
    gray_levels : ndarray of float64, shape (n_present,)
        The levels that occur in the region, ascending.
    sizes : ndarray of float64, shape (n_sizes,)
        The sizes in pixels that occur in any direction, ascending.
    """

    counts: np.ndarray
    gray_levels: np.ndarray
    sizes: np.ndarray


def offsets_at(distances):
    """One of each pair of opposite offsets whose Chebyshev length is among the distances.

    Parameters
    ----------
    distances : iterable of int
        In pixels, at least 1.

    Returns
    -------
    ndarray of int64, shape (n_offsets, 2)
        Steps (down, right): 4 offsets for distance 1, 8 for distance 2, 4 d for d.

    Examples
    --------
    >>> offsets_at([1]).tolist()
    [[0, 1], [1, -1], [1, 0], [1, 1]]
    >>> len(offsets_at([1, 2]))
    12
    """
    offsets = [
        (down, right)
        for d in sorted(distances)
        for down in range(d + 1)
        for right in range(-d, d + 1)
        if max(down, abs(right)) == d and (down > 0 or right > 0)
    ]
    return np.array(offsets)


def cooccurrence_matrices(gray, *, distances=(1,), symmetric=True):
    """Count pairs of levels in every direction; directions without a pair are dropped.

    Parameters
    ----------
    gray : GrayLevels
    distances : iterable of int, default=(1,)
        Chebyshev distances in pixels.
    symmetric : bool, default=True
        Whether each pair is counted from both its ends.

    Returns
    -------
    CooccurrenceMatrices
        A region without any pair (a single pixel, or isolated ones) pairs each pixel with itself.

    Examples
    --------
    >>> from feature_extractors._gray_levels import GrayLevels
    >>> gray = GrayLevels(positions=np.array([[1, 1, 2]], dtype=np.int32), present=np.array([1.0, 2.0]))
    >>> cooccurrence_matrices(gray).counts
    array([[[2., 1.],
            [1., 0.]]])
    """
    counts = count_pairs(gray.positions, len(gray.present), offsets_at(distances))
    counts = counts[counts.any(axis=(1, 2))]
    if not len(counts):
        occurrences = np.bincount(gray.positions.ravel(), minlength=len(gray.present) + 1)[1:]
        counts = np.diag(occurrences.astype(float))[np.newaxis]
    if symmetric:
        counts = counts + counts.swapaxes(1, 2)
    return CooccurrenceMatrices(counts=counts, gray_levels=gray.present)


def run_length_matrices(gray):
    """Count runs in the four directions of the plane.

    Parameters
    ----------
    gray : GrayLevels

    Returns
    -------
    SizeMatrices
        A direction in which no line holds two pixels of the region is dropped, as in pyradiomics, unless that
        is so in all four (a single pixel).

    Examples
    --------
    >>> from feature_extractors._gray_levels import GrayLevels
    >>> gray = GrayLevels(positions=np.array([[1, 1, 2]], dtype=np.int32), present=np.array([1.0, 2.0]))
    >>> runs = run_length_matrices(gray)
    >>> runs.counts
    array([[[0., 1.],
            [1., 0.]]])
    """
    counts, crowded = count_runs(gray.positions, len(gray.present), RUN_DIRECTIONS)
    if crowded.any():
        counts = counts[crowded]
    lengths = np.flatnonzero(counts.any(axis=(0, 1)))
    return SizeMatrices(counts=counts[:, :, lengths], gray_levels=gray.present, sizes=lengths + 1.0)


def size_zone_matrix(gray):
    """Count the 8-connected zones.

    Parameters
    ----------
    gray : GrayLevels

    Returns
    -------
    SizeMatrices
        One "direction".

    Examples
    --------
    >>> from feature_extractors._gray_levels import GrayLevels
    >>> positions = np.array([[1, 2, 1], [2, 2, 1]], dtype=np.int32)
    >>> zones = size_zone_matrix(GrayLevels(positions=positions, present=np.array([1.0, 2.0])))
    >>> zones.counts[0], zones.sizes
    (array([[1., 1., 0.],
            [0., 0., 1.]]), array([1., 2., 3.]))
    """
    level, size = find_zones(gray.positions).T
    sizes, column = np.unique(size, return_inverse=True)
    shape = (1, len(gray.present), len(sizes))
    cells = np.bincount((level - 1) * len(sizes) + column, minlength=shape[1] * shape[2])
    return SizeMatrices(
        counts=cells.reshape(shape).astype(float), gray_levels=gray.present, sizes=sizes.astype(float)
    )
