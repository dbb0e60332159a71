"""Features of histograms of gray levels; formulas are in the extractor `IntensityHistogram`."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.gray_levels import GrayLevels

__all__ = ["HISTOGRAM", "histogram_features"]

HISTOGRAM = (
    "10_percentile",
    "90_percentile",
    "coefficient_of_variation",
    "entropy",
    "excess_kurtosis",
    "interquartile_range",
    "maximum",
    "maximum_gradient",
    "maximum_gradient_intensity",
    "mean",
    "mean_absolute_deviation",
    "median",
    "median_absolute_deviation",
    "minimum",
    "minimum_gradient",
    "minimum_gradient_intensity",
    "mode",
    "quartile_coefficient_of_dispersion",
    "range",
    "robust_mean_absolute_deviation",
    "skewness",
    "uniformity",
    "variance",
)


def histogram_features(gray: GrayLevels) -> np.ndarray:
    """Compute the features of n images, float64 of shape (n, 23), in the order of `HISTOGRAM`."""
    levels, counts, starts = gray.present, gray.counts, gray.present_starts
    first, number = starts[:-1], gray.n_pixels
    p = counts / np.repeat(number, gray.n_present)
    mean = np.add.reduceat(levels * counts, first) / number
    away = levels - np.repeat(mean, gray.n_present)
    variance, third, fourth = (np.add.reduceat(p * away**k, first) for k in (2, 3, 4))
    p10, p25, median, p75, p90 = (_percentiles(gray, percent) for percent in (10, 25, 50, 75, 90))
    low, high = levels[first], levels[starts[1:] - 1]
    gradients = np.empty((len(gray), 4))
    find_gradients(levels, counts, starts, gradients)
    known = {
        "10_percentile": p10,
        "90_percentile": p90,
        "coefficient_of_variation": np.sqrt(variance) / mean,
        "entropy": np.maximum(-np.add.reduceat(p * np.log2(p), first), 0.0),
        "excess_kurtosis": np.where(variance > 0, _ratio(fourth, variance**2) - 3, 0.0),
        "interquartile_range": p75 - p25,
        "maximum": high,
        "maximum_gradient": gradients[:, 0],
        "maximum_gradient_intensity": gradients[:, 1],
        "mean": mean,
        "mean_absolute_deviation": np.add.reduceat(p * np.abs(away), first),
        "median": median,
        "median_absolute_deviation": np.add.reduceat(
            p * np.abs(levels - np.repeat(median, gray.n_present)), first
        ),
        "minimum": low,
        "minimum_gradient": gradients[:, 2],
        "minimum_gradient_intensity": gradients[:, 3],
        "mode": _modes(gray),
        "quartile_coefficient_of_dispersion": (p75 - p25) / (p75 + p25),
        "range": high - low,
        "robust_mean_absolute_deviation": _robust_deviations(gray, p10, p90),
        "skewness": _ratio(third, variance**1.5),
        "uniformity": np.add.reduceat(p * p, first),
        "variance": variance,
    }
    return np.column_stack([known[name] for name in HISTOGRAM])


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide; 0 where the denominator is."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _percentiles(gray: GrayLevels, percent: int) -> np.ndarray:
    """Return a percentile of each image, interpolated linearly as :func:`numpy.percentile` does."""
    ends = np.cumsum(gray.counts)
    before = ends[gray.present_starts[1:] - 1] - gray.n_pixels
    place = (gray.n_pixels - 1) * (percent / 100.0)
    rank = np.floor(place).astype(np.int64)
    lower = gray.present[np.searchsorted(ends, before + rank, side="right")]
    following = np.minimum(rank + 1, gray.n_pixels - 1)
    upper = gray.present[np.searchsorted(ends, before + following, side="right")]
    part, step = place - rank, upper - lower
    return np.where(part >= 0.5, upper - step * (1 - part), lower + step * part)


def _modes(gray: GrayLevels) -> np.ndarray:
    """Return the commonest level; of several that nearest to the mean, of two as near the lower one."""
    first = gray.present_starts[:-1]
    levels = gray.present.astype(np.int64)
    total = np.add.reduceat(levels * gray.counts, first)
    most = np.repeat(np.maximum.reduceat(gray.counts, first), gray.n_present)
    away = np.abs(levels * np.repeat(gray.n_pixels, gray.n_present) - np.repeat(total, gray.n_present))
    away = np.where(gray.counts == most, away, np.iinfo(np.int64).max)
    nearest = np.repeat(np.minimum.reduceat(away, first), gray.n_present)
    return np.minimum.reduceat(np.where(away == nearest, gray.present, np.inf), first)


def _robust_deviations(gray: GrayLevels, p10: np.ndarray, p90: np.ndarray) -> np.ndarray:
    """Mean absolute deviation of what lies from the 10th to the 90th percentile; 0 if nothing does."""
    first, levels = gray.present_starts[:-1], gray.present
    inside = (levels >= np.repeat(p10, gray.n_present)) & (levels <= np.repeat(p90, gray.n_present))
    counts = np.where(inside, gray.counts, 0)
    number = np.maximum(np.add.reduceat(counts, first), 1)
    mean = np.add.reduceat(levels * counts, first) / number
    return np.add.reduceat(counts * np.abs(levels - np.repeat(mean, gray.n_present)), first) / number


@njit(cache=True, nogil=True)
def find_gradients(levels, counts, starts, found):
    """Fill the steepest rise of each histogram and its level, the steepest fall and its level.

    Levels run from 1 to the highest present; the gradient of a level that is alone is 0.
    """
    for image in range(starts.size - 1):
        present = levels[starts[image] : starts[image + 1]]
        last = int(present[-1])
        if present.size == 1:
            found[image, 0] = found[image, 2] = 0.0
            found[image, 1] = found[image, 3] = last
            continue
        histogram = np.zeros(last + 1)
        for k in range(present.size):
            histogram[int(present[k])] = counts[starts[image] + k]
        found[image, 0], found[image, 2] = -np.inf, np.inf
        for level in range(1, last + 1):
            before, after = max(level - 1, 1), min(level + 1, last)
            gradient = (histogram[after] - histogram[before]) / (after - before)
            if gradient > found[image, 0]:
                found[image, 0], found[image, 1] = gradient, level
            if gradient < found[image, 2]:
                found[image, 2], found[image, 3] = gradient, level
