"""The statistics of matrices by gray level and size: of runs, zones, dependences and distances.

``P(i, j)`` counts what has gray level i and size j; ``N = Σ P`` is their number, ``p = P / N``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["STATISTICS", "size_features"]

STATISTICS = (
    "small_emphasis",  # Σ p / j²
    "large_emphasis",  # Σ p j²
    "low_gray_level_emphasis",  # Σ p / i²
    "high_gray_level_emphasis",  # Σ p i²
    "small_low_gray_level_emphasis",  # Σ p / (i² j²)
    "small_high_gray_level_emphasis",  # Σ p i² / j²
    "large_low_gray_level_emphasis",  # Σ p j² / i²
    "large_high_gray_level_emphasis",  # Σ p i² j²
    "gray_level_non_uniformity",  # Σ_i (Σ_j P)² / N
    "gray_level_non_uniformity_normalized",  # Σ_i (Σ_j P)² / N²
    "size_non_uniformity",  # Σ_j (Σ_i P)² / N
    "size_non_uniformity_normalized",  # Σ_j (Σ_i P)² / N²
    "percentage",  # N / number of pixels
    "gray_level_variance",  # Σ p (i - μ)²
    "size_variance",  # Σ p (j - μ)²
    "entropy",  # -Σ p log2 p
    "energy",  # Σ p²
)


def size_features(matrices: SparseMatrices, pixels: np.ndarray) -> np.ndarray:
    """Compute the statistics of each matrix.

    Parameters
    ----------
    matrices : SparseMatrices
        Columns are sizes.
    pixels : ndarray of int64, shape (n_matrices,)
        How many pixels each matrix is made of.

    Returns
    -------
    ndarray of float64, shape (n_matrices, 17)
        In the order of `STATISTICS`; NaN for a matrix without entries.
    """
    features = np.empty((len(matrices), len(STATISTICS)))
    compute(
        matrices.rows, matrices.columns, matrices.counts, matrices.starts, matrices.images,
        matrices.present, matrices.present_starts, pixels, features,
    )  # fmt: skip
    return features


@njit(cache=True, nogil=True, error_model="numpy")
def compute(rows, columns, counts, starts, images, present, present_starts, pixels, features):
    """Compute the statistics of matrix after matrix."""
    of_level = np.zeros(np.diff(present_starts).max(), dtype=np.int64)
    largest = np.int64(0)
    for entry in range(columns.size):
        largest = max(largest, np.int64(columns[entry]))
    of_size = np.zeros(largest + 1, dtype=np.int64)
    for matrix in range(images.size):
        begin, end = starts[matrix], starts[matrix + 1]
        out = features[matrix]
        if begin == end:
            out[:] = np.nan
            continue
        first = present_starts[images[matrix]]
        n = present_starts[images[matrix] + 1] - first
        tones = present[first : first + n]
        of_level[:n] = 0
        small_low = small_high = large_low = large_high = logs = squares = 0.0
        total = np.int64(0)
        longest = np.int64(0)
        for entry in range(begin, end):
            i, j, count = rows[entry], np.int64(columns[entry]), counts[entry]
            of_level[i] += count
            of_size[j] += count
            total += count
            longest = max(longest, j)
            value, level, size = float(count), tones[i] * tones[i], float(j) * float(j)
            small_low += value / (level * size)
            small_high += value * level / size
            large_low += value * size / level
            large_high += value * level * size
            squares += value * value
            if count > 1:
                logs += value * np.log2(value)
        number = float(total)
        out[4], out[5], out[6], out[7] = (
            small_low / number, small_high / number, large_low / number, large_high / number,
        )  # fmt: skip
        out[12] = number / pixels[matrix]
        out[15] = np.log2(number) - logs / number
        out[16] = squares / (number * number)
        out[2], out[3], out[9], out[13] = summary(tones, of_level[:n], number)
        sizes = of_size[: longest + 1]
        out[0], out[1], out[11], out[14] = summary_of_sizes(sizes, number)
        out[8] = out[9] * number
        out[10] = out[11] * number
        sizes[:] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def summary(values, counts, number):
    """Σ p / v², Σ p v², Σ p² and the variance, of values that occur so often."""
    low = high = squares = mean = variance = 0.0
    for k in range(values.size):
        count, value = float(counts[k]), values[k]
        low += count / (value * value)
        high += count * value * value
        squares += count * count
        mean += count * value
    mean /= number
    for k in range(values.size):
        variance += counts[k] * (values[k] - mean) ** 2
    return low / number, high / number, squares / (number * number), variance / number


@njit(cache=True, nogil=True, error_model="numpy")
def summary_of_sizes(counts, number):
    """Compute the same of sizes, ``counts[j]`` being how often the size j occurs."""
    small = large = squares = mean = variance = 0.0
    for j in range(1, counts.size):
        if counts[j] > 0:
            count, size = float(counts[j]), float(j)
            small += count / (size * size)
            large += count * size * size
            squares += count * count
            mean += count * size
    mean /= number
    for j in range(1, counts.size):
        if counts[j] > 0:
            variance += counts[j] * (j - mean) ** 2
    return small / number, large / number, squares / (number * number), variance / number
