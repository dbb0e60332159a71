"""Gray-level dependence matrix."""

from __future__ import annotations

from numbers import Real
from typing import ClassVar

from sklearn.utils._param_validation import Interval

from feature_extractors._texture import TextureExtractor

__all__ = ["GLDM"]


class GLDM(TextureExtractor):
    """Statistics of how many neighbours are like a pixel: the dependence matrix [1]_, 14 features.

    ``P(i, j)`` counts the pixels of gray level i on which j - 1 neighbours depend, that is, have a gray level
    that differs by at most `alpha`. IBSI calls it the neighbouring gray-level dependence matrix.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    distances : sequence of int, default=(1,)
        Distances between neighbours, in pixels, by the Chebyshev norm: 8 neighbours in a plane
        at distance 1, 16 at 2, and 26 in a volume at 1.
    alpha : float, default=0
        Largest difference of gray levels at which a neighbour depends on a pixel.
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum), how edges of bins are rounded, and the three features that
        IBSI has besides.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``gldm_`` and the names below.

    Notes
    -----
    With ``N_p = Σ P`` the number of pixels, ``p = P / N_p``, ``μ_i`` and ``μ_j`` the means of gray level and
    dependence, the features are those of the table. Names and values are those of pyradiomics 3.0.1
    (``gldm_DependenceEntropy`` is ``gldm_dependence_entropy``).

    =========================================  ====  ================================================
    dependence_entropy                         FCBV  -Σ p log2 p
    dependence_non_uniformity                  Z87G  Σ_j (Σ_i P)² / N_p
    dependence_non_uniformity_normalized       OKJI  Σ_j (Σ_i P)² / N_p²
    dependence_variance                        DNX2  Σ p (j - μ_j)²
    gray_level_non_uniformity                  FP8K  Σ_i (Σ_j P)² / N_p
    gray_level_variance                        1PFV  Σ p (i - μ_i)²
    high_gray_level_emphasis                   OAE7  Σ p i²
    large_dependence_emphasis                  IMOQ  Σ p j²
    large_dependence_high_gray_level_emphasis  9QMG  Σ p i² j²
    large_dependence_low_gray_level_emphasis   NBZI  Σ p j² / i²
    low_gray_level_emphasis                    TL9H  Σ p / i²
    small_dependence_emphasis                  SODN  Σ p / j²
    small_dependence_high_gray_level_emphasis  JA6D  Σ p i² / j²
    small_dependence_low_gray_level_emphasis   EQ3F  Σ p / (i² j²)
    gray_level_non_uniformity_normalized       5SPA  Σ_i (Σ_j P)² / N_p²; only with the standard ibsi
    dependence_percentage                      6XV8  Σ P / N_p = 1; only with the standard ibsi
    dependence_energy                          CAS9  Σ p²; only with the standard ibsi
    =========================================  ====  ================================================

    The second column has the reference codes of IBSI.

    References
    ----------
    .. [1] Sun, Wee (1983), Neighboring gray level dependence matrix for texture classification,
       doi:10.1016/0734-189X(83)90032-4.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.11 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [3] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile([0, 1], (4, 2))
    >>> gldm = GLDM(levels=2).fit([stripes])
    >>> features = dict(zip(gldm.get_feature_names_out(), gldm.transform([stripes])[0]))
    >>> features["gldm_large_dependence_emphasis"]  # above and below: 3 with the pixel itself; 2 at the ends
    np.float64(6.5)
    """

    FAMILY = "gldm"

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "distances": ["array-like"],
        "alpha": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        levels=32,
        bin_width=None,
        distances=(1,),
        alpha=0,
        slices="join",
        standard="pyradiomics",
    ):
        self.levels = levels
        self.bin_width = bin_width
        self.distances = distances
        self.alpha = alpha
        self.slices = slices
        self.standard = standard
