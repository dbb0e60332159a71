"""All families of radiomics texture features, in one pass."""

from __future__ import annotations

import difflib
from numbers import Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from feature_extractors._filters import parse_filters
from feature_extractors._radiomics.families import FAMILIES
from feature_extractors._radiomics.region import normalized, resampled, resegmented, without_outliers
from feature_extractors._radiomics.shape_features import (
    IBSI_SHAPE,
    SHAPE,
    SHAPE_2D,
    shape_2d_features,
    shape_features,
)
from feature_extractors._spacing import check_spacing
from feature_extractors._texture import INTENSITIES, TextureExtractor

__all__ = ["Radiomics"]

SHAPES = {"shape": 3, "shape2d": 2}  # and the axes of the images that they are of
KNOWN = (*SHAPES, *INTENSITIES, *FAMILIES)
PREPARED_AT_ONCE = 64  # images
ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}


class Radiomics(TextureExtractor):
    """Any of the families of texture features, all from one discretised image [1]_ [2]_.

    The default is the battery of pyradiomics without shapes: 93 features in six families. Each family is an
    extractor of its own, too, which documents its formulas: `FirstOrder`, `GLCM`, `GLRLM`, `GLSZM`, `GLDM`,
    `NGTDM`, `GLDZM`, `IntensityHistogram`, `IntensityVolumeHistogram`, `LocalIntensity`, `Shape`, `Shape2D`.
    Values are the same.

    Parameters
    ----------
    filters : list or dict, default=("original",)
        Filters whose images are looked at: ``original``, ``square``, ``square_root``, ``logarithm``,
        ``exponential``, ``gradient``, ``log`` (Laplacian of Gaussian), ``wavelet``, ``simoncelli``,
        ``lbp_2d``; by name, or with settings: ``["original", {"wavelet": {"name": "haar"}}]``,
        ``{"log": {"sigma": [1, 2]}}`` (in mm, see `spacing`). Names of features begin with that of the
        filter: ``wavelet_lh_glcm_contrast``. Values are those of pyradiomics 3.0.1; for stationary wavelets
        with ``standard: ibsi`` among their settings those of IBSI 2.
    families : sequence of str, default=("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
        Which families: of these, ``gldzm``, ``intensity_histogram``, ``intensity_volume_histogram``,
        ``local_intensity`` and, of masks, ``shape`` (volumes) or ``shape2d`` (images). Whatever the order
        given, features of shape come first, once, not for each filter, and of the region before
        re-segmentation; then those of intensities and of texture.
    levels : int or None, default=32
        Gray levels after discretisation between the minimum and maximum of the region (IBSI: fixed bin
        number). None, without `bin_width`: the values are gray levels already, whole numbers from 1.
    bin_width : float, optional
        Width of a gray level in units of the pixel values. If given, it replaces `levels`.
    distances : sequence of int, default=(1,)
        Chebyshev distances between neighbours in pixels (GLCM, GLDM, NGTDM).
    symmetric : bool, default=True
        Whether a pair counts from both its ends (GLCM).
    alpha : float, default=0
        Largest difference of gray levels at which a neighbour depends on a pixel (GLDM).
    directions : {"average", "merge", "each"}, default="average"
        What becomes of the matrices of the directions (GLCM, GLRLM): features are averaged over them; or
        computed on their sum; or each has features of its own.
    slices : {"join", "merge", "average"}, default="join"
        Of a volume: neighbours lie in other slices, too (IBSI: 3D); or in the same slice, all slices being
        counted together (2.5D); or features are averaged over the slices (2D).
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Which of the two is followed where they differ; each family says where.
    normalize : float, optional
        Before all else, each image is brought to the mean 0 and this standard deviation, of all its pixels,
        outside the region, too (pyradiomics: ``normalize`` with ``normalizeScale``).
    new_spacing : sequence of float, optional
        Size in mm that pixels are resampled to, along each axis of the array, from `spacing`; 0 leaves an
        axis as it is. Grid and region follow the standard; an image of integers stays one: its new values
        are rounded (ibsi) or cut off (pyradiomics).
    interpolation : {"nearest", "linear", "cubic"}, default="cubic"
        How values are resampled; cubic is that of B-splines.
    resegment_range : (float or None, float or None), optional
        Pixels with other values (of the original image) are left out of the region of interest, but for the
        distances of `GLDZM`. With bins of a fixed width and the standard ibsi, the first bin of the
        original image starts at the lower value; the intensity-volume histogram has this range.
    outliers : float, optional
        Likewise pixels that differ from the mean of the region by more than so many standard deviations.
    voxel_array_shift : float, default=0
        Added to the values in the energies and the root mean square of the first order.
    spacing : sequence of float, optional
        Size of a pixel along each axis of the array, in mm, 1 by default: of use to `new_spacing`, ``log``,
        ``gradient`` and local intensity; total energy is in units of its volume.
    ivh_levels, ivh_bin_width : int or None, default=1000; float, optional
        `levels` and `bin_width` of the `IntensityVolumeHistogram`.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``first_order_mean``, ``glcm_contrast`` and so on.

    References
    ----------
    .. [1] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339.
    .. [2] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative,
       doi:10.1148/radiol.2020191145.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(64).reshape(8, 8) % 7
    >>> radiomics = Radiomics(levels=4).fit([image])
    >>> radiomics.transform([image]).shape
    (1, 93)
    >>> Radiomics(families=["glcm", "gldzn"]).fit([image])
    Traceback (most recent call last):
    ValueError: There is no family 'gldzn'. Did you mean 'gldzm'? Families: shape, shape2d, first_order, ...
    """

    _parameter_constraints: ClassVar[dict] = {
        **TextureExtractor._parameter_constraints,
        "filters": ["array-like", dict],
        "families": ["array-like"],
        "distances": ["array-like"],
        "symmetric": ["boolean"],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "directions": [StrOptions({"average", "merge", "each"})],
        "normalize": [None, Interval(Real, 0, None, closed="neither")],
        "new_spacing": [None, "array-like"],
        "interpolation": [StrOptions(set(ORDERS))],
        "resegment_range": [None, "array-like"],
        "outliers": [None, Interval(Real, 0, None, closed="neither")],
        "voxel_array_shift": [Interval(Real, None, None, closed="neither")],
        "spacing": [None, "array-like"],
        "ivh_levels": TextureExtractor._parameter_constraints["levels"],
        "ivh_bin_width": TextureExtractor._parameter_constraints["bin_width"],
    }

    def __init__(
        self,
        filters=("original",),
        families=("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm"),
        levels=32,
        bin_width=None,
        distances=(1,),
        symmetric=True,
        alpha=0,
        directions="average",
        slices="join",
        standard="pyradiomics",
        normalize=None,
        new_spacing=None,
        interpolation="cubic",
        resegment_range=None,
        outliers=None,
        voxel_array_shift=0,
        spacing=None,
        ivh_levels=1000,
        ivh_bin_width=None,
    ):
        self.filters = filters
        self.families = families
        self.levels = levels
        self.bin_width = bin_width
        self.distances = distances
        self.symmetric = symmetric
        self.alpha = alpha
        self.directions = directions
        self.slices = slices
        self.standard = standard
        self.normalize = normalize
        self.new_spacing = new_spacing
        self.interpolation = interpolation
        self.resegment_range = resegment_range
        self.outliers = outliers
        self.voxel_array_shift = voxel_array_shift
        self.spacing = spacing
        self.ivh_levels = ivh_levels
        self.ivh_bin_width = ivh_bin_width

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        check_families(self.families, KNOWN)
        parse_filters(self.filters)
        check_spacing(self.spacing)
        check_spacing(self.new_spacing, name="new_spacing", zero=True)
        limits = self.resegment_range
        if limits is not None and not (len(limits) == 2 and (None in limits or limits[0] < limits[1])):
            raise ValueError(
                "The 'resegment_range' parameter must be two numbers, the smaller first (one of them may be"
                f" None: no limit). Got {limits!r}."
            )

    def _families(self):
        return tuple(self.families)

    def _names(self, image):
        names = super()._names(image)
        prefixes = [prefix for f in parse_filters(self.filters) for prefix in f.prefixes(image.ndim)]
        shapes = []
        for family in self._shapes(image.ndim):
            listed = SHAPE_2D if family == "shape2d" else SHAPE
            listed = IBSI_SHAPE if family == "shape" and self.standard == "ibsi" else listed
            shapes += [f"{family}_{name}" for name in listed]
        return shapes + [f"{prefix}_{name}".removeprefix("_") for prefix in prefixes for name in names]

    def _shapes(self, ndim):
        """Return the families of shape that are asked for."""
        chosen = [family for family in SHAPES if family in self.families]
        for family in chosen:
            if SHAPES[family] != ndim:
                raise ValueError(
                    f"The family {family!r} is of {SHAPES[family]}-D images; got one of {ndim} axes."
                )
        return chosen

    def _features(self, images):
        filters = parse_filters(self.filters)
        parts = []
        for start in range(0, len(images), PREPARED_AT_ONCE):
            chosen = [self._prepared(image) for image in images[start : start + PREPARED_AT_ONCE]]
            bodies = None
            if self.resegment_range is not None or self.outliers is not None:
                bodies = [~np.ma.getmaskarray(image) for image in chosen]
                chosen = [self._resegmented(image) for image in chosen]
            made = []
            if not SHAPES.keys().isdisjoint(self.families):
                made.append(self._shape_features(chosen, bodies))
            if not SHAPES.keys() >= set(self.families):
                made.append(self._filtered(chosen, filters, bodies))
            parts.append(np.hstack(made))
        return np.vstack(parts)

    def _shape_features(self, images, bodies):
        rows = []
        spacing = self._spacing_of_pixels()
        for k, image in enumerate(images):
            inside = ~np.ma.getmaskarray(image) if bodies is None else bodies[k]
            row = []
            for family in self._shapes(image.ndim):
                if family == "shape2d":
                    row.extend(shape_2d_features(inside, spacing))
                else:
                    row.extend(shape_features(inside, spacing, self.standard, image=image))
            rows.append(row)
        return np.array(rows, dtype=np.float64).reshape(len(images), -1)

    def _prepared(self, image):
        """Normalise and resample an image."""
        whole = image.dtype.kind in "iu"
        if self.normalize is not None:
            scaled = normalized(np.ma.getdata(image), self.normalize)
            image = np.ma.MaskedArray(scaled, image.mask) if np.ma.isMaskedArray(image) else scaled
            whole = False
        if self.new_spacing is None:
            return image
        spacing = (1.0,) * image.ndim if self.spacing is None else self.spacing
        made = resampled(image, spacing, self.new_spacing, ORDERS[self.interpolation], standard=self.standard)
        if not whole:
            return made
        rounded = np.rint(made.data) if self.standard == "ibsi" else np.trunc(made.data)
        return np.ma.MaskedArray(rounded, made.mask)

    def _resegmented(self, image):
        if self.resegment_range is not None:
            image = resegmented(image, *self.resegment_range)
        return image if self.outliers is None else without_outliers(image, self.outliers)

    def _spacing_of_pixels(self):
        if self.new_spacing is None:
            return self.spacing
        old = np.ones(len(self.new_spacing)) if self.spacing is None else np.asarray(self.spacing)
        return tuple(np.where(np.asarray(self.new_spacing) == 0, old, self.new_spacing).tolist())

    def _filtered(self, images, filters, bodies):
        """Apply each filter to all images, and compute the features of what comes out."""
        parts = []
        for image_filter in filters:
            outputs = [
                [made for _, made in image_filter.apply(image, self._spacing_of_pixels())] for image in images
            ]
            for made in zip(*outputs, strict=True):
                fits = bodies is not None and all(
                    a.shape == b.shape for a, b in zip(made, bodies, strict=True)
                )
                original = not image_filter.prefixes(made[0].ndim)[0]
                parts.append(super()._features(made, bodies if fits else None, not original))
        return np.hstack(parts)


def check_families(families, known):
    """Raise a ValueError for a family that is unknown or named twice, or if there is none."""
    listed = list(families)
    if not listed or len(set(listed)) < len(listed):
        raise ValueError(f"The 'families' parameter must list different families. Got {families!r}.")
    for name in listed:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"There is no family {name!r}.{hint} Families: {', '.join(known)}.")
