"""Gray-level distance-zone matrix."""

from __future__ import annotations

from feature_extractors._texture import TextureExtractor

__all__ = ["GLDZM"]


class GLDZM(TextureExtractor):
    """Statistics of where zones of equal gray level lie: the distance-zone matrix [1]_, 16 features.

    ``P(i, j)`` counts the zones of gray level i and distance j. Zones are those of `GLSZM`; their distance is
    the least number of steps, between pixels that share a side, from one of their pixels to one outside the
    region of interest (or the image), so that a zone at the border has distance 1.

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
        ``gldzm_`` and the names below.

    Notes
    -----
    With ``N_z = Σ P`` the number of zones, ``p = P / N_z``, ``N_p`` the number of pixels, ``μ_i`` and ``μ_j``
    the means of gray level and distance over the zones, the features are those of the table. pyradiomics
    does not have this family; values are checked against the consensus of IBSI.

    =======================================  ====  ===================
    gray_level_non_uniformity                VFT7  Σ_i (Σ_j P)² / N_z
    gray_level_non_uniformity_normalized     7HP3  Σ_i (Σ_j P)² / N_z²
    gray_level_variance                      QK93  Σ p (i - μ_i)²
    high_gray_level_zone_emphasis            K26C  Σ p i²
    large_distance_emphasis                  MB4I  Σ p j²
    large_distance_high_gray_level_emphasis  KLTH  Σ p i² j²
    large_distance_low_gray_level_emphasis   A7WM  Σ p j² / i²
    low_gray_level_zone_emphasis             S1RA  Σ p / i²
    small_distance_emphasis                  0GBI  Σ p / j²
    small_distance_high_gray_level_emphasis  DKNJ  Σ p i² / j²
    small_distance_low_gray_level_emphasis   RUVG  Σ p / (i² j²)
    zone_distance_entropy                    GBDU  -Σ p log2 p
    zone_distance_non_uniformity             V294  Σ_j (Σ_i P)² / N_z
    zone_distance_non_uniformity_normalized  IATH  Σ_j (Σ_i P)² / N_z²
    zone_distance_variance                   7WT1  Σ p (j - μ_j)²
    zone_percentage                          VIWW  N_z / N_p
    =======================================  ====  ===================

    The second column has the reference codes of IBSI.

    References
    ----------
    .. [1] Thibault, Angulo, Meyer (2014), Advanced statistical matrices for texture characterization,
       doi:10.1109/TBME.2013.2284600.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.9 of the
       reference manual, doi:10.1148/radiol.2020191145.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.ones((5, 5))
    >>> target[2, 2] = 2
    >>> gldzm = GLDZM(levels=None).fit([target])
    >>> features = dict(zip(gldzm.get_feature_names_out(), gldzm.transform([target])[0]))
    >>> features["gldzm_large_distance_emphasis"]  # distances 1 and 3
    np.float64(5.0)
    """

    FAMILY = "gldzm"

    def __init__(self, levels=32, bin_width=None, slices="join", standard="pyradiomics"):
        self.levels = levels
        self.bin_width = bin_width
        self.slices = slices
        self.standard = standard
