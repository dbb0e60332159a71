"""Shape of a region of pixels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from feature_extractors._base import FeatureExtractor
from feature_extractors._radiomics.shape_features import SHAPE_2D, shape_2d_features
from feature_extractors._spacing import check_spacing

__all__ = ["Shape2D"]


class Shape2D(FeatureExtractor):
    """Size, outline, diameter and axes of the region of interest of an image, 9 features [1]_.

    Without a mask the region is the whole image, and all that is measured is its size.

    Parameters
    ----------
    spacing : sequence of 2 float, optional
        Size of a pixel along rows and columns, in mm; 1 by default.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``shape2d_`` and the names below.

    Notes
    -----
    The outline is that of marching squares, at the middle between pixels inside and outside; two pixels
    that share a corner alone are apart. With P its length and A its area, N pixels of area a, and
    ``λ1 ≥ λ2`` the variances of the centres of the pixels along their principal axes (divided by N):

    =======================  ==========================================================================
    mesh_surface             A in mm²
    pixel_surface            N a
    perimeter                P in mm
    perimeter_surface_ratio  P / A
    sphericity               2 sqrt(π A) / P
    maximum_diameter         largest distance between two vertices of the outline
    major_axis_length        4 sqrt(λ1)
    minor_axis_length        4 sqrt(λ2)
    elongation               sqrt(λ2 / λ1); 1 for a single pixel, for which pyradiomics gives NaN
    =======================  ==========================================================================

    Names and values are those of pyradiomics 3.0.1; IBSI has no features of shape in a plane.

    References
    ----------
    .. [1] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    >>> import numpy as np
    >>> outside = np.array([[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]], dtype=bool)
    >>> image = np.ma.MaskedArray(np.zeros((3, 4)), outside)
    >>> shape = Shape2D().fit([image])
    >>> features = dict(zip(shape.get_feature_names_out(), shape.transform([image])[0].round(3).tolist()))
    >>> features["shape2d_perimeter"], features["shape2d_mesh_surface"], features["shape2d_maximum_diameter"]
    (4.828, 1.5, 2.0)
    """

    _parameter_constraints: ClassVar[dict] = {"spacing": [None, "array-like"]}

    def __init__(self, spacing=None):
        self.spacing = spacing

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        check_spacing(self.spacing, 2)

    def _names(self, image):
        return [f"shape2d_{name}" for name in SHAPE_2D]

    def _extract(self, image):
        return shape_2d_features(~np.ma.getmaskarray(image), self.spacing)
