"""Gray-level size-zone matrix."""

from __future__ import annotations

from typing import ClassVar

from feature_extractors._matrices import size_zone_matrix
from feature_extractors._size_formulas import SizeFormulas
from feature_extractors._texture import TextureExtractor

__all__ = ["GLSZM"]


class GLSZM(TextureExtractor):
    """Statistics of zones of equal gray level: the size-zone matrix [1]_, 16 features.

    ``P(i, j)`` counts the zones of gray level i and size j: connected sets of j pixels of one level, where
    each of the 8 pixels around a pixel is its neighbour.

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
        ``glszm_`` and the names below.

    Notes
    -----
    With ``N_z = Σ P`` the number of zones, ``p = P / N_z``, ``N_p`` the number of pixels, ``μ_i`` and
    ``μ_j`` the means of gray level and size over the zones, and ε = 2.2e-16:

    ====================================  ===================================
    gray_level_non_uniformity             Σ_i (Σ_j P)² / N_z
    gray_level_non_uniformity_normalized  Σ_i (Σ_j P)² / N_z²
    gray_level_variance                   Σ p (i - μ_i)²
    high_gray_level_zone_emphasis         Σ p i²
    large_area_emphasis                   Σ p j²
    large_area_high_gray_level_emphasis   Σ p i² j²
    large_area_low_gray_level_emphasis    Σ p j² / i²
    low_gray_level_zone_emphasis          Σ p / i²
    size_zone_non_uniformity              Σ_j (Σ_i P)² / N_z
    size_zone_non_uniformity_normalized   Σ_j (Σ_i P)² / N_z²
    small_area_emphasis                   Σ p / j²
    small_area_high_gray_level_emphasis   Σ p i² / j²
    small_area_low_gray_level_emphasis    Σ p / (i² j²)
    zone_entropy                          -Σ p log2(p + ε)
    zone_percentage                       N_z / N_p
    zone_variance                         Σ p (j - μ_j)²
    ====================================  ===================================

    Names and values are those of pyradiomics 3.0.1 (``glszm_ZoneEntropy`` is ``glszm_zone_entropy``), without
    exception.

    References
    ----------
    .. [1] Thibault et al. (2009), Texture indexes and gray level size zone matrix: application to cell nuclei
       classification, Pattern Recognition and Information Processing, 140-145; and Thibault, Angulo, Meyer
       (2014), Advanced statistical matrices for texture characterization, doi:10.1109/TBME.2013.2284600.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.8 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [3] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile([0, 1], (4, 2))
    >>> glszm = GLSZM(levels=2).fit([stripes])
    >>> features = dict(zip(glszm.get_feature_names_out(), glszm.transform([stripes])[0]))
    >>> features["glszm_large_area_emphasis"]  # four zones of 4 pixels
    np.float64(16.0)
    """

    FAMILY = "glszm"
    FORMULAS: ClassVar[dict] = {
        "gray_level_non_uniformity": SizeFormulas.gray_level_non_uniformity,
        "gray_level_non_uniformity_normalized": SizeFormulas.gray_level_non_uniformity_normalized,
        "gray_level_variance": SizeFormulas.gray_level_variance,
        "high_gray_level_zone_emphasis": SizeFormulas.high_gray_level_emphasis,
        "large_area_emphasis": SizeFormulas.large_emphasis,
        "large_area_high_gray_level_emphasis": SizeFormulas.large_high_gray_level_emphasis,
        "large_area_low_gray_level_emphasis": SizeFormulas.large_low_gray_level_emphasis,
        "low_gray_level_zone_emphasis": SizeFormulas.low_gray_level_emphasis,
        "size_zone_non_uniformity": SizeFormulas.size_non_uniformity,
        "size_zone_non_uniformity_normalized": SizeFormulas.size_non_uniformity_normalized,
        "small_area_emphasis": SizeFormulas.small_emphasis,
        "small_area_high_gray_level_emphasis": SizeFormulas.small_high_gray_level_emphasis,
        "small_area_low_gray_level_emphasis": SizeFormulas.small_low_gray_level_emphasis,
        "zone_entropy": SizeFormulas.entropy,
        "zone_percentage": SizeFormulas.percentage,
        "zone_variance": SizeFormulas.size_variance,
    }
    MAX_LEVELS = 4096

    def __init__(self, levels=32, bin_width=None):
        self.levels = levels
        self.bin_width = bin_width

    def _formulas(self, image):
        return SizeFormulas(size_zone_matrix(self._discretise(image)))
