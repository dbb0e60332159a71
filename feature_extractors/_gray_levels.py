"""Discretisation of pixel values into gray levels, by the rules of pyradiomics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feature_extractors._kernels import assign_bins

MAX_BINS = 65_536


@dataclass(frozen=True, kw_only=True)
class GrayLevels:
    """An image whose pixels are gray levels, stored as positions in the list of levels present.

    Attributes
    ----------
    positions : ndarray of int32, shape (H, W)
        0 outside the region of interest, else 1 + the position of the pixel's level in `present`.
    present : ndarray of float64, shape (n_present,)
        The gray levels that occur in the region, ascending; the lowest possible level is 1.
    """

    positions: np.ndarray
    present: np.ndarray

    @property
    def highest(self):
        """The highest gray level that occurs: N_g in the formulas of pyradiomics."""
        return self.present[-1]


def discretise(image, *, levels=32, bin_width=None):
    """Assign each pixel of the region of interest to a gray level.

    Fixed number of bins (IBSI: fixed bin number), for pixel values ``x`` of the region::

        level = floor(levels * (x - min) / (max - min)) + 1   for x < max
        level = levels                                        for x = max

    Fixed bin width: ``level = floor(x / bin_width) - floor(min / bin_width) + 1``. Bins start at a multiple
    of the width, as in pyradiomics; IBSI starts them at the minimum.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)
        Real pixel values; masked pixels lie outside the region of interest.
    levels : int, default=32
        Number of bins between the smallest and the largest value of the region.
    bin_width : float, optional
        Width of a bin, in units of the pixel values. If given, it replaces `levels`.

    Returns
    -------
    GrayLevels

    Raises
    ------
    ValueError
        If `bin_width` would cut the range of the region into more than 65,536 bins.

    Notes
    -----
    The edges of the bins are computed like those of pyradiomics 3.0.1, operation by operation, so that a
    value on an edge falls into the same bin. A flat region lies in the middle bin: level ``levels // 2 +
    1``. So does (where pyradiomics raises) a region whose range is too small to hold `levels` distinct
    floating-point edges.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0, 1, 2], [3, 4, 8]])
    >>> gray = discretise(image, levels=4)
    >>> gray.present[gray.positions - 1]
    array([[1., 1., 2.],
           [2., 3., 4.]])
    >>> gray = discretise(image, bin_width=3)
    >>> gray.present[gray.positions - 1]
    array([[1., 1., 1.],
           [2., 2., 3.]])
    """
    values = _as_floats(np.ma.getdata(image))
    inside = ~np.ma.getmaskarray(image)
    region = values[inside]
    edges = _edges_by_number(region, levels) if bin_width is None else _edges_by_width(region, bin_width)
    assigned, counts = assign_bins(values, inside, edges)
    present = np.flatnonzero(counts)
    place = np.zeros(len(counts), dtype=np.int32)
    place[present] = np.arange(1, len(present) + 1)
    return GrayLevels(positions=place[assigned], present=present.astype(float))


def _as_floats(values):
    """C-ordered floats of the precision that pyradiomics would use: single stays single."""
    return np.ascontiguousarray(values, dtype=np.float32 if values.dtype == np.float32 else np.float64)


def _edges_by_number(region, levels):
    low, high = region.min(), region.max()
    edges = np.linspace(low, high, levels + 1, dtype=region.dtype)
    if not (np.diff(edges) > 0).all():  # flat, or as good as flat
        edges = np.linspace(low - 0.5, low + 0.5, levels + 1, dtype=region.dtype)
    return edges


def _edges_by_width(region, width):
    low, high = region.min(), region.max()
    if (high - low) / width + 2 > MAX_BINS:
        raise ValueError(
            f"bin_width={width:g} cuts the values {low:g} to {high:g} into more than {MAX_BINS} gray levels; "
            "choose a larger one."
        )
    return np.arange(low - low % width, high + 2 * width, width)
