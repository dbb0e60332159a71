"""Gray-level size-zone matrix."""

from __future__ import annotations

from feature_extractors._texture import TextureExtractor

__all__ = ["GLSZM"]


class GLSZM(TextureExtractor):
    """Statistics of zones of equal gray level: the size-zone matrix [1]_, 16 features.

    ``P(i, j)`` counts the zones of gray level i and size j: connected sets of j pixels of one level, where
    each of the 8 pixels around a pixel (26 in a volume) is its neighbour.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum) and how edges of bins are rounded.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``glszm_`` and the names below.

    Notes
    -----
    With ``N_z = Σ P`` the number of zones, ``p = P / N_z``, ``N_p`` the number of pixels, ``μ_i`` and ``μ_j``
    the means of gray level and size over the zones, the features are those of the table. Names and values
    are those of pyradiomics 3.0.1 (``glszm_ZoneEntropy`` is ``glszm_zone_entropy``).

    ====================================  ====  ===================
    gray_level_non_uniformity             JNSA  Σ_i (Σ_j P)² / N_z
    gray_level_non_uniformity_normalized  Y1RO  Σ_i (Σ_j P)² / N_z²
    gray_level_variance                   BYLV  Σ p (i - μ_i)²
    high_gray_level_zone_emphasis         5GN9  Σ p i²
    large_area_emphasis                   48P8  Σ p j²
    large_area_high_gray_level_emphasis   J17V  Σ p i² j²
    large_area_low_gray_level_emphasis    YH51  Σ p j² / i²
    low_gray_level_zone_emphasis          XMSY  Σ p / i²
    size_zone_non_uniformity              4JP3  Σ_j (Σ_i P)² / N_z
    size_zone_non_uniformity_normalized   VB3A  Σ_j (Σ_i P)² / N_z²
    small_area_emphasis                   5QRC  Σ p / j²
    small_area_high_gray_level_emphasis   HW1V  Σ p i² / j²
    small_area_low_gray_level_emphasis    5RAI  Σ p / (i² j²)
    zone_entropy                          GU8N  -Σ p log2 p
    zone_percentage                       P30P  N_z / N_p
    zone_variance                         3NSA  Σ p (j - μ_j)²
    ====================================  ====  ===================

    The second column has the reference codes of IBSI.

    References
    ----------
    .. [1] Thibault et al. (2009), Texture indexes and gray level size zone matrix, Pattern Recognition and
       Information Processing, 140-145.
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
    >>> features["glszm_zone_percentage"], features["glszm_large_area_emphasis"]  # 4 zones of 4 pixels
    (np.float64(0.25), np.float64(16.0))
    """

    FAMILY = "glszm"

    def __init__(self, levels=32, bin_width=None, slices="join", standard="pyradiomics"):
        self.levels = levels
        self.bin_width = bin_width
        self.slices = slices
        self.standard = standard
