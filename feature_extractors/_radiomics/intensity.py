"""First-order statistics of the pixel values of regions; formulas are in the extractor `FirstOrder`."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.extremes import extremes
from feature_extractors._radiomics.order_statistics import percentiles_of

__all__ = ["intensity_features", "intensity_names"]

PYRADIOMICS = (
    "10_percentile",
    "90_percentile",
    "energy",
    "entropy",
    "interquartile_range",
    "kurtosis",
    "maximum",
    "mean_absolute_deviation",
    "mean",
    "median",
    "minimum",
    "range",
    "robust_mean_absolute_deviation",
    "root_mean_squared",
    "skewness",
    "total_energy",
    "uniformity",
    "variance",
)
IBSI = (
    "10_percentile",
    "90_percentile",
    "coefficient_of_variation",
    "energy",
    "excess_kurtosis",
    "interquartile_range",
    "maximum",
    "mean",
    "mean_absolute_deviation",
    "median",
    "median_absolute_deviation",
    "minimum",
    "quartile_coefficient_of_dispersion",
    "range",
    "robust_mean_absolute_deviation",
    "root_mean_squared",
    "skewness",
    "variance",
)
PERCENTILES = np.array([10.0, 25.0, 50.0, 75.0, 90.0])
REASSOCIATED = {"reassoc", "contract"}


def intensity_names(standard: str) -> tuple[str, ...]:
    """Return the names of the features, without that of the family."""
    return IBSI if standard == "ibsi" else PYRADIOMICS


def intensity_features(
    values: np.ndarray,
    offsets: np.ndarray,
    counts: np.ndarray,
    count_offsets: np.ndarray,
    *,
    shift: float = 0.0,
    voxel_volume: float = 1.0,
    standard: str = "pyradiomics",
) -> np.ndarray:
    """Compute the features of n regions.

    Parameters
    ----------
    values : ndarray of float32 or float64, flat
        Pixel values, region after region.
    offsets : ndarray of int64, shape (n + 1,)
        Where each region begins.
    counts : ndarray of int64, flat
        Pixels in each gray level present, region after region.
    count_offsets : ndarray of int64, shape (n + 1,)
        Where the counts of each region begin.
    shift : float, default=0
        Added to the values in energies and root mean square.
    voxel_volume : float, default=1
        Factor between energy and total energy.
    standard : {"pyradiomics", "ibsi"}
        Which features.

    Returns
    -------
    ndarray of float64, shape (n, 18)
        In the order of :func:`intensity_names`.
    """
    quantiles = percentiles_of(values, offsets, PERCENTILES)
    moments = np.empty((len(offsets) - 1, 8))
    compute_moments(values, offsets, float(shift), moments)
    middle = np.empty((len(offsets) - 1, 2))
    compute_deviations(values, offsets, quantiles, middle)
    low, high, mean, variance, skewness, kurtosis, absolute, energy = moments.T
    p10, p25, median, p75, p90 = quantiles.T
    robust, from_median = middle.T
    number = np.diff(offsets)
    known = {
        "10_percentile": p10,
        "90_percentile": p90,
        "energy": energy,
        "interquartile_range": p75 - p25,
        "kurtosis": kurtosis,
        "maximum": high,
        "mean_absolute_deviation": absolute,
        "mean": mean,
        "median": median,
        "median_absolute_deviation": from_median,
        "minimum": low,
        "range": high - low,
        "robust_mean_absolute_deviation": robust,
        "root_mean_squared": np.sqrt(energy / number),
        "skewness": skewness,
        "total_energy": energy * voxel_volume,
        "variance": variance,
    }
    if standard == "ibsi":
        flat = variance == 0
        known["excess_kurtosis"] = np.where(flat, 0.0, kurtosis - 3)
        known["coefficient_of_variation"] = _ratio(np.sqrt(variance), mean)
        known["quartile_coefficient_of_dispersion"] = _ratio(p75 - p25, p75 + p25)
    else:
        known["entropy"], known["uniformity"] = _of_histograms(counts, count_offsets)
    return np.column_stack([known[name] for name in intensity_names(standard)])


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide; 0 where both are 0, and where the denominator alone is: a value that cannot be said."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)


def _of_histograms(counts: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entropy in bits and uniformity of histograms, ``-Σ p log2 p`` and ``Σ p²``."""
    total = np.repeat(np.add.reduceat(counts, offsets[:-1]), np.diff(offsets))
    p = counts / total
    entropy = -np.add.reduceat(p * np.log2(p), offsets[:-1])
    return np.maximum(entropy, 0.0), np.add.reduceat(p * p, offsets[:-1])


@njit(cache=True, nogil=True, fastmath=REASSOCIATED)
def compute_moments(values, offsets, shift, moments):
    """Fill minimum, maximum, mean, variance, skewness, kurtosis, mean absolute deviation and energy."""
    for region in range(offsets.size - 1):
        x = values[offsets[region] : offsets[region + 1]]
        least, greatest = extremes(x)
        low, high = float(least), float(greatest)
        total = energy = 0.0
        for i in range(x.size):
            value = float(x[i])
            total += value - low
            energy += (value + shift) * (value + shift)
        mean = total / x.size  # above the least value, from which all are taken, so that none is large
        variance = absolute = 0.0
        for i in range(x.size):
            away = (float(x[i]) - low) - mean
            variance += away * away
            absolute += abs(away)
        variance /= x.size
        skewness = kurtosis = 0.0
        if variance > 0 and high > low:
            scale = 1 / np.sqrt(variance)
            for i in range(x.size):
                away = ((float(x[i]) - low) - mean) * scale
                squared = away * away
                skewness += squared * away
                kurtosis += squared * squared
        out = moments[region]
        out[0], out[1], out[2] = low, high, low + mean
        out[3] = variance if high > low else 0.0
        out[4], out[5] = skewness / x.size, kurtosis / x.size
        out[6] = absolute / x.size if high > low else 0.0
        out[7] = energy


@njit(cache=True, nogil=True, fastmath=REASSOCIATED)
def compute_deviations(values, offsets, quantiles, deviations):
    """Fill mean absolute deviations: of what lies from the 10th to the 90th percentile; from the median."""
    for region in range(offsets.size - 1):
        x = values[offsets[region] : offsets[region + 1]]
        low, median, high = quantiles[region, 0], quantiles[region, 2], quantiles[region, 4]
        total = number = from_median = robust = 0.0
        for i in range(x.size):
            value = float(x[i])
            from_median += abs(value - median)
            counts = 1.0 if low <= value <= high else 0.0
            total += counts * value
            number += counts
        mean = total / number if number > 0 else 0.0
        for i in range(x.size):
            value = float(x[i])
            robust += abs(value - mean) if low <= value <= high else 0.0
        deviations[region, 0] = robust / number if number > 0 and high > low else 0.0
        deviations[region, 1] = from_median / x.size
