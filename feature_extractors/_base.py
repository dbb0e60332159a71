"""What every extractor is: a scikit-learn transformer from images to rows of named numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import validate_parameter_constraints
from sklearn.utils.validation import check_is_fitted


class FeatureExtractor(TransformerMixin, BaseEstimator, ABC):
    """Base of the extractors: checks images and parameters, stacks one row per image.

    A subclass stores its parameters in ``__init__``, lists what they may be in
    ``_parameter_constraints`` (scikit-learn's form), and gives :meth:`_names` and :meth:`_extract`.

    Attributes
    ----------
    VERSION : int
        Raised whenever values change; part of the key under which features are stored.
    STATELESS : bool
        Whether ``transform`` depends on the image alone. Features of such extractors are computed
        once per dataset; others are fitted inside each fold.
    DIMENSIONS : tuple of int
        Which numbers of image axes are accepted.
    SAME_SIZE : bool
        Whether, with the default parameters, all images must be of one size.
    USES_SURROUNDINGS : bool
        Whether, with the default parameters, pixels outside the region of interest have an influence.
    GIVES_IMAGES : bool
        Whether a row is an image, pixel by pixel, named by row and column: what trained networks take.
    FILES : tuple of str
        Parameters that may name a file; a grid looks for it beside itself first.
    """

    VERSION: ClassVar[int] = 1
    STATELESS: ClassVar[bool] = True
    DIMENSIONS: ClassVar[tuple[int, ...]] = (2,)
    SAME_SIZE: ClassVar[bool] = False
    USES_SURROUNDINGS: ClassVar[bool] = False
    DTYPE: ClassVar[type] = np.float64
    FILES: ClassVar[tuple[str, ...]] = ()
    GIVES_IMAGES: ClassVar[bool] = False

    _parameter_constraints: ClassVar[dict] = {}

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        validate_parameter_constraints(
            self._parameter_constraints, self.get_params(deep=False), caller_name=type(self).__name__
        )

    def identity(self):
        """Return what decides the features, as plain data: all parameters, unless a subclass knows better."""
        return self.get_params(deep=False)

    def remarks(self):
        """Return what every table must say beside these features, a tuple of short phrases."""
        return ()

    def fit(self, X, y=None):
        """Check the parameters and learn the names of the features; values need no fitting.

        Parameters
        ----------
        X : sequence of ndarray or MaskedArray of shape (H, W)
            Images, at least one. They may differ in size.
        y : ignored
        """
        self.check_parameters()
        images = self._check_images(X)
        self.feature_names_out_ = np.asarray(self._names(images[0]), dtype=object)
        return self

    def transform(self, X):
        """Compute the features of each image.

        Parameters
        ----------
        X : sequence of ndarray or MaskedArray of shape (H, W)
            Images; pixels masked in a MaskedArray lie outside the region of interest.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        check_is_fitted(self, "feature_names_out_")
        images = self._check_images(X)
        rows = np.empty((len(images), len(self.feature_names_out_)), dtype=self.DTYPE)
        for row, image in zip(rows, images, strict=True):
            row[:] = self._extract(image)
        return rows

    def get_feature_names_out(self, input_features=None):
        """Return the names of the features, an object array of shape (n_features,)."""
        check_is_fitted(self, "feature_names_out_")
        return self.feature_names_out_

    @abstractmethod
    def _names(self, image):
        """Return the names of the features of an image."""

    @abstractmethod
    def _extract(self, image):
        """Return the features of an image."""

    def _check_images(self, X):
        images = [np.ma.asarray(image) if np.ma.isMaskedArray(image) else np.asarray(image) for image in X]
        if not images:
            raise ValueError(f"{type(self).__name__} needs at least one image; got none.")
        for index, image in enumerate(images):
            self._check_image(image, index)
        return images

    def _check_image(self, image, index):
        if image.ndim not in self.DIMENSIONS:
            wanted = " or ".join(f"{n}-D" for n in self.DIMENSIONS)
            name = type(self).__name__
            raise ValueError(f"image {index} has shape {image.shape}; {name} takes {wanted} arrays.")
        masked = np.ma.isMaskedArray(image)
        if image.size == 0 or (masked and np.ma.count(image) == 0):
            raise ValueError(f"image {index} has no pixel inside its region of interest.")
        if image.dtype.kind not in "buif":
            raise TypeError(f"image {index} has dtype {image.dtype}; real numbers are expected.")
        if image.dtype.kind == "f" and not np.isfinite(image.compressed() if masked else image).all():
            raise ValueError(f"image {index} holds NaN or infinite values.")
