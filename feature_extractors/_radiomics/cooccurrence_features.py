"""The statistics of co-occurrence matrices; symbols and formulas are explained by the extractor `GLCM`."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.correlation import maximal_correlations
from feature_extractors._radiomics.sparse import SparseMatrices

__all__ = ["NAMES", "cooccurrence_features"]

NAMES = (
    "autocorrelation",
    "cluster_prominence",
    "cluster_shade",
    "cluster_tendency",
    "contrast",
    "correlation",
    "difference_average",
    "difference_entropy",
    "difference_variance",
    "id",
    "idm",
    "idmn",
    "idn",
    "imc1",
    "imc2",
    "inverse_variance",
    "joint_average",
    "joint_energy",
    "joint_entropy",
    "mcc",
    "maximum_probability",
    "sum_average",
    "sum_entropy",
    "sum_squares",
)
MCC = NAMES.index("mcc")
SMALL_COUNTS = np.arange(4096)
COUNT_TIMES_LOG = SMALL_COUNTS * np.log2(np.maximum(SMALL_COUNTS, 1))


def cooccurrence_features(matrices: SparseMatrices) -> np.ndarray:
    """Compute the features of each matrix.

    Parameters
    ----------
    matrices : SparseMatrices
        Of co-occurrences.

    Returns
    -------
    ndarray of float64, shape (n_matrices, 24)
        In the order of `NAMES`; NaN for a matrix without entries.
    """
    features = np.empty((len(matrices), len(NAMES)))
    compute(
        matrices.rows, matrices.columns, matrices.counts, matrices.starts, matrices.images,
        matrices.present, matrices.present_starts, matrices.symmetric, COUNT_TIMES_LOG, features,
    )  # fmt: skip
    features[:, MCC] = maximal_correlations(matrices)
    return features


@njit(cache=True, nogil=True, error_model="numpy")
def compute(
    rows, columns, counts, starts, images, present, present_starts, symmetric, count_times_log, features
):
    """Compute the features of matrix after matrix, but for the maximal correlation."""
    widest = np.diff(present_starts).max() + 1
    highest = np.int64(present.max()) if present.size else 0
    of_row = np.empty(widest, dtype=np.int64)
    of_column = np.empty(widest, dtype=np.int64)
    tones = np.empty(widest, dtype=np.int64)
    of_sum = np.empty(2 * highest + 1, dtype=np.int64)
    of_difference = np.empty(highest + 1, dtype=np.int64)
    for matrix in range(images.size):
        first = present_starts[images[matrix]]
        n = present_starts[images[matrix] + 1] - first
        for i in range(n):
            tones[i] = np.int64(present[first + i])
        top = tones[n - 1]
        of_row[:n] = 0
        of_column[:n] = 0
        of_sum[: 2 * top + 1] = 0
        of_difference[: top + 1] = 0
        total = largest = np.int64(0)
        squares = logs = products = 0.0
        for entry in range(starts[matrix], starts[matrix + 1]):
            i, j, count = rows[entry], columns[entry], counts[entry]
            a, b = tones[i], tones[j]
            times = 2 if symmetric and i != j else 1
            of_row[i] += count
            of_column[j] += count
            if times == 2:
                of_row[j] += count
                of_column[i] += count
            of_sum[a + b] += times * count
            of_difference[abs(a - b)] += times * count
            total += times * count
            largest = max(largest, count)
            value = float(count)
            squares += times * value * value
            products += times * value * float(a * b)
            logs += times * (
                count_times_log[count] if count < count_times_log.size else value * np.log2(value)
            )
        out = features[matrix]
        if total == 0:
            out[:] = np.nan
            continue
        size = float(total)
        out[0] = products / size
        out[17] = squares / (size * size)
        joint_entropy = np.log2(size) - logs / size if largest < total else 0.0
        out[18] = joint_entropy
        out[20] = largest / size
        fill_marginals(tones[:n], of_row, of_column, size, joint_entropy, out)
        fill_sums(of_sum[: 2 * top + 1], size, out)
        fill_differences(of_difference[:top], size, float(top), out)
        fill_correlation(tones[:n], of_row, of_column, size, out)


@njit(cache=True, nogil=True, error_model="numpy")
def entropy_of(counts, size):
    """Entropy in bits of counts that add up to `size`."""
    logs = 0.0
    for k in range(counts.size):
        if counts[k] > 0:
            if counts[k] == size:
                return 0.0
            logs += counts[k] * np.log2(float(counts[k]))
    return np.log2(size) - logs / size


@njit(cache=True, nogil=True, error_model="numpy")
def mean_of(tones, counts, size):
    """Mean of levels that occur so often."""
    total = 0.0
    for i in range(tones.size):
        total += float(tones[i]) * counts[i]
    return total / size


@njit(cache=True, nogil=True, error_model="numpy")
def variance_of(tones, counts, size, mean):
    """Variance of levels that occur so often."""
    total = 0.0
    for i in range(tones.size):
        total += (tones[i] - mean) ** 2 * counts[i]
    return total / size


@njit(cache=True, nogil=True, error_model="numpy")
def fill_marginals(tones, of_row, of_column, size, joint_entropy, out):
    """Features of the marginal distributions: joint average, sum of squares, information measures.

    Σ p log2(p_x p_y) and Σ p_x p_y log2(p_x p_y) are both -(HX + HY).
    """
    row_entropy = entropy_of(of_row[: tones.size], size)
    column_entropy = entropy_of(of_column[: tones.size], size)
    out[16] = mean_of(tones, of_row, size)
    out[23] = variance_of(tones, of_row, size, out[16])
    information = row_entropy + column_entropy - joint_entropy
    highest = max(row_entropy, column_entropy)
    out[13] = -information / highest if highest > 0 else 0.0
    out[14] = np.sqrt(1 - np.exp(-2 * max(information, 0.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def fill_sums(of_sum, size, out):
    """Features of the distribution of i + j; its mean is μ_x + μ_y."""
    mean = 0.0
    for k in range(of_sum.size):
        mean += float(k) * of_sum[k]
    mean /= size
    second = third = fourth = 0.0
    for k in range(of_sum.size):
        if of_sum[k] > 0:
            away = k - mean
            weighted = of_sum[k] * away * away
            second += weighted
            third += weighted * away
            fourth += weighted * away * away
    out[1] = fourth / size
    out[2] = third / size
    out[3] = second / size
    out[21] = mean
    out[22] = entropy_of(of_sum, size)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_differences(of_difference, size, top, out):
    """Features of the distribution of abs(i - j)."""
    average = contrast = inverse = inverse_moment = normalized = moment_normalized = variance = 0.0
    for k in range(of_difference.size):
        if of_difference[k] > 0:
            count = float(of_difference[k])
            distance = float(k)
            average += count * distance
            contrast += count * distance * distance
            inverse += count / (1 + distance)
            inverse_moment += count / (1 + distance * distance)
            normalized += count / (1 + distance / top)
            moment_normalized += count / (1 + (distance / top) ** 2)
            if k > 0:
                variance += count / (distance * distance)
    average /= size
    spread = 0.0
    for k in range(of_difference.size):
        spread += of_difference[k] * (k - average) ** 2
    out[4] = contrast / size
    out[6] = average
    out[7] = entropy_of(of_difference, size)
    out[8] = spread / size
    out[9] = inverse / size
    out[10] = inverse_moment / size
    out[11] = moment_normalized / size
    out[12] = normalized / size
    out[15] = variance / size


@njit(cache=True, nogil=True, error_model="numpy")
def fill_correlation(tones, of_row, of_column, size, out):
    """Correlation, from Var(i + j) = σ_x² + σ_y² + 2 cov; 1 where a σ is 0."""
    row_variance = out[23]
    column_mean = mean_of(tones, of_column, size)
    column_variance = variance_of(tones, of_column, size, column_mean)
    spread = np.sqrt(row_variance) * np.sqrt(column_variance)
    covariance = (out[3] - row_variance - column_variance) / 2
    out[5] = covariance / spread if spread > 0 else 1.0
