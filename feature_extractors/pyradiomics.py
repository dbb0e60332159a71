"""The pyradiomics library itself, as one extractor."""

from __future__ import annotations

import difflib
import logging
import re
import warnings
from contextlib import contextmanager
from functools import cache
from typing import ClassVar

import numpy as np

from feature_extractors._base import FeatureExtractor

__all__ = ["Pyradiomics"]

_TEXTURE = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")
_CLASSES = (*_TEXTURE, "shape", "shape2D")
_FILTERS = {  # and how the library begins the names of their features
    "Original": "original",
    "Exponential": "exponential",
    "Gradient": "gradient",
    "LBP2D": "lbp-2D",
    "LBP3D": "lbp-3D",
    "LoG": "log-sigma",
    "Logarithm": "logarithm",
    "Square": "square",
    "SquareRoot": "squareroot",
    "Wavelet": "wavelet",
}
_SETTINGS = (
    *("binWidth", "binCount", "distances", "symmetricalGLCM", "weightingNorm", "gldm_a", "voxelArrayShift"),
    *("force2D", "force2Ddimension", "minimumROIDimensions", "minimumROISize", "geometryTolerance"),
    *("normalize", "normalizeScale", "removeOutliers", "resampledPixelSpacing", "interpolator"),
    *("padDistance", "preCrop", "resegmentRange", "resegmentMode", "resegmentShape"),
    *("sigma", "start_level", "level", "wavelet", "gradientUseSpacing", "lbp2DRadius", "lbp2DSamples"),
    *("lbp2DMethod", "lbp3DLevels", "lbp3DIcosphereRadius", "lbp3DIcosphereSubdivision"),
)
_WORD = re.compile(r"\d+D(?![a-z])|\d+|[A-Z]?[a-z]+(?:\d+(?![\dD]))?|[A-Z]+(?![a-z])")


class Pyradiomics(FeatureExtractor):
    """Features computed by the pyradiomics library [1]_, in two or three dimensions.

    Parameters
    ----------
    feature_classes : list of str, or dict of str to list of str
        Among ``firstorder``, ``glcm``, ``gldm``, ``glrlm``, ``glszm``, ``ngtdm`` (the default: these six),
        ``shape`` (volumes) and ``shape2D`` (images; says something only of a masked one). A dict names the
        wanted features of each class, as the library spells them; an empty list means all.
    image_types : list of str, or dict of str to dict, default=("Original",)
        Filters: ``Original``, ``Exponential``, ``Gradient``, ``LBP2D``, ``LBP3D``, ``LoG``, ``Logarithm``,
        ``Square``, ``SquareRoot``, ``Wavelet``. A dict gives each its own settings:
        ``{"Original": {}, "LoG": {"sigma": [1, 2]}}``. ``LBP3D`` needs trimesh and an old SciPy.
    settings : dict, optional
        The library's settings: ``binWidth``, ``binCount``, ``distances``, ``normalize``, ``force2D`` and so
        on. If neither ``binWidth`` nor ``binCount`` is given, ``binCount`` is 32: the library's own default,
        a width of 25, suits CT numbers and leaves a single gray level of an image scaled to 0..1.
    spacing : sequence of float, optional
        Size of a pixel along each axis of the array, (rows, columns) or (slices, rows, columns), in mm; 1
        each by default. Of use to ``LoG``, ``Gradient``, shapes, resampling and weighting.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        Names in snake case: filter, class, feature. A new word begins at a capital after a small letter and
        around a number; ``2D`` and ``3D`` are words; hyphens become underscores. So
        ``original_glcm_JointEnergy`` is ``original_glcm_joint_energy``,
        ``wavelet-LH_firstorder_10Percentile`` is ``wavelet_lh_first_order_10_percentile``, and
        ``shape_Maximum3DDiameter`` ``shape_maximum_3d_diameter``.

    Raises
    ------
    ImportError
        On `fit`, if the library is not installed.
    ValueError
        For an unknown class, filter or setting (with the nearest right name); where the library refuses a
        region (a single pixel; fewer axes than ``minimumROIDimensions``, 2 by default), or computes nothing
        for a class or filter that was asked for (``shape`` of a 2-D image, ``LoG`` without ``sigma``).

    Notes
    -----
    Formulas: see `GLCM`, `GLRLM`, `GLSZM` and `FirstOrder`, whose values are the same, and the manual [1]_.
    ``fit`` runs the library on the first image, since the names depend on the filters.

    Small integers are handed over as 32-bit ones, since under NumPy 2 the library's bin edges overflow in 8
    and 16 bits. A feature that fails inside the library is NaN, and the library's logger says why; its
    warnings are not shown. Without a mask the region is the whole image, which the library's own ``execute``
    refuses.

    References
    ----------
    .. [1] van Griethuysen et al. (2017), Computational radiomics system to decode the radiographic phenotype,
       doi:10.1158/0008-5472.CAN-17-0339; https://pyradiomics.readthedocs.io/en/v3.0.1/

    Examples
    --------
    >>> import numpy as np
    >>> Pyradiomics(feature_classes=["glccm"]).fit([np.eye(4)])
    Traceback (most recent call last):
    ValueError: pyradiomics has no feature class 'glccm'. Did you mean 'glcm'? There are: firstorder, ...
    """

    DIMENSIONS = (2, 3)

    _parameter_constraints: ClassVar[dict] = {
        "feature_classes": ["array-like", dict],
        "image_types": ["array-like", dict],
        "settings": [None, dict],
        "spacing": [None, "array-like"],
    }

    def __init__(self, feature_classes=_TEXTURE, image_types=("Original",), settings=None, spacing=None):
        self.feature_classes = feature_classes
        self.image_types = image_types
        self.settings = settings
        self.spacing = spacing

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        _check_names("feature class", self.feature_classes, _CLASSES)
        _check_names("image type", self.image_types, _FILTERS)
        _check_names("setting", self.settings or {}, _SETTINGS)
        for own in _as_dict(self.image_types, {}).values():
            _check_names("setting", own, _SETTINGS)
        if self.spacing is not None and not all(size > 0 for size in self.spacing):
            raise ValueError(
                f"The 'spacing' parameter of Pyradiomics must be positive. Got {self.spacing!r}."
            )

    def _names(self, image):
        self._check_values()
        names = list(self._run(image))
        absent = [t for t in self.image_types if not any(name.startswith(_FILTERS[t]) for name in names)]
        absent = absent or [c for c in self.feature_classes if not any(f"_{c}_" in name for name in names)]
        if absent:
            raise ValueError(
                f"pyradiomics computed nothing for {', '.join(absent)} on an image of shape {image.shape}; "
                "its manual says what they need."
            )
        return [_snake_case(name) for name in names]

    def _extract(self, image):
        values = {_snake_case(name): value for name, value in self._run(image).items()}
        odd = sorted(set(values) ^ set(self.feature_names_out_))
        if odd:
            raise ValueError(
                f"pyradiomics gives an image of shape {image.shape} other features than the image it was "
                f"fitted on, {odd[0]!r} for one."
            )
        return [values[name] for name in self.feature_names_out_]

    def _check_values(self):
        """Let the library check what the names alone do not tell, by its own schema."""
        classes = _as_dict(self.feature_classes, [])
        for name, wanted in classes.items():
            _check_names(f"{name} feature", wanted, _library().getFeatureClasses()[name].getFeatureNames())
        schema = {"featureClass": classes, "imageType": _as_dict(self.image_types, {})}
        if self.settings:
            schema["setting"] = dict(self.settings)
        with _quiet_logging(), warnings.catch_warnings():
            # pykwalify, which holds the schema, loads it by a method that Python 3.12 was to remove.
            warnings.filterwarnings("ignore", r"the load_module\(\) method is deprecated", DeprecationWarning)
            try:
                _library().featureextractor.RadiomicsFeatureExtractor(schema)
            except _library().featureextractor.pykwalify.errors.SchemaError as error:
                raise ValueError(f"pyradiomics refuses the parameters. {error.msg}") from error

    def _run(self, image):
        """Name (as the library spells it) and value of each feature of an image."""
        nodes = self._as_sitk(image)
        settings = {"additionalInfo": False, **_with_bins(self.settings or {}, default={"binCount": 32})}
        with _quiet_logging():
            extractor = _whole_image_extractor()(**settings)
            extractor.disableAllImageTypes()
            extractor.enableImageTypes(
                **{name: _with_bins(own, default={}) for name, own in _as_dict(self.image_types, {}).items()}
            )
            extractor.disableAllFeatures()
            extractor.enableFeaturesByName(**_as_dict(self.feature_classes, []))
            try:
                values = extractor.execute(*nodes)
            except ValueError as error:
                raise ValueError(f"pyradiomics refuses an image of shape {image.shape}: {error}") from error
        return {name: float(value) for name, value in values.items()}

    def _as_sitk(self, image):
        """Image and mask as the library wants them."""
        sitk = _library().featureextractor.sitk
        spacing = [1.0] * image.ndim if self.spacing is None else [float(size) for size in self.spacing]
        if len(spacing) != image.ndim:
            raise ValueError(f"spacing={self.spacing!r} does not fit an image of {image.ndim} axes.")
        pixels = np.ma.getdata(image)
        pair = pixels.astype(_pixel_type(pixels.dtype)), (~np.ma.getmaskarray(image)).astype(np.uint32)
        nodes = [sitk.GetImageFromArray(array) for array in pair]
        for node in nodes:
            node.SetSpacing(spacing[::-1])
        return nodes


def _pixel_type(dtype):
    """Single precision stays, small integers become int32, all else float64."""
    if dtype in (np.float16, np.float32):
        return np.float32
    return np.int32 if np.can_cast(dtype, np.int32) else np.float64


def _as_dict(names, empty):
    """Give each name the value it came with, or an empty one."""
    return {name: type(empty)(names[name] or empty) if isinstance(names, dict) else empty for name in names}


def _with_bins(settings, *, default):
    """Make sure that one rule of discretisation is set: of two, the library takes ``binCount``."""
    if settings.get("binCount") is not None:
        return settings
    return {**settings, "binCount": None} if "binWidth" in settings else {**default, **settings}


def _check_names(kind, names, known):
    folded = {name.lower(): name for name in known}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name).lower(), folded, n=1)
            hint = f" Did you mean {folded[near[0]]!r}?" if near else ""
            raise ValueError(f"pyradiomics has no {kind} {name!r}.{hint} There are: {', '.join(known)}.")


def _snake_case(name):
    words = "_".join(_WORD.findall(name)).lower()
    return words.replace("_firstorder_", "_first_order_")


@cache
def _library():
    try:
        import radiomics.featureextractor
    except ImportError as error:
        raise ImportError(
            "The extractor 'pyradiomics' needs the library of that name, which builds on Python 3.11 only: "
            "there, pip install numpy 'setuptools<81' versioneer, then "
            "pip install --no-build-isolation pyradiomics==3.0.1."
        ) from error
    return radiomics


@cache
def _whole_image_extractor():
    """Subclass the library's extractor to accept a mask that covers the whole image, as its own does not."""
    operations = _library().imageoperations

    class WholeImageExtractor(_library().featureextractor.RadiomicsFeatureExtractor):
        @staticmethod
        def loadImage(image, mask, generalInfo=None, **settings):  # noqa: N802
            if settings.get("normalize"):
                image = operations.normalizeImage(image, **settings)
            if settings.get("interpolator") is not None and settings.get("resampledPixelSpacing") is not None:
                return operations.resampleImage(image, mask, **settings)
            if settings.get("preCrop"):
                box, _ = operations.checkMask(image, mask, **settings)
                return operations.cropToTumorMask(image, mask, box, **settings)
            return image, mask

    return WholeImageExtractor


@contextmanager
def _quiet_logging():
    """Let the library and its schema checker log errors only."""
    loggers = [logging.getLogger(name) for name in ("radiomics", "pykwalify")]
    levels = [logger.level for logger in loggers]
    for logger, least in zip(loggers, (logging.ERROR, logging.CRITICAL), strict=True):
        logger.setLevel(least)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
