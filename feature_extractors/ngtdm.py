"""Neighbourhood gray-tone difference matrix."""

from __future__ import annotations

from typing import ClassVar

from feature_extractors._texture import TextureExtractor

__all__ = ["NGTDM"]


class NGTDM(TextureExtractor):
    """Statistics of how pixels differ from the mean of their neighbours [1]_, 5 features.

    For each gray level i: ``n_i`` pixels have it, and ``s_i = Σ abs(i - m)`` sums over them the difference to
    the mean m of the gray levels of their neighbours within the region of interest.

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
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ: where bins of a fixed width start (at a
        multiple of the width; at the minimum), how edges of bins are rounded, and whether pixels without
        neighbours count.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``ngtdm_`` and the names below.

    Notes
    -----
    With ``N = Σ n_i``, ``p_i = n_i / N`` and ``N_g`` the number of levels that occur, sums being over these
    levels or all pairs of them, the features are those of the table. Names and values are those of
    pyradiomics 3.0.1 (``ngtdm_Coarseness`` is ``ngtdm_coarseness``). A pixel without neighbours in the region
    counts with a difference of 0, as there; IBSI leaves it out.

    ==========  ====  =================================================================
    busyness    NQ30  Σ p_i s_i / Σ abs(i p_i - j p_j); 0 for one level
    coarseness  QCDE  1 / Σ p_i s_i; 10⁶ where that is 0
    complexity  HDEZ  Σ abs(i - j) (p_i s_i + p_j s_j) / (p_i + p_j) / N
    contrast    65HE  Σ p_i p_j (i - j)² / (N_g (N_g - 1)) · Σ s_i / N; 0 for one level
    strength    1X9X  Σ (p_i + p_j) (i - j)² / Σ s_i; 0 where that is 0
    ==========  ====  =================================================================

    The second column has the reference codes of IBSI.

    References
    ----------
    .. [1] Amadasun, King (1989), Textural features corresponding to textural properties,
       doi:10.1109/21.44046.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.10 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [3] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]])
    >>> ngtdm = NGTDM(levels=None).fit([image])
    >>> features = dict(zip(ngtdm.get_feature_names_out(), ngtdm.transform([image])[0]))
    >>> features["ngtdm_coarseness"]  # s_1 = 4 · 1/3 + 4 · 1/5, s_2 = 1
    np.float64(0.4981549815498156)
    """

    FAMILY = "ngtdm"

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "distances": ["array-like"],
    }

    def __init__(self, levels=32, bin_width=None, distances=(1,), slices="join", standard="pyradiomics"):
        self.levels = levels
        self.bin_width = bin_width
        self.distances = distances
        self.slices = slices
        self.standard = standard
