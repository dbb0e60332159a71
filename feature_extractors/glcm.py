"""Gray-level co-occurrence matrix."""

from __future__ import annotations

from typing import ClassVar

from sklearn.utils._param_validation import StrOptions

from feature_extractors._texture import TextureExtractor

__all__ = ["GLCM"]


class GLCM(TextureExtractor):
    """Second-order statistics of gray levels: the co-occurrence matrix [1]_, 24 features.

    ``p(i, j)`` is the share of pairs of pixels, one at a given offset from the other, whose gray levels are i
    and j.

    Parameters
    ----------
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    distances : sequence of int, default=(1,)
        Distances between neighbours, in pixels, by the Chebyshev norm: 4 directions in a plane at
        distance 1, 8 at 2, and 13 in a volume at 1. All directions of all distances are put together.
    symmetric : bool, default=True
        Whether a pair counts from both its ends, so that ``p(i, j) = p(j, i)``, as Haralick defined it.
    directions : {"average", "merge", "each"}, default="average"
        Features are computed on the matrix of each direction and averaged; or on the sum of the matrices; or
        each direction has features of its own, named after the step from one pixel of a pair to the next:
        ``glcm_contrast_down1_left1``.
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum) and how edges of bins are rounded.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``glcm_`` and the names below.

    Notes
    -----
    With the marginals ``p_x(i) = Σ_j p``, ``p_y(j) = Σ_i p``, their means ``μ_x``, ``μ_y``, standard
    deviations ``σ_x``, ``σ_y`` and entropies ``HX``, ``HY``; ``p_{x+y}(k)`` and ``p_{x-y}(k)`` the
    probabilities that i + j = k and abs(i - j) = k; and ``N_g`` the highest level that occurs, the features
    are those of the table. Names and values are those of pyradiomics 3.0.1 (``glcm_JointEnergy`` is
    ``glcm_joint_energy``) without weighting, except where it gives NaN:

    - A region without any pair of neighbours (one pixel, or isolated ones) has an empty matrix there. Here
      each pixel is paired with itself, so that one pixel has the values of a flat region.
    - Where the levels of neighbours are independent to within rounding, pyradiomics drops from the mean of
      `imc2` and `mcc` each direction whose square root would be of a number just below 0. Here it counts as
      0.

    With ``slices="average"`` levels are those of the whole volume: `idn`, `idmn` and `mcc` of a slice know
    those that it lacks.

    It also adds 2.2e-16 within each logarithm and to some denominators, which changes `mcc` by some 1e-9
    where levels are rare, and no other value by more than 1e-12 unless it is 0 itself (an entropy of 0 is
    -3.2e-16 there).

    ===================  ====  ========================================================================
    autocorrelation      QWB0  Σ p i j
    cluster_prominence   AE86  Σ p (i + j - μ_x - μ_y)⁴
    cluster_shade        7NFM  Σ p (i + j - μ_x - μ_y)³
    cluster_tendency     DG8W  Σ p (i + j - μ_x - μ_y)²; also sum variance, OEEB
    contrast             ACUI  Σ p (i - j)²
    correlation          NI2N  Σ p (i - μ_x)(j - μ_y) / (σ_x σ_y); 1 where σ_x σ_y = 0
    difference_average   TF7R  DA = Σ_k k p_{x-y}(k); also dissimilarity, 8S9J
    difference_entropy   NTRS  -Σ_k p_{x-y}(k) log2 p_{x-y}(k)
    difference_variance  D3YU  Σ_k (k - DA)² p_{x-y}(k)
    id                   IB1Z  Σ_k p_{x-y}(k) / (1 + k)
    idm                  WF0Z  Σ_k p_{x-y}(k) / (1 + k²)
    idmn                 1QCO  Σ_k p_{x-y}(k) / (1 + k² / N_g²)
    idn                  NDRX  Σ_k p_{x-y}(k) / (1 + k / N_g)
    imc1                 R8DG  (HXY - HX - HY) / max(HX, HY); 0 where HX = HY = 0
    imc2                 JN9H  sqrt(1 - exp(-2 (HX + HY - HXY)))
    inverse_variance     E8JP  Σ_{k>0} p_{x-y}(k) / k²
    joint_average        60VM  μ_x
    joint_energy         8ZQL  Σ p² (IBSI: angular second moment)
    joint_entropy        TU9B  HXY = -Σ p log2 p
    mcc                  –     sqrt(second largest eigenvalue of Σ_k p(i, k) p(j, k) / (p_x(i) p_y(k)))
    maximum_probability  GYBY  max p
    sum_average          ZGXS  Σ_k k p_{x+y}(k)
    sum_entropy          P6QZ  -Σ_k p_{x+y}(k) log2 p_{x+y}(k)
    sum_squares          UR99  Σ p (i - μ_x)² (IBSI: joint variance)
    ===================  ====  ========================================================================

    The second column has the reference codes of IBSI.

    References
    ----------
    .. [1] Haralick, Shanmugam, Dinstein (1973), Textural features for image classification,
       doi:10.1109/TSMC.1973.4309314.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.6 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [3] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile([0, 1], (4, 2))
    >>> glcm = GLCM(levels=2).fit([stripes])
    >>> features = dict(zip(glcm.get_feature_names_out(), glcm.transform([stripes])[0]))
    >>> features["glcm_contrast"]  # 1 in three of four directions, 0 along the stripes
    np.float64(0.75)
    """

    FAMILY = "glcm"

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "distances": ["array-like"],
        "symmetric": ["boolean"],
        "directions": [StrOptions({"average", "merge", "each"})],
    }

    def __init__(
        self,
        levels=32,
        bin_width=None,
        distances=(1,),
        symmetric=True,
        directions="average",
        slices="join",
        standard="pyradiomics",
    ):
        self.levels = levels
        self.bin_width = bin_width
        self.distances = distances
        self.symmetric = symmetric
        self.directions = directions
        self.slices = slices
        self.standard = standard
