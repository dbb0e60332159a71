"""Resampling to a fixed number of pixels."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from suite.preprocessing._resampling import resample
from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["Resize"]

Side = Annotated[int, Field(ge=8, le=8192)]


class Resize(ImageStep):
    """Resample to a given size by linear interpolation, as :func:`skimage.transform.resize` does (order 1).

    A mask is resampled by nearest neighbour.

    Attributes
    ----------
    size : int or (int, int)
        Height and width in pixels; one number stands for both.
    keep_aspect : bool
        Fit the image into ``size`` and pad evenly with its own minimum, instead of distorting it. Padding is
        outside a mask, if there is one.
    antialias : bool
        Smooth before shrinking, with a Gaussian of standard deviation (factor - 1) / 2.

    Examples
    --------
    >>> Resize(size=8, keep_aspect=True).apply(np.ones((16, 32), dtype=np.uint8)).shape
    (8, 8)
    """

    VERSION: ClassVar[int] = 2
    size: Side | tuple[Side, Side]
    keep_aspect: bool = False
    antialias: bool = True

    @property
    def keeps_places(self) -> bool:
        """Whether the image fills all of ``size``; see :attr:`Step.keeps_places`."""
        return not self.keep_aspect

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Resample one image; see :meth:`ImageStep.apply`."""
        pixels = np.ma.getdata(image)
        shape = self._inner_shape(pixels.shape)
        values = resample(pixels.astype(np.float64), shape, antialias=self.antialias)
        margins = _margins(shape, self._shape)
        return with_mask_of(
            image,
            np.pad(values, margins, constant_values=values.min()),
            lambda inside: np.pad(_nearest(inside, shape), margins, constant_values=False),
        )

    @property
    def _shape(self) -> tuple[int, int]:
        return (self.size, self.size) if isinstance(self.size, int) else self.size

    def _inner_shape(self, shape: tuple[int, ...]) -> tuple[int, int]:
        if not self.keep_aspect:
            return self._shape
        scale = min(wanted / side for wanted, side in zip(self._shape, shape, strict=True))
        height, width = (max(1, round(side * scale)) for side in shape)
        return height, width


def _nearest(inside: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(int), old - 1)
        for new, old in zip(shape, inside.shape, strict=True)
    )
    return inside[np.ix_(rows, columns)]


def _margins(inner: tuple[int, int], outer: tuple[int, int]) -> list[tuple[int, int]]:
    spare = [out - within for out, within in zip(outer, inner, strict=True)]
    return [(number // 2, number - number // 2) for number in spare]
