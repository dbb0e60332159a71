"""First-order statistics: of pixel values, wherever they lie."""

from __future__ import annotations

from numbers import Real
from typing import ClassVar

from sklearn.utils._param_validation import Interval

from feature_extractors._texture import TextureExtractor

__all__ = ["FirstOrder"]


class FirstOrder(TextureExtractor):
    """Statistics of the pixel values of the region, 18 features.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). Only `entropy` and `uniformity` depend on it. None, without `bin_width`: the values are gray
        levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    voxel_array_shift : float, default=0
        c, added to the values in `energy`, `total_energy` and `root_mean_squared`, to keep them from being
        negative (2000, say, for CT numbers).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which features: those of the library's first order, or IBSI's intensity-based statistics.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``first_order_`` and the names below.

    Notes
    -----
    With x the N pixel values of the region, p the share of pixels in each gray level, ``μ_k = Σ (x - mean)^k
    / N`` the central moments, ``σ² = μ_2``, and percentiles interpolated linearly between values:

    ===================================  ====  ===========================================================
    10_percentile                        QG58  10th percentile of x
    90_percentile                        8DWT  90th percentile of x
    energy                               N8CA  Σ (x + c)²
    entropy                              –     -Σ p log2 p; pyradiomics only (IBSI: of the histogram, TLU2)
    interquartile_range                  SALO  75th less 25th percentile
    kurtosis                             –     μ_4 / σ⁴; 0 in a flat region; pyradiomics only
    maximum                              84IY  max x
    mean_absolute_deviation              4FUA  Σ abs(x - mean) / N
    mean                                 Q4LE  Σ x / N
    median                               Y12H  50th percentile
    minimum                              1GSF  min x
    range                                2OJQ  max x - min x
    robust_mean_absolute_deviation       1128  the same of the values from the 10th to the 90th percentile
    root_mean_squared                    5ZWQ  sqrt(Σ (x + c)² / N)
    skewness                             KE2A  μ_3 / σ³; 0 in a flat region
    total_energy                         –     energy times the area of a pixel, 1 here; pyradiomics only
    uniformity                           –     Σ p²; pyradiomics only (IBSI: of the histogram, BJ5W)
    variance                             ECT3  σ²
    coefficient_of_variation             7TET  σ / mean; 0 where the mean is 0; IBSI only
    excess_kurtosis                      IPH6  μ_4 / σ⁴ - 3; 0 in a flat region; IBSI only
    median_absolute_deviation            N72L  Σ abs(x - median) / N; IBSI only
    quartile_coefficient_of_dispersion   9S40  (P75 - P25) / (P75 + P25); 0 where that sum is 0; IBSI only
    ===================================  ====  ===========================================================

    The second column has the reference codes of IBSI.

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

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "voxel_array_shift": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(self, levels=32, bin_width=None, voxel_array_shift=0, standard="pyradiomics"):
        self.levels = levels
        self.bin_width = bin_width
        self.voxel_array_shift = voxel_array_shift
        self.standard = standard
