"""The base of all preprocessing steps, and how a mask goes along with its image."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

__all__ = ["ImageStep", "Step", "with_mask_of"]


class Step(BaseModel, ABC):
    """One step with its parameters.

    Attributes
    ----------
    VERSION : int
        Raised whenever results change; part of the key under which features are stored.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    VERSION: ClassVar[int] = 1

    @property
    def keeps_places(self) -> bool:
        """Whether a place, as a part of width and height, shows the same before and after the step."""
        return True


class ImageStep(Step):
    """A step that makes one image of one image; a subclass gives :meth:`apply`."""

    @abstractmethod
    def apply(self, image: np.ndarray) -> np.ndarray:
        """Process one image.

        Parameters
        ----------
        image : ndarray or MaskedArray of shape (H, W)

        Returns
        -------
        ndarray or MaskedArray of float32, shape (H', W')
            Masked if and only if ``image`` is.

        Raises
        ------
        ValueError
            If the step cannot be done on this image.
        """


def with_mask_of(
    image: np.ndarray, values: np.ndarray, move: Callable[[np.ndarray], np.ndarray] | None = None
) -> np.ndarray:
    """Give processed values the type float32 and the mask of the image that they come from.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)
        Before the step.
    values : ndarray of shape (H', W')
        After the step.
    move : callable, optional
        What the step did to the geometry: takes the inside of the mask, a bool array of shape (H, W), and
        returns it with shape (H', W').

    Returns
    -------
    ndarray or MaskedArray of float32, shape (H', W')

    Raises
    ------
    ValueError
        If nothing of the inside is left.
    """
    values = values.astype(np.float32)
    if not np.ma.isMaskedArray(image):
        return values
    inside = ~np.ma.getmaskarray(image)
    inside = move(inside) if move else inside
    if not inside.any():
        raise ValueError("no pixel of the region of interest is left.")
    return np.ma.MaskedArray(values, mask=~inside)
