"""Several small images out of one."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from suite.preprocessing._step import Step

__all__ = ["Patches"]

Length = Annotated[int, Field(ge=8, le=8192)]


class Patches(Step):
    """Cut each image into square patches, which inherit its label and group.

    Patches lie on a regular grid from the upper left corner on; a remainder at the right and at the bottom
    that is smaller than a patch is left out.

    Attributes
    ----------
    size : int
        Side in pixels.
    stride : int, optional
        Distance between the origins of neighbours, by default ``size`` (no overlap).
    where : {"image", "mask"}
        All patches, or those inside the mask.
    min_inside : float
        With ``where: mask``: part of a patch that must lie inside the mask, from 0 to 1.

    Examples
    --------
    >>> [tag for tag, patch in Patches(size=8).cut(np.zeros((16, 20)))]
    ['@y0-x0', '@y0-x8', '@y8-x0', '@y8-x8']
    """

    size: Length
    stride: Annotated[int, Field(ge=1, le=8192)] | None = None
    where: Literal["image", "mask"] = "image"
    min_inside: Annotated[float, Field(ge=0, le=1)] = 0.5

    @property
    def keeps_places(self) -> bool:
        """Never; see :attr:`Step.keeps_places`."""
        return False

    def cut(self, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Cut one image.

        Parameters
        ----------
        image : ndarray or MaskedArray of shape (H, W)

        Returns
        -------
        list of (str, ndarray or MaskedArray of float32, shape (size, size))
            Each patch with the place of its upper left pixel; never empty.

        Raises
        ------
        ValueError
            If there is no patch, or no mask where one is needed.
        """
        if self.where == "mask" and not np.ma.isMaskedArray(image):
            raise ValueError("'where: mask' needs a mask, and the image has none.")
        height, width = image.shape
        stride = self.stride or self.size
        found = [
            (f"@y{y}-x{x}", image[y : y + self.size, x : x + self.size].astype(np.float32))
            for y in range(0, height - self.size + 1, stride)
            for x in range(0, width - self.size + 1, stride)
        ]
        kept = [(tag, patch) for tag, patch in found if self._is_wanted(patch)]
        if not kept:
            raise ValueError(self._why_none(len(found), height, width))
        return kept

    def _is_wanted(self, patch: np.ndarray) -> bool:
        inside = np.ma.count(patch) / patch.size  # a patch wholly outside a mask would have no pixel at all
        return inside > 0 and (self.where == "image" or inside >= self.min_inside)

    def _why_none(self, found: int, height: int, width: int) -> str:
        if found:
            return f"none of the {found} patches lies inside the mask to a part of {self.min_inside:g}."
        return f"no patch of {self.size}×{self.size} fits into an image of {width}×{height} pixels."
