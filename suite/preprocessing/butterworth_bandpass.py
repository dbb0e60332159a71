"""A smooth band of spatial frequencies."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator
from scipy.fft import dctn, idctn

from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["ButterworthBandpass"]


class ButterworthBandpass(ImageStep):
    r"""Keep a band of spatial frequencies with a Butterworth filter [1]_.

    The gain at the radial frequency :math:`f = \sqrt{f_x^2 + f_y^2}` is

    .. math:: H(f) = \frac{1}{\sqrt{1 + (low / f)^{2 n}}} \cdot \frac{1}{\sqrt{1 + (f / high)^{2 n}}}

    with the order :math:`n`. The image is continued by reflection at its borders (the filter works on its
    cosine transform), so that opposite borders do not mix. Pixels outside a mask take part.

    Attributes
    ----------
    low : float
        Lower cut-off in cycles per pixel: 0.02 is a period of 50 pixels. 0 keeps everything below ``high``,
        the mean too; otherwise the mean of the result is 0.
    high : float
        Upper cut-off in cycles per pixel, above ``low``; the finest grid along an axis has 0.5, along a
        diagonal 0.707.
    order : int
        Steepness.

    References
    ----------
    .. [1] Butterworth (1930), On the theory of filter amplifiers, Wireless Engineer 7, 536-541.

    Examples
    --------
    >>> image = np.full((8, 8), 100.0)
    >>> bool(np.allclose(ButterworthBandpass(low=0.02, high=0.25).apply(image), 0, atol=1e-5))
    True
    """

    low: Annotated[float, Field(ge=0, lt=0.75)] = 0.02
    high: Annotated[float, Field(gt=0, le=0.75)] = 0.25
    order: Annotated[int, Field(ge=1, le=20)] = 2

    @model_validator(mode="after")
    def _in_order(self) -> ButterworthBandpass:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Filter one image; see :meth:`ImageStep.apply`."""
        spectrum = dctn(np.ma.getdata(image).astype(np.float64), norm="ortho")
        rows, columns = (np.arange(side) / (2 * side) for side in image.shape)
        gain = self.gain(np.hypot(rows[:, None], columns[None, :]))
        return with_mask_of(image, idctn(spectrum * gain, norm="ortho"))

    def gain(self, frequency: np.ndarray) -> np.ndarray:
        """Return the factor by which each frequency is multiplied.

        Parameters
        ----------
        frequency : ndarray
            In cycles per pixel.

        Returns
        -------
        ndarray of the same shape, between 0 and 1

        Examples
        --------
        >>> ButterworthBandpass(low=0, high=0.25).gain(np.array([0.0, 0.25])).round(4)
        array([1.    , 0.7071])
        """
        power = 2 * self.order
        low_pass = 1 / np.sqrt(1 + (frequency / self.high) ** power)
        if self.low == 0:
            return low_pass
        ratio = (frequency / self.low) ** power  # 1 / (1 + 1/ratio) = ratio / (1 + ratio), defined at 0
        return low_pass * np.sqrt(ratio / (1 + ratio))
