"""Filters that look at one pixel at a time, as pyradiomics scales them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from feature_extractors._filters.filter import Filter

__all__ = ["Exponential", "Logarithm", "Original", "Square", "SquareRoot"]


@dataclass(frozen=True, kw_only=True)
class Original(Filter):
    """No filter: the image as it is, in its own dtype, without a copy.

    What lies beneath a mask is not looked at.
    """

    def prefixes(self, dimensions):
        """Return one empty prefix."""
        return [""]

    def _results(self, image, spacing):
        yield "", image

    def _filtered(self, values, spacing):
        yield values


@dataclass(frozen=True, kw_only=True)
class IntensityFilter(Filter):
    """A function of the pixel x and of m, the largest |x| of the image (pixels beneath a mask included)."""

    PREFIX: ClassVar[str]

    def prefixes(self, dimensions):
        """Return the name of the function."""
        return [self.PREFIX]

    def _filtered(self, values, spacing):
        yield self._function(values, np.abs(values).max())

    @abstractmethod
    def _function(self, values, largest):
        """Return the function of all pixels."""


@dataclass(frozen=True, kw_only=True)
class Square(IntensityFilter):
    r"""Square, on the scale of the image: :math:`x^2 / m`, with m the largest \|x\|.

    An image of zeros gives zeros (pyradiomics: NaN).

    Examples
    --------
    >>> dict(Square().apply(np.array([[-2.0, 1.0, 4.0]])))
    {'square': array([[1.  , 0.25, 4.  ]])}
    """

    PREFIX = "square"

    def _function(self, values, largest):
        return (values * (1 / np.sqrt(largest))) ** 2 if largest > 0 else values


@dataclass(frozen=True, kw_only=True)
class SquareRoot(IntensityFilter):
    r"""Square root, on the scale of the image: :math:`sign(x) \sqrt{m |x|}`, with m the largest \|x\|.

    Examples
    --------
    >>> dict(SquareRoot().apply(np.array([[-4.0, 1.0, 0.0]])))
    {'square_root': array([[-4.,  2.,  0.]])}
    """

    PREFIX = "square_root"

    def _function(self, values, largest):
        return np.copysign(np.sqrt(np.abs(values) * largest), values)


@dataclass(frozen=True, kw_only=True)
class Logarithm(IntensityFilter):
    r"""Logarithm, on the scale of the image: :math:`sign(x) \log(|x| + 1) \, m / \log(m + 1)`.

    m is the largest \|x\|. An image of zeros gives zeros (pyradiomics: NaN).

    Examples
    --------
    >>> dict(Logarithm().apply(np.array([[-3.0, 0.0, 1.0]])))
    {'logarithm': array([[-3. ,  0. ,  1.5]])}
    """

    PREFIX = "logarithm"

    def _function(self, values, largest):
        if largest == 0:
            return values
        return np.copysign(np.log(np.abs(values) + 1), values) * (largest / np.log(largest + 1))


@dataclass(frozen=True, kw_only=True)
class Exponential(IntensityFilter):
    r"""Exponential function that keeps the largest value: :math:`m^{x / m}`, with m the largest \|x\|.

    An image of zeros gives ones (pyradiomics: NaN).

    Examples
    --------
    >>> dict(Exponential().apply(np.array([[-4.0, 0.0, 2.0, 4.0]])))
    {'exponential': array([[0.25, 1.  , 2.  , 4.  ]])}
    """

    PREFIX = "exponential"

    def _function(self, values, largest):
        return np.exp(values * (np.log(largest) / largest)) if largest > 0 else np.ones_like(values)
