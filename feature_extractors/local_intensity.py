"""Intensity peaks: the mean of what lies around the brightest pixels of a region."""

from __future__ import annotations

from typing import ClassVar

from feature_extractors._spacing import check_spacing
from feature_extractors._texture import TextureExtractor

__all__ = ["LocalIntensity"]


class LocalIntensity(TextureExtractor):
    """Largest mean within a sphere of 1 cm³, and that around the brightest voxel, 2 features [1]_ [2]_.

    The sphere (radius 6.2 mm) has its centre in the region of interest, but all of it counts that lies in
    the image: **what is beneath the mask has an influence here**, unless it is NaN or infinite. Of an image
    of two axes it is a disc of that radius.

    Parameters
    ----------
    spacing : sequence of float, optional
        Size of a pixel along each axis of the array, in mm; 1 by default.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``local_intensity_`` and the names below.

    Notes
    -----
    With ``m(c)`` the mean of all pixels of the image whose centres are at most ``r = 10 (3 / 4π)^(1/3)`` mm
    from that of pixel c, of value x(c):

    ===========  ====  =====================================================================
    global_peak  0F91  max m(c) over the region
    local_peak   VJGA  m(c) where x(c) is largest in the region; of several c the largest
    ===========  ====  =====================================================================

    The second column has the reference codes of IBSI. At the borders of the image, the part of the sphere
    that is in it counts.

    References
    ----------
    .. [1] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.2 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [2] Wahl et al. (2009), From RECIST to PERCIST: evolving considerations for PET response criteria in
       solid tumors, doi:10.2967/jnumed.108.057307.

    Examples
    --------
    With pixels of 5 mm, the disc is a pixel and the four beside it (here, in corners, two):

    >>> import numpy as np
    >>> image = np.zeros((5, 5))
    >>> image[0, 0], image[4, 3:] = 6, (4, 5)
    >>> local_intensity = LocalIntensity(spacing=(5, 5)).fit([image])
    >>> local_intensity.get_feature_names_out().tolist()
    ['local_intensity_global_peak', 'local_intensity_local_peak']
    >>> local_intensity.transform([image])
    array([[3., 2.]])
    """

    FAMILY = "local_intensity"
    USES_SURROUNDINGS: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {"spacing": [None, "array-like"]}

    def __init__(self, spacing=None):
        self.spacing = spacing

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        check_spacing(self.spacing)
