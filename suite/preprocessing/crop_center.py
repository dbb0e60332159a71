"""Cutting off the margins."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["CropCenter"]

Side = Annotated[int, Field(ge=1, le=65536)]


class CropCenter(ImageStep):
    """Keep the middle of the image.

    Attributes
    ----------
    size : int or (int, int), optional
        Height and width to keep, in pixels; one number stands for both. An image that is smaller is refused.
    fraction : float, optional
        Part of each side to keep instead, above 0 and up to 1.

    Examples
    --------
    >>> CropCenter(size=2).apply(np.arange(16).reshape(4, 4))
    array([[ 5.,  6.],
           [ 9., 10.]], dtype=float32)
    """

    size: Side | tuple[Side, Side] | None = None
    fraction: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> CropCenter:
        if (self.size is None) == (self.fraction is None):
            raise ValueError("give either size or fraction")
        return self

    @property
    def keeps_places(self) -> bool:
        """Never; see :attr:`Step.keeps_places`."""
        return False

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Cut one image; see :meth:`ImageStep.apply`."""
        kept = self._kept(image.shape)
        if any(new > old for new, old in zip(kept, image.shape, strict=True)):
            raise ValueError(
                f"the image has {image.shape[0]} rows and {image.shape[1]} columns, "
                f"fewer than the {kept[0]} and {kept[1]} to keep."
            )
        window = tuple(
            slice((old - new) // 2, (old - new) // 2 + new)
            for new, old in zip(kept, image.shape, strict=True)
        )
        return with_mask_of(image, np.ma.getdata(image)[window], lambda inside: inside[window])

    def _kept(self, shape: tuple[int, ...]) -> tuple[int, int]:
        if self.fraction is not None:
            height, width = (max(1, round(side * self.fraction)) for side in shape)
            return height, width
        assert self.size is not None
        return (self.size, self.size) if isinstance(self.size, int) else self.size
