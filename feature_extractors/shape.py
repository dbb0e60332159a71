"""Shape of a region of voxels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from feature_extractors._base import FeatureExtractor
from feature_extractors._radiomics.shape_features import IBSI_SHAPE, SHAPE, shape_features
from feature_extractors._spacing import check_spacing

__all__ = ["Shape"]


class Shape(FeatureExtractor):
    """Size, surface, diameters and axes of the region of interest of a volume [1]_ [2]_.

    Without a mask the region is the whole volume, and all that is measured is its size.

    Parameters
    ----------
    spacing : sequence of 3 float, optional
        Size of a voxel along slices, rows and columns, in mm; 1 by default.
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which features: the 14 of the library's shape, or 23 of IBSI's morphology.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``shape_`` and the names below.

    Notes
    -----
    The surface is a mesh of triangles (marching cubes, at the middle between voxels inside and outside),
    that of pyradiomics: with A its area and V its volume, N voxels of volume v, and ``λ1 ≥ λ2 ≥ λ3`` the
    variances of the centres of the voxels along their principal axes (divided by N; with the standard ibsi
    by N - 1, as the consensus values are):

    =============================  ====  ================================================================
    mesh_volume                    RNU0  V in mm³, Σ a · (b × c) / 6 over the triangles
    voxel_volume                   YEKZ  N v
    surface_area                   C0JK  A in mm²
    surface_volume_ratio           2PR5  A / V
    sphericity                     QCFX  cbrt(36 π V²) / A
    maximum_3d_diameter            L0JK  largest distance between two vertices of the mesh
    maximum_2d_diameter_slice      –     the same within one slice; pyradiomics only
    maximum_2d_diameter_column     –     within one plane of slices and columns; pyradiomics only
    maximum_2d_diameter_row        –     within one plane of slices and rows; pyradiomics only
    major_axis_length              TDIC  4 sqrt(λ1)
    minor_axis_length              P9VJ  4 sqrt(λ2)
    least_axis_length              7J51  4 sqrt(λ3)
    elongation                     Q3CK  sqrt(λ2 / λ1); 1 for a single voxel
    flatness                       N17B  sqrt(λ3 / λ1); 1 for a single voxel
    compactness_1                  SKGS  V / (sqrt(π) A^1.5); IBSI only, like all below
    compactness_2                  BQWJ  36 π V² / A³
    spherical_disproportion        KRCK  1 / sphericity
    asphericity                    25C7  1 / sphericity - 1
    centre_of_mass_shift           KLMA  distance of the region's centre from that of its intensities
    volume_density_aligned_box     PBX1  V / volume of the box around the mesh
    area_density_aligned_box       R59B  A / surface of that box
    volume_density_ellipsoid       6BDE  V / volume of the ellipsoid with the three axes; 0 where it has none
    area_density_ellipsoid         RDD2  A / area of that ellipsoid (20 terms of a Legendre series)
    volume_density_convex_hull     R3ER  V / volume of the convex hull of the mesh
    area_density_convex_hull       7T7F  A / area of that hull
    integrated_intensity           99N0  V · mean intensity
    =============================  ====  ================================================================

    The second column has the reference codes of IBSI. Of its morphology are left out: the densities of the
    oriented box and of the smallest ellipsoid (of which IBSI found no consensus), and Moran's I and Geary's
    C, whose cost grows with the square of the number of voxels.

    The mesh has pyradiomics' choice of triangles where several are possible. Where voxels touch at an edge
    alone it is not closed, and the volume depends on the origin: here, as there, the corner of the bounding
    box of the region.

    References
    ----------
    .. [1] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.1 of the
       reference manual, doi:10.1148/radiol.2020191145.
    .. [2] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.

    Examples
    --------
    A box of 2×3×4 voxels of 1 mm:

    >>> import numpy as np
    >>> outside = np.ones((4, 5, 6), dtype=bool)
    >>> outside[1:3, 1:4, 1:5] = False
    >>> volume = np.ma.MaskedArray(np.zeros((4, 5, 6)), outside)
    >>> shape = Shape().fit([volume])
    >>> features = dict(zip(shape.get_feature_names_out(), shape.transform([volume])[0].round(3).tolist()))
    >>> features["shape_voxel_volume"], features["shape_mesh_volume"], features["shape_maximum_3d_diameter"]
    (24.0, 20.167, 4.583)
    """

    DIMENSIONS: ClassVar[tuple[int, ...]] = (3,)

    _parameter_constraints: ClassVar[dict] = {
        "spacing": [None, "array-like"],
        "standard": [StrOptions({"pyradiomics", "ibsi"})],
    }

    def __init__(self, spacing=None, standard="pyradiomics"):
        self.spacing = spacing
        self.standard = standard

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        check_spacing(self.spacing, 3)

    def _names(self, image):
        return [f"shape_{name}" for name in (SHAPE if self.standard == "pyradiomics" else IBSI_SHAPE)]

    def _extract(self, image):
        inside = ~np.ma.getmaskarray(image)
        return shape_features(inside, self.spacing, self.standard, image=image)
