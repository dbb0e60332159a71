"""What the texture extractors share: from images, through gray levels, to the features of some families."""

from __future__ import annotations

from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from feature_extractors._base import FeatureExtractor
from feature_extractors._radiomics.batch import batches, make_batch
from feature_extractors._radiomics.families import FAMILIES, Settings, feature_names, texture_features
from feature_extractors._radiomics.gray_levels import MAX_BINS, discretise
from feature_extractors._radiomics.histogram import HISTOGRAM, histogram_features
from feature_extractors._radiomics.intensity import intensity_features, intensity_names
from feature_extractors._radiomics.local_intensity import PEAKS, local_intensity_features
from feature_extractors._radiomics.volume_histogram import VOLUME_HISTOGRAM, volume_histogram_features

INTENSITIES = ("first_order", "intensity_histogram", "intensity_volume_histogram", "local_intensity")
WITHOUT_GRAY_LEVELS = {"intensity_volume_histogram", "local_intensity"}
MOST_LEVELS = 4096


class TextureExtractor(FeatureExtractor):
    """Base of the families that look at gray levels.

    A subclass stores its parameters; those that it does not have keep the values of `DEFAULTS`.

    Attributes
    ----------
    FAMILY : str
        The family; its name begins those of the features.
    """

    FAMILY: ClassVar[str]
    VERSION: ClassVar[int] = 3
    DIMENSIONS: ClassVar[tuple[int, ...]] = (2, 3)
    DEFAULTS: ClassVar[dict] = {
        "distances": (1,),
        "symmetric": True,
        "alpha": 0,
        "directions": "average",
        "slices": "join",
        "standard": "pyradiomics",
        "voxel_array_shift": 0,
        "spacing": None,
        "resegment_range": None,
        "ivh_levels": 1000,
        "ivh_bin_width": None,
    }

    _parameter_constraints: ClassVar[dict] = {
        "levels": [None, Interval(Integral, 1, MAX_BINS, closed="both")],
        "bin_width": [None, Interval(Real, 0, None, closed="neither")],
        "slices": [StrOptions({"join", "merge", "average"})],
        "standard": [StrOptions({"pyradiomics", "ibsi"})],
    }

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        if "distances" in self.get_params(deep=False):
            _check_distances(self.distances, type(self).__name__)

    def transform(self, X):
        """Compute the features of each image.

        Parameters
        ----------
        X : sequence of ndarray or MaskedArray of shape (H, W) or (D, H, W)
            Images; pixels masked in a MaskedArray lie outside the region of interest.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)
        """
        check_is_fitted(self, "feature_names_out_")
        images = self._check_images(X)
        for ndim in {image.ndim for image in images} - {self.n_axes_}:
            index = next(k for k, image in enumerate(images) if image.ndim == ndim)
            if self._names(images[index]) != list(self.feature_names_out_):
                raise ValueError(
                    f"image {index} has {ndim} axes and so other features than those of {self.n_axes_} axes"
                    f" that {type(self).__name__} was fitted on."
                )
        return self._features(images)

    def fit(self, X, y=None):
        """Check the parameters and learn the names of the features; values need no fitting.

        Parameters
        ----------
        X : sequence of ndarray or MaskedArray of shape (H, W) or (D, H, W)
            Images, at least one. They may differ in size.
        y : ignored
        """
        super().fit(X, y)
        self.n_axes_ = np.ndim(X[0])
        return self

    def _families(self):
        return (self.FAMILY,)

    def _setting(self, name):
        return getattr(self, name, self.DEFAULTS[name])

    def _settings(self, ndim):
        shared = ("symmetric", "alpha", "directions", "standard")
        return Settings(
            distances=tuple(self._setting("distances")),
            deep=ndim == 3 and self._setting("slices") == "join",
            **{name: self._setting(name) for name in shared},
        )

    def _spacing_of_pixels(self):
        """Return the size of a pixel in what features are computed of."""
        return self._setting("spacing")

    def _names(self, image):
        settings = self._settings(image.ndim)
        families = self._families()
        listed = (intensity_names(settings.standard), HISTOGRAM, VOLUME_HISTOGRAM, PEAKS)
        return [
            *(
                f"{family}_{name}"
                for family, names in zip(INTENSITIES, listed, strict=True)
                if family in families
                for name in names
            ),
            *(name for family in FAMILIES if family in families for name in feature_names(family, settings)),
        ]

    def _extract(self, image):
        return self._features([image])[0]

    def _features(self, images, bodies=None, filtered=False):
        """Compute the rows of images; `bodies` are their regions before re-segmentation, if they differ."""
        parts, start = [], 0
        for batch in batches(images):
            stop = start + len(batch)
            parts.append(self._of_batch(batch, None if bodies is None else bodies[start:stop], filtered))
            start = stop
        return np.vstack(parts)

    def _of_batch(self, batch, bodies, filtered):
        limits = self._setting("resegment_range")
        interval = (None, None) if limits is None or filtered else tuple(limits)
        families = self._families()
        parts = []
        gray = None if WITHOUT_GRAY_LEVELS.issuperset(families) else self._gray_levels(batch, interval[0])
        if "first_order" in families:
            parts.append(self._intensity(batch, gray))
        if "intensity_histogram" in families:
            parts.append(histogram_features(gray))
        if "intensity_volume_histogram" in families:
            levels, width = self._steps_of_volume_histogram()
            parts.append(volume_histogram_features(batch, levels=levels, bin_width=width, interval=interval))
        if "local_intensity" in families:
            parts.append(local_intensity_features(batch, self._spacing_of_pixels()))
        if set(families) & set(FAMILIES):
            parts.append(self._texture(batch, gray, bodies))
        return np.hstack(parts)

    def _gray_levels(self, batch, lowest):
        settings = self._settings(3 if batch.volumes else 2)
        return discretise(
            batch,
            levels=self.levels,
            bin_width=self.bin_width,
            standard=settings.standard,
            lowest=lowest,
            pad=max(settings.distances),
            deep=settings.deep,
        )

    def _texture(self, batch, gray, bodies):
        families = [family for family in FAMILIES if family in self._families()]
        if gray.n_present.max() > MOST_LEVELS:
            raise ValueError(
                f"{type(self).__name__} takes at most {MOST_LEVELS} gray levels, and {gray.n_present.max()}"
                " occur; choose fewer `levels` or a larger `bin_width`."
            )
        settings = self._settings(3 if batch.volumes else 2)
        by_slice = batch.volumes and self._setting("slices") == "average"
        body = None if bodies is None or "gldzm" not in families else _padded(bodies, gray)
        return texture_features(gray, families, settings, by_slice=by_slice, body=body)

    def _steps_of_volume_histogram(self):
        """Return number and width of the steps of intensity-volume histograms."""
        return self._setting("ivh_levels"), self._setting("ivh_bin_width")

    def _intensity(self, batch, gray):
        values, offsets = batch.regions
        spacing = self._spacing_of_pixels()
        return intensity_features(
            values,
            offsets,
            gray.counts,
            gray.present_starts,
            shift=self._setting("voxel_array_shift"),
            voxel_volume=1.0 if spacing is None else float(np.prod(spacing)),
            standard=self._setting("standard"),
        )


def _padded(bodies, gray):
    """Lay out regions as the gray levels of their images."""
    regions = [np.ma.MaskedArray(np.ones(inside.shape), ~inside) for inside in bodies]
    return discretise(make_batch(regions), levels=1, pad=gray.pad, deep=gray.deep).positions


def _check_distances(distances, caller):
    listed = list(distances)
    whole = all(isinstance(d, Integral) and not isinstance(d, bool) and d >= 1 for d in listed)
    if not listed or not whole or len(set(listed)) < len(listed):
        raise ValueError(
            f"The 'distances' parameter of {caller} must list different whole numbers from 1."
            f" Got {distances!r}."
        )
