"""Discretisation: pixel values to gray levels, for a batch of images in one call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feature_extractors._radiomics.batch import Batch
from feature_extractors._radiomics.binning import (
    BY_NUMBER,
    BY_WIDTH,
    IBSI_NUMBER,
    IBSI_WIDTH,
    NO_BINS,
    are_whole,
    fill_positions,
    region_ranges,
)
from feature_extractors._radiomics.directions import flat_offsets

__all__ = ["MAX_BINS", "GrayLevels", "discretise"]

MAX_BINS = 65_535


@dataclass(frozen=True, kw_only=True, eq=False)
class GrayLevels:
    """Images whose pixels are gray levels, stored as positions in the list of levels present.

    Attributes
    ----------
    positions : ndarray of uint8 or uint16, flat
        Image after image, each with a border of zeros all around (of `pad` pixels in a plane, and as many
        slices if `volume`); 0 outside the region of interest, else 1 + the place of the pixel's level among
        those present.
    starts : ndarray of int64, shape (n + 1,)
        Where each image begins in `positions`.
    shapes : ndarray of int64, shape (n, 3)
        Slices, rows and columns of each image, without the border.
    pad : int
        Width of the border.
    deep : bool
        Whether there is a border of slices, too.
    present : ndarray of float64, flat
        The gray levels that occur in each region, ascending.
    counts : ndarray of int64, flat
        Pixels of each level present.
    present_starts : ndarray of int64, shape (n + 1,)
        Where those of each image begin.
    n_pixels : ndarray of int64, shape (n,)
        Pixels of each region.
    """

    positions: np.ndarray
    starts: np.ndarray
    shapes: np.ndarray
    pad: int
    deep: bool
    present: np.ndarray
    counts: np.ndarray
    present_starts: np.ndarray
    n_pixels: np.ndarray

    def __len__(self) -> int:
        return len(self.shapes)

    @cached_property
    def margins(self) -> np.ndarray:
        """How far inside its border each image begins (and ends): the longest step to a neighbour."""
        columns = self.shapes[:, 2] + 2 * self.pad
        plane = (self.shapes[:, 1] + 2 * self.pad) * columns
        return self.pad * (columns + 1 + (plane if self.deep else 0))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Pixels of each image with its border."""
        return np.diff(self.starts)

    def steps(self, offsets: np.ndarray) -> np.ndarray:
        """Offsets as steps in `positions`, shape (n, n_offsets)."""
        key = offsets.tobytes()
        if key not in self._steps:
            self._steps[key] = flat_offsets(offsets, self.shapes, self.pad)
        return self._steps[key]

    @cached_property
    def _steps(self) -> dict[bytes, np.ndarray]:
        return {}

    @cached_property
    def n_present(self) -> np.ndarray:
        """Number of levels present in each image."""
        return np.diff(self.present_starts)


def discretise(
    batch: Batch,
    *,
    levels: int | None = 32,
    bin_width: float | None = None,
    standard: str = "pyradiomics",
    lowest: float | None = None,
    pad: int = 1,
    deep: bool = False,
) -> GrayLevels:
    """Assign each pixel of the regions of interest to a gray level.

    Fixed number of bins (IBSI: fixed bin number), for pixel values ``x`` of a region::

        level = floor(levels * (x - min) / (max - min)) + 1   for x < max
        level = levels                                        for x = max

    Fixed bin width: ``level = floor(x / bin_width) - floor(min / bin_width) + 1``. Bins start at a multiple
    of the width, as in pyradiomics; with ``standard="ibsi"`` they start at `lowest`, or else the minimum.
    Neither: the values are gray levels already, whole numbers from 1.

    Parameters
    ----------
    batch : Batch
        n images.
    levels : int or None, default=32
        Number of bins between the smallest and the largest value of the region.
    bin_width : float, optional
        Width of a bin, in units of the pixel values. If given, it replaces `levels`.
    standard : {"pyradiomics", "ibsi"}
        Where bins of a fixed width start, and how the edges of bins are rounded.
    lowest : float, optional
        With ``standard="ibsi"`` and a fixed width: where the first bin starts.
    pad : int, default=1
        Width of the border of zeros.
    deep : bool, default=False
        Whether to add slices of zeros, too.

    Returns
    -------
    GrayLevels

    Raises
    ------
    ValueError
        If `bin_width` would cut the range of a region into more than 65,535 bins, or values are not gray
        levels where they should be.

    Notes
    -----
    The edges of the bins are computed like those of pyradiomics 3.0.1, operation by operation and in the
    precision of the image, so that a value on an edge falls into the same bin. A flat region lies in the
    middle bin: level ``levels // 2 + 1``. So does (where pyradiomics raises) a region whose range is too
    small to hold `levels` distinct floating-point edges.

    Examples
    --------
    >>> from feature_extractors._radiomics.batch import make_batch
    >>> batch = make_batch([np.array([[0, 1, 2], [3, 4, 8]])])
    >>> gray = discretise(batch, levels=4, pad=0)
    >>> gray.present[gray.positions - 1]
    array([1., 1., 2., 2., 3., 4.])
    """
    rule, number, width, start = _rule(levels, bin_width, standard, lowest)
    wide = rule in (BY_WIDTH, IBSI_WIDTH, NO_BINS) or number > 254
    border = np.array([2 * pad if deep else 0, 2 * pad, 2 * pad])
    starts = np.concatenate([[0], np.cumsum((batch.shapes + border).prod(axis=1))])
    positions = np.zeros(starts[-1], dtype=np.uint16 if wide else np.uint8)
    lows, highs = region_ranges(batch.values, batch.inside, batch.offsets)
    spans = _spans(batch, rule, number, width, start, lows, highs)
    capacity = np.minimum(spans, np.diff(batch.offsets) + 1)
    present = np.empty(capacity.sum(), dtype=np.float64)
    counts = np.empty(capacity.sum(), dtype=np.int64)
    n_present = np.empty(len(batch), dtype=np.int64)
    fill_positions(
        batch.values, batch.inside, batch.offsets, batch.shapes, pad, pad if deep else 0, starts, positions,
        rule, number, width, start, lows, highs, spans, present, counts, n_present,
    )  # fmt: skip
    present_starts = np.concatenate([[0], np.cumsum(n_present)])
    used = present_starts[-1]
    return GrayLevels(
        positions=positions.astype(np.uint8) if wide and n_present.max() < 255 else positions,
        starts=starts,
        shapes=batch.shapes,
        pad=pad,
        deep=deep,
        present=present[:used],
        counts=counts[:used],
        present_starts=present_starts,
        n_pixels=np.add.reduceat(counts[:used], present_starts[:-1]),
    )


def _rule(
    levels: int | None, bin_width: float | None, standard: str, lowest: float | None
) -> tuple[int, int, float, float]:
    ibsi = standard == "ibsi"
    if bin_width is not None:
        start = np.nan if lowest is None else float(lowest)
        return (IBSI_WIDTH if ibsi else BY_WIDTH), 0, float(bin_width), start
    if levels is not None:
        return (IBSI_NUMBER if ibsi else BY_NUMBER), int(levels), 0.0, np.nan
    return NO_BINS, 0, 1.0, np.nan


def _spans(
    batch: Batch,
    rule: int,
    number: int,
    width: float,
    start: float,
    lows: np.ndarray,
    highs: np.ndarray,
) -> np.ndarray:
    """Return how many bins each image may need."""
    if rule in (BY_NUMBER, IBSI_NUMBER):
        return np.full(len(batch), number, dtype=np.int64)
    if rule == NO_BINS:
        return _checked_levels(batch, lows, highs)
    first = lows if np.isnan(start) else np.minimum(lows, start)
    spans = (highs - first) / width + 3
    if spans.max() > MAX_BINS:
        worst = int(spans.argmax())
        raise ValueError(
            f"bin_width={width:g} cuts the values {lows[worst]:g} to {highs[worst]:g} into more than"
            f" {MAX_BINS} gray levels; choose a larger one."
        )
    limit = np.finfo(batch.values.dtype).max / 4
    if width > limit:
        raise ValueError(f"bin_width={width:g} is too large for images of {batch.values.dtype}.")
    return spans.astype(np.int64)


def _checked_levels(batch: Batch, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
    values = batch.values if batch.inside.size == 0 else batch.values[batch.inside]
    if lows.min() < 1 or highs.max() > MAX_BINS or not are_whole(values):
        raise ValueError(
            f"Without levels or bin_width the values must be gray levels, whole numbers from 1 to {MAX_BINS};"
            f" these run from {lows.min():g} to {highs.max():g}."
        )
    return highs.astype(np.int64)
