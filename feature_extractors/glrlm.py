"""Gray-level run-length matrix."""

from __future__ import annotations

from typing import ClassVar

from feature_extractors._matrices import run_length_matrices
from feature_extractors._size_formulas import SizeFormulas
from feature_extractors._texture import TextureExtractor

__all__ = ["GLRLM"]


class GLRLM(TextureExtractor):
    """Statistics of runs of equal gray level: the run-length matrix [1]_, 16 features.

    ``P(i, j)`` counts the runs of j consecutive pixels of gray level i along a direction. There is one
    matrix for each of the directions 0°, 45°, 90° and 135°; features are computed on each and averaged. A
    pixel outside the region of interest ends a run.

    Parameters
    ----------
    levels : int, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number).
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``glrlm_`` and the names below.

    Notes
    -----
    With ``N_r = Σ P`` the number of runs, ``p = P / N_r``, ``N_p`` the number of pixels, ``μ_i`` and ``μ_j``
    the means of gray level and length over the runs, and ε = 2.2e-16:

    ====================================  ===================================
    gray_level_non_uniformity             Σ_i (Σ_j P)² / N_r
    gray_level_non_uniformity_normalized  Σ_i (Σ_j P)² / N_r²
    gray_level_variance                   Σ p (i - μ_i)²
    high_gray_level_run_emphasis          Σ p i²
    long_run_emphasis                     Σ p j²
    long_run_high_gray_level_emphasis     Σ p i² j²
    long_run_low_gray_level_emphasis      Σ p j² / i²
    low_gray_level_run_emphasis           Σ p / i²
    run_entropy                           -Σ p log2(p + ε)
    run_length_non_uniformity             Σ_j (Σ_i P)² / N_r
    run_length_non_uniformity_normalized  Σ_j (Σ_i P)² / N_r²
    run_percentage                        N_r / N_p
    run_variance                          Σ p (j - μ_j)²
    short_run_emphasis                    Σ p / j²
    short_run_high_gray_level_emphasis    Σ p i² / j²
    short_run_low_gray_level_emphasis     Σ p / (i² j²)
    ====================================  ===================================

    Names and values are those of pyradiomics 3.0.1 (``glrlm_RunEntropy`` is ``glrlm_run_entropy``), with its
    default of no weighting. Like it, we leave out of the mean a direction in which no line holds two pixels
    of the region. Where that leaves none (a single pixel), pyradiomics gives NaN; here all four directions
    then count, with one run of length 1 for each pixel.

    References
    ----------
    .. [1] Galloway (1975), Texture analysis using gray level run lengths, doi:10.1016/S0146-664X(75)80008-6.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.7 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [3] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile([0, 1], (4, 2))
    >>> glrlm = GLRLM(levels=2).fit([stripes])
    >>> features = dict(zip(glrlm.get_feature_names_out(), glrlm.transform([stripes])[0]))
    >>> features["glrlm_run_percentage"]  # 16, 16, 16 and (along the stripes) 4 runs in 16 pixels
    np.float64(0.8125)
    """

    FAMILY = "glrlm"
    FORMULAS: ClassVar[dict] = {
        "gray_level_non_uniformity": SizeFormulas.gray_level_non_uniformity,
        "gray_level_non_uniformity_normalized": SizeFormulas.gray_level_non_uniformity_normalized,
        "gray_level_variance": SizeFormulas.gray_level_variance,
        "high_gray_level_run_emphasis": SizeFormulas.high_gray_level_emphasis,
        "long_run_emphasis": SizeFormulas.large_emphasis,
        "long_run_high_gray_level_emphasis": SizeFormulas.large_high_gray_level_emphasis,
        "long_run_low_gray_level_emphasis": SizeFormulas.large_low_gray_level_emphasis,
        "low_gray_level_run_emphasis": SizeFormulas.low_gray_level_emphasis,
        "run_entropy": SizeFormulas.entropy,
        "run_length_non_uniformity": SizeFormulas.size_non_uniformity,
        "run_length_non_uniformity_normalized": SizeFormulas.size_non_uniformity_normalized,
        "run_percentage": SizeFormulas.percentage,
        "run_variance": SizeFormulas.size_variance,
        "short_run_emphasis": SizeFormulas.small_emphasis,
        "short_run_high_gray_level_emphasis": SizeFormulas.small_high_gray_level_emphasis,
        "short_run_low_gray_level_emphasis": SizeFormulas.small_low_gray_level_emphasis,
    }
    MAX_LEVELS = 4096

    def __init__(self, levels=32, bin_width=None):
        self.levels = levels
        self.bin_width = bin_width

    def _formulas(self, image):
        return SizeFormulas(run_length_matrices(self._discretise(image)))
