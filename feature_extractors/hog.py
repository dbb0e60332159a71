"""Histogram of oriented gradients: which way edges run in each cell of a grid."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval, StrOptions

from feature_extractors._base import FeatureExtractor
from feature_extractors._blocks import blocks_along, rows_and_columns
from feature_extractors._hog_kernel import add_gradients, borders_of_bins
from feature_extractors._region import region_of, values_of

__all__ = ["HOG"]

EPSILON = 1e-5  # of the normalisation, as in scikit-image
CLIP = 0.2  # of L2-Hys


class HOG(FeatureExtractor):
    """Histograms of oriented gradients over a fixed grid of cells [1]_.

    The grid stretches over the whole image, so images of any size have the same features; cells differ
    by one pixel where the size is not a multiple. Where it is, values equal those of
    :func:`skimage.feature.hog` on the image divided by its range. Steps:

    1. Gray values are divided by their range in the region of interest, so that ε below has one meaning
       for 8-bit, 16-bit and float images.
    2. Gradients are central differences (−1, 0, 1), 0 across edges of the image.
    3. Each pixel adds the length of its gradient to the bin of its unsigned direction atan2(down, right)
       mod 180° in its cell: bin i of n holds [180° i / n, 180° (i + 1) / n). Bin 0 begins at vertical
       edges. Sums are divided by the number of pixels of the cell.
    4. Histograms are normalised in overlapping blocks of cells. ``L2``: v / sqrt(Σ v² + ε²);
       ``L2-Hys``: L2, clipped at 0.2, L2 again; ``L1``: v / (Σ v + ε); ``L1-sqrt``: square root of L1.
       ε = 1e-5.

    Features: ``hog_block_0_1_cell_1_0_orientation_8``, the cell counted within the block (row, column).

    Edges of a region of interest are treated as those of the image: pixels outside add nothing, and no
    difference is taken across. So nothing outside the region has any influence.

    Parameters
    ----------
    orientations : int, default=9
        Bins over 180°.
    cells : int or (int, int), default=(8, 8)
        Cells along rows and columns of the whole image.
    cells_per_block : int or (int, int), default=(2, 2)
        Cells in a block; blocks move by one cell. With the defaults there are 7 · 7 · 4 · 9 = 1764 features.
    block_norm : {"L2-Hys", "L2", "L1", "L1-sqrt"}, default="L2-Hys"
        Normalisation of a block.

    Raises
    ------
    ValueError
        When an image has fewer pixels than cells along an axis.

    References
    ----------
    .. [1] Dalal, Triggs (2005), Histograms of oriented gradients for human detection, CVPR,
       doi:10.1109/CVPR.2005.177

    Examples
    --------
    Brightness that grows to the right has gradients of direction 0°:

    >>> image = np.tile(np.arange(8), (8, 1))
    >>> hog = HOG(orientations=2, cells=1, cells_per_block=1, block_norm="L1").fit([image])
    >>> dict(zip(hog.get_feature_names_out(), hog.transform([image])[0].round(3).tolist()))
    {'hog_block_0_0_cell_0_0_orientation_0': 1.0, 'hog_block_0_0_cell_0_0_orientation_1': 0.0}
    """

    VERSION = 2

    _parameter_constraints: ClassVar[dict] = {
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "cells": [Interval(Integral, 1, None, closed="left"), list, tuple],
        "cells_per_block": [Interval(Integral, 1, None, closed="left"), list, tuple],
        "block_norm": [StrOptions({"L1", "L1-sqrt", "L2", "L2-Hys"})],
    }

    def __init__(self, orientations=9, cells=(8, 8), cells_per_block=(2, 2), block_norm="L2-Hys"):
        self.orientations = orientations
        self.cells = cells
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        cells, block = self._grid()
        if any(within > number for within, number in zip(block, cells, strict=True)):
            raise ValueError(
                f"The 'cells_per_block' parameter of HOG must not exceed cells. "
                f"Got {self.cells_per_block!r} with cells {self.cells!r} instead."
            )

    def _grid(self):
        return rows_and_columns("cells", self.cells), rows_and_columns(
            "cells_per_block", self.cells_per_block
        )

    def _names(self, image):
        cells, block = self._grid()
        blocks = tuple(number - within + 1 for number, within in zip(cells, block, strict=True))
        return [
            f"hog_block_{row}_{column}_cell_{down}_{right}_orientation_{orientation}"
            for row, column in np.ndindex(blocks)
            for down, right in np.ndindex(block)
            for orientation in range(self.orientations)
        ]

    def _extract(self, image):
        cells, block = self._grid()
        histograms = _cell_histograms(image, cells, self.orientations)
        windows = sliding_window_view(histograms, block, axis=(0, 1))
        blocks = np.moveaxis(windows, 2, -1).reshape(-1, block[0] * block[1] * self.orientations)
        return _normalized(blocks, self.block_norm).ravel()


def _cell_histograms(image, cells, orientations):
    """Return the mean gradient per cell and bin, relative to the range of gray values."""
    values, region = values_of(image), region_of(image)
    rows, columns = blocks_along(image.shape, cells)
    sums = np.zeros((*cells, orientations))
    spread = np.ptp(values[region])
    if spread == 0:
        return sums
    add_gradients(values, region, borders_of_bins(orientations), rows, columns, sums)
    n_pixels = np.outer(np.bincount(rows), np.bincount(columns))
    return sums / (n_pixels[:, :, np.newaxis] * spread)


def _normalized(blocks, norm):
    if norm.startswith("L1"):
        scaled = blocks / (blocks.sum(axis=1, keepdims=True) + EPSILON)
        return np.sqrt(scaled) if norm == "L1-sqrt" else scaled
    scaled = _unit_length(blocks)
    return _unit_length(np.minimum(scaled, CLIP)) if norm == "L2-Hys" else scaled


def _unit_length(blocks):
    return blocks / np.sqrt((blocks**2).sum(axis=1, keepdims=True) + EPSILON**2)
