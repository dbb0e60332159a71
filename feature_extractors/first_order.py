"""First-order statistics: the distribution of pixel values, wherever they lie."""

from __future__ import annotations

from functools import cached_property
from numbers import Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from feature_extractors._texture import TextureExtractor, entropy

__all__ = ["FirstOrder"]


class IntensityFormulas:
    """Statistics of the pixel values of a region; symbols as in `FirstOrder`.

    Parameters
    ----------
    x : ndarray of float64, shape (n_pixels,)
    p : ndarray of float64, shape (n_levels,)
        Share of pixels in each gray level that occurs.
    shift : float
        Added to the values in `energy`, `total_energy` and `root_mean_squared`.
    """

    def __init__(self, x, p, *, shift):
        self.x = x
        self.p = p
        self.shift = shift

    @cached_property
    def _centred(self):
        return self.x - np.mean(self.x)

    @cached_property
    def _percentiles(self):
        wanted = (10, 25, 50, 75, 90)
        return dict(zip(wanted, np.percentile(np.sort(self.x), wanted), strict=True))

    @cached_property
    def _scaled(self):
        """Deviations from the mean in standard deviations; all 0 in a flat region."""
        spread = np.sqrt(self.variance())
        return self._centred / spread if spread > 0 and self.range() > 0 else np.zeros_like(self.x)

    def percentile_10(self):
        """10th percentile, interpolated linearly."""
        return self._percentiles[10]

    def percentile_90(self):
        """90th percentile, interpolated linearly."""
        return self._percentiles[90]

    def energy(self):
        """``Σ (x + c)²``."""
        shifted = self.x + self.shift
        return np.dot(shifted, shifted)

    def entropy(self):
        """``-Σ p log2(p + ε)``."""
        return entropy(self.p, axis=0)

    def interquartile_range(self):
        """75th less 25th percentile."""
        return self._percentiles[75] - self._percentiles[25]

    def kurtosis(self):
        """``μ_4 / σ⁴``."""
        return np.mean(np.square(np.square(self._scaled)))

    def maximum(self):
        """``max x``."""
        return np.max(self.x)

    def mean_absolute_deviation(self):
        """``mean |x - mean|``."""
        return np.mean(np.abs(self._centred))

    def mean(self):
        """``Σ x / N``."""
        return np.mean(self.x)

    def median(self):
        """50th percentile."""
        return self._percentiles[50]

    def minimum(self):
        """``min x``."""
        return np.min(self.x)

    def range(self):
        """``max x - min x``."""
        return np.max(self.x) - np.min(self.x)

    def robust_mean_absolute_deviation(self):
        """Mean absolute deviation of the values from the 10th to the 90th percentile."""
        middle = self.x[(self.x >= self._percentiles[10]) & (self.x <= self._percentiles[90])]
        return np.mean(np.abs(middle - np.mean(middle)))

    def root_mean_squared(self):
        """``sqrt(Σ (x + c)² / N)``."""
        return np.sqrt(self.energy() / self.x.size)

    def skewness(self):
        """``μ_3 / σ³``."""
        return np.mean(np.square(self._scaled) * self._scaled)

    def uniformity(self):
        """``Σ p²``."""
        return np.sum(self.p**2)

    def variance(self):
        """``σ² = Σ (x - mean)² / N``."""
        return np.mean(np.square(self._centred))


class FirstOrder(TextureExtractor):
    """Statistics of the pixel values of the region, 18 features.

    Parameters
    ----------
    levels : int, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). Only `entropy` and `uniformity` depend on it.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    voxel_array_shift : float, default=0
        c, added to the values in `energy`, `total_energy` and `root_mean_squared`, to keep them from being
        negative (2000, say, for CT numbers).

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``first_order_`` and the names below.

    Notes
    -----
    With x the N pixel values of the region, p the share of pixels in each gray level, ``μ_k = Σ (x - mean)^k
    / N`` the central moments, ``σ² = μ_2``, percentiles interpolated linearly between values, and ε =
    2.2e-16:

    ==============================  ==========================================================
    10_percentile, 90_percentile    10th and 90th percentile of x
    energy                          Σ (x + c)²
    entropy                         -Σ p log2(p + ε)
    interquartile_range             75th less 25th percentile
    kurtosis                        μ_4 / σ⁴ (IBSI: 3 less); 0 in a flat region
    maximum, minimum                max x, min x
    mean, median                    Σ x / N, 50th percentile
    mean_absolute_deviation         Σ abs(x - mean) / N
    range                           max x - min x
    robust_mean_absolute_deviation  the same of the values from the 10th to the 90th percentile
    root_mean_squared               sqrt(Σ (x + c)² / N)
    skewness                        μ_3 / σ³; 0 in a flat region
    total_energy                    energy times the area of a pixel, which is 1 here
    uniformity                      Σ p²
    variance                        σ²
    ==============================  ==========================================================

    Names and values are those of pyradiomics 3.0.1 (``firstorder_10Percentile`` is
    ``first_order_10_percentile``), except in a flat region whose mean is not exactly its value (0.1, say):
    there rounding gives pyradiomics skewness ±1 and kurtosis 1, where we give 0.

    References
    ----------
    .. [1] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, sections 3.3 and 3.4 of
       the reference manual, doi:10.1148/radiol.2020191145.
    .. [2] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0, 1], [2, 5]])
    >>> first_order = FirstOrder().fit([image])
    >>> features = dict(zip(first_order.get_feature_names_out(), first_order.transform([image])[0]))
    >>> features["first_order_mean"], features["first_order_energy"]
    (np.float64(2.0), np.float64(30.0))
    """

    FAMILY = "first_order"
    FORMULAS: ClassVar[dict] = {
        "10_percentile": IntensityFormulas.percentile_10,
        "90_percentile": IntensityFormulas.percentile_90,
        "energy": IntensityFormulas.energy,
        "entropy": IntensityFormulas.entropy,
        "interquartile_range": IntensityFormulas.interquartile_range,
        "kurtosis": IntensityFormulas.kurtosis,
        "maximum": IntensityFormulas.maximum,
        "mean_absolute_deviation": IntensityFormulas.mean_absolute_deviation,
        "mean": IntensityFormulas.mean,
        "median": IntensityFormulas.median,
        "minimum": IntensityFormulas.minimum,
        "range": IntensityFormulas.range,
        "robust_mean_absolute_deviation": IntensityFormulas.robust_mean_absolute_deviation,
        "root_mean_squared": IntensityFormulas.root_mean_squared,
        "skewness": IntensityFormulas.skewness,
        "total_energy": IntensityFormulas.energy,
        "uniformity": IntensityFormulas.uniformity,
        "variance": IntensityFormulas.variance,
    }

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "voxel_array_shift": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(self, levels=32, bin_width=None, voxel_array_shift=0):
        self.levels = levels
        self.bin_width = bin_width
        self.voxel_array_shift = voxel_array_shift

    def _formulas(self, image):
        gray = self._discretise(image)
        inside = gray.positions > 0
        x = np.ma.getdata(image)[inside].astype(np.float64)
        p = np.bincount(gray.positions[inside], minlength=1)[1:] / x.size
        return IntensityFormulas(x, p, shift=self.voxel_array_shift)
