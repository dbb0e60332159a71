"""Features of intensity-volume histograms; formulas are in the extractor `IntensityVolumeHistogram`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feature_extractors._radiomics.batch import Batch
from feature_extractors._radiomics.binning import are_whole, region_ranges
from feature_extractors._radiomics.gray_levels import MAX_BINS, GrayLevels, discretise

__all__ = ["VOLUME_HISTOGRAM", "volume_histogram_features"]

VOLUME_HISTOGRAM = (
    "intensity_at_volume_fraction_10",
    "intensity_at_volume_fraction_90",
    "intensity_difference",
    "volume_at_intensity_fraction_10",
    "volume_at_intensity_fraction_90",
    "volume_difference",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """Intensities of n histograms: level k of image i is ``first[i] + (k - 1) · step``, k = 1 … number[i]."""

    first: np.ndarray
    number: np.ndarray
    step: float


def volume_histogram_features(
    batch: Batch,
    *,
    levels: int | None = 1000,
    bin_width: float | None = None,
    interval: tuple[float | None, float | None] = (None, None),
) -> np.ndarray:
    """Compute the features of n images.

    Parameters
    ----------
    batch : Batch
        n images.
    levels : int or None, default=1000
        Number of steps between the least and the greatest value of the region.
    bin_width : float, optional
        Width of a step. If given, it replaces `levels`. Neither: the values are whole numbers, and so are
        the steps.
    interval : (float or None, float or None)
        Where steps of a width, or of whole numbers, begin and end; None: at the least and greatest value.

    Returns
    -------
    ndarray of float64, shape (n, 6)
        In the order of `VOLUME_HISTOGRAM`.

    Raises
    ------
    ValueError
        If there would be too many steps, or values are not whole numbers where they should be.
    """
    if levels is not None and bin_width is None:
        gray = discretise(batch, levels=levels, standard="ibsi", pad=0)
        ones = np.ones(len(batch))
        return _features(gray, Steps(first=ones, number=ones.astype(np.int64) * levels, step=1.0))
    width = 1.0 if bin_width is None else float(bin_width)
    lows, highs = region_ranges(batch.values, batch.inside, batch.offsets)
    lowest, highest = interval
    if bin_width is None:
        _check_whole_numbers(batch)
        lowest = None if lowest is None else float(np.ceil(lowest))
    starts = lows if lowest is None else np.minimum(lows, lowest)
    ends = highs if highest is None else np.maximum(highs, highest)
    _check_number(starts, ends, width)
    number = np.floor((ends - starts) / width).astype(np.int64) + 1
    gray = discretise(batch, bin_width=width, standard="ibsi", lowest=lowest, pad=0)
    half = 0.0 if bin_width is None else width / 2
    return _features(gray, Steps(first=starts + half, number=number, step=width))


def _features(gray: GrayLevels, steps: Steps) -> np.ndarray:
    v10, v90 = (_volumes(gray, steps, tenths) for tenths in (1, 9))
    i10, i90 = (_intensities(gray, steps, tenths) for tenths in (1, 9))
    return np.column_stack([i10, i90, i10 - i90, v10, v90, v10 - v90])


def _volumes(gray: GrayLevels, steps: Steps, tenths: int) -> np.ndarray:
    """Return the share of pixels from the first level on that lies some tenths above the lowest."""
    least = 1 - (-(steps.number - 1) * tenths // 10)  # rounded up
    counted = gray.present >= np.repeat(least, gray.n_present)
    return np.add.reduceat(np.where(counted, gray.counts, 0), gray.present_starts[:-1]) / gray.n_pixels


def _intensities(gray: GrayLevels, steps: Steps, tenths: int) -> np.ndarray:
    """Return the least intensity that at most some tenths of the pixels reach."""
    starts = gray.present_starts
    ends = np.cumsum(gray.counts)
    from_here_on = np.repeat(ends[starts[1:] - 1], gray.n_present) - ends + gray.counts
    more = 10 * from_here_on > tenths * np.repeat(gray.n_pixels, gray.n_present)
    last_with_more = np.maximum.reduceat(np.where(more, gray.present, 0.0), starts[:-1])
    return steps.first + last_with_more * steps.step


def _check_whole_numbers(batch: Batch) -> None:
    values, _ = batch.regions
    if not are_whole(values):
        raise ValueError(
            "An intensity-volume histogram without levels or a bin width takes whole numbers, and these are"
            " not; give one of the two."
        )


def _check_number(starts: np.ndarray, ends: np.ndarray, width: float) -> None:
    number = (ends - starts) / width + 1
    if number.max() > MAX_BINS - 2:
        worst = int(number.argmax())
        raise ValueError(
            f"An intensity-volume histogram from {starts[worst]:g} to {ends[worst]:g} has more than"
            f" {MAX_BINS - 2} steps of {width:g}; choose a larger bin width, or levels instead."
        )
