"""What every source of images yields: a table of samples and, beside it, images that are read when needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from suite.datasets._boxes import Box

__all__ = ["STANDARD_COLUMNS", "Dataset", "ImageReference"]

STANDARD_COLUMNS = ("sample_id", "label", "group", "source", "split")


class ImageReference(Protocol):
    """One image that is not read yet: small and picklable, so that worker processes read it themselves.

    Attributes
    ----------
    path : str
        For messages: the file relative to the data folder, or a synthetic name. Never absolute.
    """

    @property
    def path(self) -> str: ...

    def read(self) -> np.ndarray:
        """Read the pixels.

        Returns
        -------
        ndarray or MaskedArray of shape (H, W)
            Grey values in the file's own units and integer or float type; pixels outside the region of
            interest are masked.

        Raises
        ------
        BadImageError
            If the image cannot be used, with the reason.
        """
        ...

    def fingerprint(self) -> str:
        """Return a hex digest of all that determines the pixels."""
        ...

    def stamp(self) -> tuple[str, int, int] | None:
        """Return (identity, size in bytes, modification time in ns), under which a fingerprint may be cached.

        The identity names the files and the way they are read. None means that the fingerprint is cheap.
        """
        ...

    def properties(self) -> dict[str, Any]:
        """Return the facts of the header: ``format``, ``mode`` and ``bit_depth``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Labelled images.

    Attributes
    ----------
    samples : DataFrame
        One row a sample, with a RangeIndex. The columns ``sample_id`` (unique), ``label``, ``group``,
        ``source`` and ``split`` come first (str, NA where unknown), then whatever else the source knows.
    images : tuple of ImageReference
        Aligned with ``samples``.
    grouped : bool
        Whether it is known which samples belong together (the same patient). If not, ``group`` is all NA.
    synthetic : bool
        Whether the images were computed and show nobody.
    description : str
        One line for reports.
    boxes : tuple of tuple of Box, or None
        Of each sample the boxes around what it should be judged by, maybe none; None: not known of any.
    boxes_note : str
        What of the boxes could not be used.
    """

    samples: pd.DataFrame
    images: tuple[ImageReference, ...]
    grouped: bool
    synthetic: bool
    description: str
    boxes: tuple[tuple[Box, ...], ...] | None = None
    boxes_note: str = ""

    def __post_init__(self) -> None:
        if tuple(self.samples.columns[: len(STANDARD_COLUMNS)]) != STANDARD_COLUMNS:
            raise ValueError(f"The first columns of samples must be {', '.join(STANDARD_COLUMNS)}.")
        if len(self.samples) != len(self.images):
            raise ValueError(f"{len(self.samples)} samples, but {len(self.images)} images.")
        if not self.samples["sample_id"].is_unique:
            raise ValueError("sample_id must be unique.")
        if self.boxes is not None and len(self.boxes) != len(self.images):
            raise ValueError(f"{len(self.images)} images, but boxes of {len(self.boxes)}.")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, positions: Sequence[int] | np.ndarray) -> Dataset:
        """Return the samples at the given positions, in that order.

        Parameters
        ----------
        positions : sequence of int
            Row positions in ``samples``.

        Returns
        -------
        Dataset
            The chosen samples; ``grouped``, ``synthetic`` and ``description`` stay as they are.
        """
        rows = [int(position) for position in positions]
        return replace(
            self,
            samples=self.samples.iloc[rows].reset_index(drop=True),
            images=tuple(self.images[row] for row in rows),
            boxes=None if self.boxes is None else tuple(self.boxes[row] for row in rows),
        )
