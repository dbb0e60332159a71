"""What every filter is: settings that are checked at once, and images made from an image."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from numbers import Real

import numpy as np

__all__ = ["Filter"]


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """Base of the filters; a subclass declares its settings as fields.

    Pixels outside a region of interest are filtered and enter the results of their neighbours, as in
    pyradiomics: the region says where features are computed, not what a filter sees.

    Raises
    ------
    ValueError
        For settings that make no sense, all of them in one message.
    """

    def __post_init__(self):
        problems = list(self._problems())
        if problems:
            raise ValueError("\n".join(problems))

    @abstractmethod
    def prefixes(self, dimensions):
        """Return what the names of features begin with, for each image that `apply` gives.

        Parameters
        ----------
        dimensions : {2, 3}
            Axes of the image.

        Returns
        -------
        list of str
        """

    def apply(self, image, spacing=None):
        """Yield the filtered images, each with the beginning of the names of its features.

        Parameters
        ----------
        image : ndarray or MaskedArray of shape (H, W) or (D, H, W)
            Real numbers. Pixels beneath a mask take part and must be finite; the mask is carried along.
        spacing : sequence of float, optional
            Distance of neighbouring pixels along each axis, in mm; 1 each by default.

        Yields
        ------
        prefix : str
        filtered : ndarray or MaskedArray

        Raises
        ------
        ValueError
            At once, if the image or spacing is not what it should be; later, if it is too small.
        """
        if image.ndim not in (2, 3) or image.size == 0:
            raise ValueError(f"A filter takes an image of 2 or 3 axes with pixels. Got shape {image.shape}.")
        return self._results(image, _checked_spacing(spacing, image.ndim))

    def _results(self, image, spacing):
        values = np.array(np.ma.getdata(image), dtype=np.float64, order="C")
        if not np.isfinite(values).all():
            raise ValueError(
                f"The filter {self.prefixes(image.ndim)[0]!r} needs finite values, also outside the region "
                "of interest: pixels there enter the results of their neighbours."
            )
        filtered = zip(self.prefixes(image.ndim), self._filtered(values, spacing), strict=True)
        if not np.ma.isMaskedArray(image):
            yield from filtered
            return
        for (prefix, result), mask in zip(filtered, self._masks(np.ma.getmaskarray(image)), strict=False):
            yield prefix, np.ma.MaskedArray(result, mask)

    def _problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        return iter(())

    @abstractmethod
    def _filtered(self, values, spacing):
        """Yield the filtered images, in the order of their prefixes."""

    def _masks(self, mask):
        """Yield the mask of each filtered image."""
        return repeat(mask)


def _checked_spacing(spacing, dimensions):
    if spacing is None:
        return (1.0,) * dimensions
    sizes = tuple(spacing)
    if not all(isinstance(size, Real) and math.isfinite(size) and size > 0 for size in sizes):
        raise ValueError(f"spacing must be positive numbers, in mm. Got {spacing!r}.")
    if len(sizes) != dimensions:
        raise ValueError(f"spacing={spacing!r} does not fit an image of {dimensions} axes.")
    return tuple(float(size) for size in sizes)
