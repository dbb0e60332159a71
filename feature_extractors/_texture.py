"""What the families of texture share: discretisation parameters and named formulas."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from feature_extractors._base import FeatureExtractor
from feature_extractors._gray_levels import MAX_BINS, discretise

EPSILON = np.spacing(1.0)  # pyradiomics adds it inside each logarithm, and so must we


def entropy(p, axis):
    """Entropy in bits, ``-Σ p log2(p + ε)``, along some axes."""
    return -np.sum(p * np.log2(p + EPSILON), axis=axis)


class TextureExtractor(FeatureExtractor):
    """Base of the families computed from gray levels.

    A subclass gives the following, and :meth:`_formulas`: from an image, what the formulas are applied to.

    Attributes
    ----------
    FAMILY : str
        Prefix of the names of the features.
    FORMULAS : dict of str to callable
        Name of each feature, and its formula; an array of values, one a direction, is averaged.
    MAX_LEVELS : int
        Most gray levels that may occur in a region: what memory and time allow.
    """

    FAMILY: ClassVar[str]
    FORMULAS: ClassVar[dict[str, Callable]]
    MAX_LEVELS: ClassVar[int] = MAX_BINS

    _parameter_constraints: ClassVar[dict] = {
        "levels": [Interval(Integral, 1, MAX_BINS, closed="both")],
        "bin_width": [None, Interval(Real, 0, None, closed="neither")],
    }

    def _discretise(self, image):
        gray = discretise(image, levels=self.levels, bin_width=self.bin_width)
        if len(gray.present) > self.MAX_LEVELS:
            raise ValueError(
                f"{type(self).__name__} takes at most {self.MAX_LEVELS} gray levels, and "
                f"{len(gray.present)} occur; choose fewer `levels` or a larger `bin_width`."
            )
        return gray

    def _names(self, image):
        return [f"{self.FAMILY}_{feature}" for feature in self.FORMULAS]

    def _extract(self, image):
        formulas = self._formulas(image)
        return [np.mean(formula(formulas)) for formula in self.FORMULAS.values()]

    @abstractmethod
    def _formulas(self, image):
        """Return what the formulas are applied to."""
