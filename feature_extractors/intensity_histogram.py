"""Histogram of the gray levels of a region."""

from __future__ import annotations

from feature_extractors._texture import TextureExtractor

__all__ = ["IntensityHistogram"]


class IntensityHistogram(TextureExtractor):
    """Statistics of the gray levels of the region after discretisation, 23 features [1]_.

    Of a volume, all slices are counted together.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum) and how edges of bins are rounded.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``intensity_histogram_`` and the names below.

    Notes
    -----
    With x the gray levels of the N pixels of the region, ``n_i`` the number of pixels of level i, ``p_i = n_i
    / N``, ``μ_k = Σ p_i (i - mean)^k`` the central moments, ``σ² = μ_2``, and percentiles interpolated
    linearly between values:

    ===================================  ====  ===========================================================
    10_percentile                        GPMT  P10, 10th percentile of x
    90_percentile                        OZ0C  P90, 90th percentile of x
    coefficient_of_variation             CWYJ  σ / mean
    entropy                              TLU2  -Σ p log2 p
    excess_kurtosis                      C3I7  μ_4 / σ⁴ - 3; 0 in a flat region
    interquartile_range                  WR0O  P75 - P25
    maximum                              3NCY  max x
    maximum_gradient                     12CE  max g_i
    maximum_gradient_intensity           8E6O  the i of that; the lowest of several
    mean                                 X6K6  Σ p_i i
    mean_absolute_deviation              D2ZX  Σ p_i abs(i - mean)
    median                               WIFQ  50th percentile
    median_absolute_deviation            4RNL  Σ p_i abs(i - median)
    minimum                              1PR8  min x
    minimum_gradient                     VQB3  min g_i
    minimum_gradient_intensity           RHQZ  the i of that; the lowest of several
    mode                                 AMMC  the i of the largest n_i; of several that nearest to the mean
    quartile_coefficient_of_dispersion   SLWD  (P75 - P25) / (P75 + P25)
    range                                5Z3W  max x - min x
    robust_mean_absolute_deviation       WRZB  mean absolute deviation of the x from P10 to P90
    skewness                             88K1  μ_3 / σ³; 0 in a flat region
    uniformity                           BJ5W  Σ p²
    variance                             CH89  σ²
    ===================================  ====  ===========================================================

    The second column has the reference codes of IBSI.

    The gradient is ``g_i = (n_{i+1} - n_{i-1}) / 2``, and at both ends, level 1 and the highest level
    present, the difference from the one neighbour. Of a region with a single gray level it is 0. Of two
    modes as near to the mean, the lower one is taken.

    References
    ----------
    .. [1] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.4 of the
       reference manual, doi:10.1148/radiol.2020191145.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1, 1, 1], [2, 4, 4]])
    >>> histogram = IntensityHistogram(levels=None).fit([image])
    >>> features = dict(zip(histogram.get_feature_names_out(), histogram.transform([image])[0].tolist()))
    >>> features["intensity_histogram_mode"], features["intensity_histogram_minimum_gradient"]
    (1.0, -2.0)
    """

    FAMILY = "intensity_histogram"

    def __init__(self, levels=32, bin_width=None, standard="pyradiomics"):
        self.levels = levels
        self.bin_width = bin_width
        self.standard = standard
