"""Gray-level co-occurrence matrix."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

from feature_extractors._cooccurrence_formulas import CooccurrenceFormulas
from feature_extractors._matrices import cooccurrence_matrices
from feature_extractors._texture import TextureExtractor

__all__ = ["GLCM"]


class GLCM(TextureExtractor):
    """Second-order statistics of gray levels: the co-occurrence matrix [1]_, 24 features.

    ``p(i, j)`` is the share of pairs of pixels, one at a given offset from the other, whose gray levels are i
    and j. There is one matrix for each direction; features are computed on each and averaged.

    Parameters
    ----------
    levels : int, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number).
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    distances : sequence of int, default=(1,)
        Distances between paired pixels, in pixels, by the Chebyshev norm: 4 directions at distance 1, 8 at 2.
        All directions of all distances are averaged.
    symmetric : bool, default=True
        Whether a pair counts from both its ends, so that ``p(i, j) = p(j, i)``, as Haralick defined it.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``glcm_`` and the names below.

    Notes
    -----
    With the marginals ``p_x(i) = Σ_j p``, ``p_y(j) = Σ_i p``, their means ``μ_x``, ``μ_y``, standard
    deviations ``σ_x``, ``σ_y`` and entropies ``HX``, ``HY``; ``p_{x+y}(k)`` and ``p_{x-y}(k)`` the
    probabilities that i + j = k and abs(i - j) = k; ``N_g`` the highest level that occurs and ε = 2.2e-16:

    ======================  ==========================================================================
    autocorrelation         Σ p i j
    cluster_prominence      Σ p (i + j - μ_x - μ_y)⁴
    cluster_shade           Σ p (i + j - μ_x - μ_y)³
    cluster_tendency        Σ p (i + j - μ_x - μ_y)²
    contrast                Σ p (i - j)²
    correlation             Σ p (i - μ_x)(j - μ_y) / (σ_x σ_y); 1 where σ_x σ_y = 0
    difference_average      DA = Σ_k k p_{x-y}(k)
    difference_entropy      -Σ_k p_{x-y}(k) log2(p_{x-y}(k) + ε)
    difference_variance     Σ_k (k - DA)² p_{x-y}(k)
    id                      Σ_k p_{x-y}(k) / (1 + k)
    idm                     Σ_k p_{x-y}(k) / (1 + k²)
    idmn                    Σ_k p_{x-y}(k) / (1 + k² / N_g²)
    idn                     Σ_k p_{x-y}(k) / (1 + k / N_g)
    imc1                    (HXY - HXY1) / max(HX, HY), HXY1 = -Σ p log2(p_x p_y + ε); 0 where HX = HY = 0
    imc2                    sqrt(1 - exp(-2 (HXY2 - HXY))), HXY2 = -Σ p_x p_y log2(p_x p_y + ε)
    inverse_variance        Σ_{k>0} p_{x-y}(k) / k²
    joint_average           μ_x
    joint_energy            Σ p² (IBSI: angular second moment)
    joint_entropy           HXY = -Σ p log2(p + ε)
    mcc                     sqrt(second largest eigenvalue of Σ_k p(i, k) p(j, k) / (p_x(i) p_y(k) + ε))
    maximum_probability     max p (IBSI: joint maximum)
    sum_average             Σ_k k p_{x+y}(k)
    sum_entropy             -Σ_k p_{x+y}(k) log2(p_{x+y}(k) + ε)
    sum_squares             Σ p (i - μ_x)² (IBSI: joint variance)
    ======================  ==========================================================================

    Names and values are those of pyradiomics 3.0.1 (``glcm_JointEnergy`` is ``glcm_joint_energy``), with its
    default of no weighting, except where it gives NaN:

    - A region without any pair of neighbours (one pixel, or isolated ones) has an empty matrix there. Here
      each pixel is paired with itself, so that one pixel has the values of a flat region.
    - Where the levels of neighbours are independent to within rounding, pyradiomics drops from the mean of
      `imc2` and `mcc` each direction whose square root would be of a number just below 0. Here it counts as
      0.

    At most 1,024 levels may occur: memory grows with their square, the time of `mcc` with their cube.

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
    FORMULAS: ClassVar[dict] = {
        "autocorrelation": CooccurrenceFormulas.autocorrelation,
        "cluster_prominence": CooccurrenceFormulas.cluster_prominence,
        "cluster_shade": CooccurrenceFormulas.cluster_shade,
        "cluster_tendency": CooccurrenceFormulas.cluster_tendency,
        "contrast": CooccurrenceFormulas.contrast,
        "correlation": CooccurrenceFormulas.correlation,
        "difference_average": CooccurrenceFormulas.difference_average,
        "difference_entropy": CooccurrenceFormulas.difference_entropy,
        "difference_variance": CooccurrenceFormulas.difference_variance,
        "id": CooccurrenceFormulas.id,
        "idm": CooccurrenceFormulas.idm,
        "idmn": CooccurrenceFormulas.idmn,
        "idn": CooccurrenceFormulas.idn,
        "imc1": CooccurrenceFormulas.imc1,
        "imc2": CooccurrenceFormulas.imc2,
        "inverse_variance": CooccurrenceFormulas.inverse_variance,
        "joint_average": CooccurrenceFormulas.joint_average,
        "joint_energy": CooccurrenceFormulas.joint_energy,
        "joint_entropy": CooccurrenceFormulas.joint_entropy,
        "mcc": CooccurrenceFormulas.mcc,
        "maximum_probability": CooccurrenceFormulas.maximum_probability,
        "sum_average": CooccurrenceFormulas.sum_average,
        "sum_entropy": CooccurrenceFormulas.sum_entropy,
        "sum_squares": CooccurrenceFormulas.sum_squares,
    }
    MAX_LEVELS = 1024

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "distances": ["array-like"],
        "symmetric": ["boolean"],
    }

    def __init__(self, levels=32, bin_width=None, distances=(1,), symmetric=True):
        self.levels = levels
        self.bin_width = bin_width
        self.distances = distances
        self.symmetric = symmetric

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        distances = list(self.distances)
        whole = all(isinstance(d, Integral) and not isinstance(d, bool) and d >= 1 for d in distances)
        if not distances or not whole or len(set(distances)) < len(distances):
            raise ValueError(
                "The 'distances' parameter of GLCM must list different whole numbers from 1. "
                f"Got {self.distances!r}."
            )

    def _formulas(self, image):
        gray = self._discretise(image)
        return CooccurrenceFormulas(
            cooccurrence_matrices(gray, distances=self.distances, symmetric=self.symmetric)
        )
