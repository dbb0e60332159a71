"""Grey values on a common scale, image by image."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from suite.preprocessing._step import ImageStep, with_mask_of

__all__ = ["Normalize"]

Percentile = Annotated[float, Field(ge=0, le=100)]


class Normalize(ImageStep):
    """Shift and scale the grey values of each image by its own statistics.

    Statistics come from the pixels inside the mask, if there is one. A constant image becomes 0.

    Attributes
    ----------
    method : {"minmax", "zscore", "percentile"}
        ``minmax``: the range becomes 0 to 1. ``zscore``: mean 0, standard deviation 1. ``percentile``: values
        are clipped at two percentiles, and the range between them becomes 0 to 1.
    low, high : float, optional
        The two percentiles, by default 1 and 99; for ``percentile`` only.

    Examples
    --------
    >>> Normalize(method="zscore").apply(np.array([[1, 3], [1, 3]]))
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    method: Literal["minmax", "zscore", "percentile"] = "minmax"
    low: Percentile | None = None
    high: Percentile | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_percentiles(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("method") == "percentile":
            wanted = {key: value for key, value in given.items() if value is not None}
            return {"low": 1.0, "high": 99.0} | wanted
        return given

    @model_validator(mode="after")
    def _percentiles_fit(self) -> Normalize:
        if self.method != "percentile" and (self.low, self.high) != (None, None):
            raise ValueError("low and high are percentiles: they need method: percentile")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Scale one image; see :meth:`ImageStep.apply`."""
        pixels = np.ma.getdata(image).astype(np.float64)
        offset, scale = self._offset_and_scale(np.ma.compressed(image).astype(np.float64))
        values = (pixels - offset) / scale if scale > 0 else np.zeros_like(pixels)
        return with_mask_of(image, values.clip(0, 1) if self.method == "percentile" else values)

    def _offset_and_scale(self, inside: np.ndarray) -> tuple[float, float]:
        if inside.min() == inside.max():
            return 0.0, 0.0
        if self.method == "zscore":
            return float(inside.mean()), float(inside.std())
        if self.method == "minmax":
            return float(inside.min()), float(np.ptp(inside))
        low, high = np.percentile(inside, [self.low, self.high])
        return float(low), float(high - low)
