"""Photographs of textures, bundled with scikit-image."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
import pandas as pd
import skimage.data
from pydantic import Field, model_validator

from suite.datasets._dataset import STANDARD_COLUMNS, Dataset
from suite.datasets._source import DatasetSource, Locate

__all__ = ["Textures"]

PHOTOGRAPHS = ("brick", "grass", "gravel")
SIDE = 512


@dataclass(frozen=True, kw_only=True)
class TexturePatch:
    """A square patch of one of the photographs; ``y`` and ``x`` are its upper left pixel."""

    VERSION = 1  # raised whenever pixels change

    photograph: str
    y: int
    x: int
    size: int

    @property
    def path(self) -> str:
        """The name of the patch."""
        return f"{self.photograph}@y{self.y}-x{self.x}"

    def read(self) -> np.ndarray:
        """Return the pixels, an ndarray of uint8, shape (size, size)."""
        rows, columns = slice(self.y, self.y + self.size), slice(self.x, self.x + self.size)
        return _photograph(self.photograph)[rows, columns].copy()

    def fingerprint(self) -> str:
        """Return a hex digest of the photograph, the place and the size."""
        text = f"textures{self.VERSION} {_photograph_digest(self.photograph)} {self.y} {self.x} {self.size}"
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    def stamp(self) -> None:
        """Return None: the fingerprint is cheap."""

    def properties(self) -> dict[str, Any]:
        """Return ``format``, ``mode`` and ``bit_depth``."""
        return {"format": "PNG", "mode": "L", "bit_depth": 8}


class Textures(DatasetSource):
    """Patches of the photographs brick, grass and gravel (512×512 pixels) that scikit-image bundles.

    Each photograph is divided into square regions; the patches of a region are one group, and no patch
    reaches into another region.

    Attributes
    ----------
    size : int
        Side of a patch in pixels.
    stride : int, optional
        Distance between neighbours within a region, by default ``size`` (no overlap).
    regions : int
        Regions along each side of a photograph.

    Examples
    --------
    >>> dataset = Textures().load(locate=None)
    >>> len(dataset), dataset.samples["group"].nunique()
    (192, 48)
    """

    size: Annotated[int, Field(ge=8, le=SIDE)] = 64
    stride: Annotated[int, Field(ge=1, le=SIDE)] | None = None
    regions: Annotated[int, Field(ge=1, le=32)] = 4

    @model_validator(mode="after")
    def _patch_fits(self) -> Textures:
        if self.size > SIDE // self.regions:
            raise ValueError(
                f"a patch of {self.size} pixels does not fit into a region of {SIDE // self.regions}"
            )
        return self

    def _load_all(self, locate: Locate) -> Dataset:
        patches = list(self._patches())
        rows = [(patch.path, patch.photograph, group, "scikit-image", None) for group, patch in patches]
        return Dataset(
            samples=pd.DataFrame(rows, columns=list(STANDARD_COLUMNS), dtype="str"),
            images=tuple(patch for _, patch in patches),
            grouped=True,
            synthetic=False,
            description=f"{len(patches)} patches of {self.size}×{self.size} pixels of photographs of "
            f"{', '.join(PHOTOGRAPHS)} (scikit-image)",
        )

    def _patches(self) -> Iterator[tuple[str, TexturePatch]]:
        region, stride = SIDE // self.regions, self.stride or self.size
        offsets = range(0, region - self.size + 1, stride)
        starts = [(number, number * region + offset) for number in range(self.regions) for offset in offsets]
        for photograph in PHOTOGRAPHS:
            for row, y in starts:
                for column, x in starts:
                    group = f"{photograph}-region-{row}-{column}"
                    yield group, TexturePatch(photograph=photograph, y=y, x=x, size=self.size)


@lru_cache
def _photograph(name: str) -> np.ndarray:
    return getattr(skimage.data, name)()


@lru_cache
def _photograph_digest(name: str) -> str:
    return hashlib.blake2b(_photograph(name).tobytes(), digest_size=20).hexdigest()
