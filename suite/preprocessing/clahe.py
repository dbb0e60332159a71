"""Local contrast enhancement."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from skimage.exposure import equalize_adapthist

from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["Clahe"]


class Clahe(ImageStep):
    """Contrast-limited adaptive histogram equalisation [1]_, by :func:`skimage.exposure.equalize_adapthist`.

    The result is scaled back to the image's own range of values, so that they remain grey values. A constant
    image stays as it is. Pixels outside a mask take part.

    Attributes
    ----------
    clip_limit : float
        Between 0 and 1; higher values give more contrast.
    tiles : int
        Number of tiles along each side; the image is equalised within tiles and interpolated between them.

    References
    ----------
    .. [1] Zuiderveld (1994), Contrast limited adaptive histogram equalization, Graphics Gems IV, 474-485.

    Examples
    --------
    >>> image = np.arange(1024, dtype=np.uint16).reshape(32, 32)
    >>> enhanced = Clahe().apply(image)
    >>> float(enhanced.min()), float(enhanced.max())
    (0.0, 1023.0)
    """

    clip_limit: Annotated[float, Field(gt=0, le=1)] = 0.01
    tiles: Annotated[int, Field(ge=1, le=256)] = 8

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Enhance one image; see :meth:`ImageStep.apply`."""
        pixels = np.ma.getdata(image).astype(np.float64)
        low, high = pixels.min(), pixels.max()
        if low == high:
            return with_mask_of(image, pixels)
        tile = tuple(max(1, side // self.tiles) for side in pixels.shape)
        enhanced = equalize_adapthist((pixels - low) / (high - low), tile, self.clip_limit)
        return with_mask_of(image, low + enhanced * (high - low))
