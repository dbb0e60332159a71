"""Pixels as they are: what a classifier gets that finds its own features."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

import numpy as np
from skimage.transform import resize
from sklearn.utils._param_validation import Interval

from feature_extractors._base import FeatureExtractor
from feature_extractors._blocks import rows_and_columns
from feature_extractors._region import values_of

__all__ = ["Pixels"]


class Pixels(FeatureExtractor):
    """Gray values row by row, as one vector of float32: the baseline without features, and input of CNNs.

    Features are named by row and column: ``pixel_0_0``, ``pixel_0_1`` …; reshape a row of values to
    ``shape_`` to have the image back. Pixels outside a region of interest are 0, before any resizing.
    Values are rounded to float32: whole numbers up to 2**24 are exact.

    Parameters
    ----------
    size : None, int or (int, int), default=None
        Height and width to which images are resized (linear interpolation, smoothed before shrinking:
        :func:`skimage.transform.resize`); one number stands for both. None: not resized; then all images
        must have the same shape.

    Attributes
    ----------
    shape_ : (int, int)
        Height and width of the images that the features are the pixels of.
    SAME_SIZE : bool
        True: with default parameters, images of one size only are accepted.

    Raises
    ------
    ValueError
        When ``size`` is None and images differ in shape.

    References
    ----------
    .. [1] LeCun, Bottou, Bengio, Haffner (1998), Gradient-based learning applied to document
       recognition (classifiers of raw pixels compared), Proc. IEEE 86(11), doi:10.1109/5.726791

    Examples
    --------
    >>> image = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    >>> pixels = Pixels().fit([image])
    >>> pixels.transform([image])
    array([[1., 2., 3., 4.]], dtype=float32)
    >>> pixels.get_feature_names_out()
    array(['pixel_0_0', 'pixel_0_1', 'pixel_1_0', 'pixel_1_1'], dtype=object)
    """

    DTYPE: ClassVar[type] = np.float32
    SAME_SIZE: ClassVar[bool] = True
    GIVES_IMAGES: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        "size": [None, Interval(Integral, 1, None, closed="left"), list, tuple],
    }

    def __init__(self, size=None):
        self.size = size

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        if self.size is not None:
            rows_and_columns("size", self.size)

    def fit(self, X, y=None):
        """Check the parameters and learn the shape of the images.

        Parameters
        ----------
        X : sequence of ndarray or MaskedArray of shape (H, W)
            Images, at least one; of the same shape if ``size`` is None.
        y : ignored
        """
        super().fit(X, y)
        self.shape_ = self._shape(X[0])
        self._require_shape(X)
        return self

    def _shape(self, image):
        return np.shape(image) if self.size is None else rows_and_columns("size", self.size)

    def _names(self, image):
        return [f"pixel_{row}_{column}" for row, column in np.ndindex(self._shape(image))]

    def _extract(self, image):
        self._require_shape([image])
        values = values_of(image)
        if self.size is not None:
            values = resize(
                values, self.shape_, order=1, mode="reflect", anti_aliasing=True, preserve_range=True
            )
        return values.ravel()

    def _require_shape(self, images):
        for image in images if self.size is None else ():
            if np.shape(image) != self.shape_:
                raise ValueError(
                    f"pixels needs images of one size, but there are {_words(self.shape_)} and "
                    f"{_words(np.shape(image))} pixels. Give it a size, or the preprocessing a resize step."
                )


def _words(shape):
    return "×".join(str(length) for length in shape)
