"""Gray-level run-length matrix."""

from __future__ import annotations

from typing import ClassVar

from sklearn.utils._param_validation import StrOptions

from feature_extractors._texture import TextureExtractor

__all__ = ["GLRLM"]


class GLRLM(TextureExtractor):
    """Statistics of runs of equal gray level: the run-length matrix [1]_, 16 features.

    ``P(i, j)`` counts the runs of j consecutive pixels of gray level i along a direction: 4 directions in a
    plane, 13 in a volume. A pixel outside the region of interest ends a run.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    directions : {"average", "merge", "each"}, default="average"
        Features are computed on the matrix of each direction and averaged; or on the sum of the matrices; or
        each direction has features of its own, named after the step from one pixel of a run to the next:
        ``glrlm_run_entropy_down1_left1``.
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum) and how edges of bins are rounded.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``glrlm_`` and the names below.

    Notes
    -----
    With ``N_r = Σ P`` the number of runs, ``p = P / N_r``, ``N_p`` the number of pixels, ``μ_i`` and ``μ_j``
    the means of gray level and length over the runs, the features are those of the table. Names and values
    are those of pyradiomics 3.0.1 (``glrlm_RunEntropy`` is ``glrlm_run_entropy``), without weighting. Like
    it, we leave out a direction in which no line holds two pixels of the region. Where that leaves none (a
    single pixel), pyradiomics gives NaN; here all directions then count, with one run of length 1 for each
    pixel.

    ====================================  ====  ===================
    gray_level_non_uniformity             R5YN  Σ_i (Σ_j P)² / N_r
    gray_level_non_uniformity_normalized  OVBL  Σ_i (Σ_j P)² / N_r²
    gray_level_variance                   8CE5  Σ p (i - μ_i)²
    high_gray_level_run_emphasis          G3QZ  Σ p i²
    long_run_emphasis                     W4KF  Σ p j²
    long_run_high_gray_level_emphasis     3KUM  Σ p i² j²
    long_run_low_gray_level_emphasis      IVPO  Σ p j² / i²
    low_gray_level_run_emphasis           V3SW  Σ p / i²
    run_entropy                           HJ9O  -Σ p log2 p
    run_length_non_uniformity             W92Y  Σ_j (Σ_i P)² / N_r
    run_length_non_uniformity_normalized  IC23  Σ_j (Σ_i P)² / N_r²
    run_percentage                        9ZK5  N_r / N_p
    run_variance                          SXLW  Σ p (j - μ_j)²
    short_run_emphasis                    22OV  Σ p / j²
    short_run_high_gray_level_emphasis    GD3A  Σ p i² / j²
    short_run_low_gray_level_emphasis     HTZT  Σ p / (i² j²)
    ====================================  ====  ===================

    The second column has the reference codes of IBSI.

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

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "directions": [StrOptions({"average", "merge", "each"})],
    }

    def __init__(
        self,
        levels=32,
        bin_width=None,
        directions="average",
        slices="join",
        standard="pyradiomics",
    ):
        self.levels = levels
        self.bin_width = bin_width
        self.directions = directions
        self.slices = slices
        self.standard = standard
