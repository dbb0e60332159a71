"""A range of grey values, as on a viewing station."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["Window"]


class Window(ImageStep):
    """Map the range from center - width / 2 to center + width / 2 to 0 to 1, and clip what lies outside.

    This is the function LINEAR_EXACT of DICOM PS3.3, C.11.2.1.3.2.

    Attributes
    ----------
    center, width : float
        In the units of the image, such as Hounsfield units; lungs are commonly shown at -600 and 1500.

    Examples
    --------
    >>> Window(center=50, width=100).apply(np.array([[-20, 25, 100, 200]]))
    array([[0.  , 0.25, 1.  , 1.  ]], dtype=float32)
    """

    center: float
    width: Annotated[float, Field(gt=0)]

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Window one image; see :meth:`ImageStep.apply`."""
        values = (np.ma.getdata(image).astype(np.float64) - self.center) / self.width + 0.5
        return with_mask_of(image, values.clip(0, 1))
