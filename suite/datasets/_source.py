"""The base of all sources of images, with the options that they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from suite.datasets._dataset import Dataset
from suite.datasets._decoding import PILLOW_LIMIT
from suite.datasets._selection import Value, rows_where, sample_of_groups

__all__ = ["DatasetSource", "Locate", "Sample"]

Locate = Callable[[str], Path]


class Sample(BaseModel):
    """A smaller data set, drawn at random in whole groups.

    Attributes
    ----------
    per_class : int
        Most samples of one label.
    seed : int
        Another seed draws other groups.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    per_class: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


class DatasetSource(BaseModel, ABC):
    """Where images come from; a subclass gives :meth:`_load_all`.

    Attributes
    ----------
    where : dict
        Row filter: column to wanted value, or list of them; ``null`` stands for an empty cell.
    sample : Sample or None
        Draw a smaller data set, in whole groups.
    max_pixels : int
        Images with more pixels are refused before they are decoded; at most Pillow's own limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    where: dict[str, Value | list[Value]] = {}
    sample: Sample | None = None
    max_pixels: Annotated[int, Field(ge=1, le=PILLOW_LIMIT)] = 100_000_000

    def load(self, locate: Locate) -> Dataset:
        """List the samples that are wanted; no pixel is read.

        Parameters
        ----------
        locate : callable
            Maps a path of the grid to an existing one, or raises DataError.

        Returns
        -------
        Dataset

        Raises
        ------
        DataError
            With every mistake that was found.
        """
        everything = self._load_all(locate)
        chosen = everything
        if self.where:
            chosen = chosen.take(np.flatnonzero(rows_where(chosen.samples, self.where)))
        if self.sample:
            kept = sample_of_groups(chosen.samples, self.sample.per_class, self.sample.seed)
            chosen = chosen.take(np.flatnonzero(kept))
        if len(chosen) == len(everything):
            return chosen
        return replace(chosen, description=f"{everything.description}; {len(chosen)} of them used")

    @abstractmethod
    def _load_all(self, locate: Locate) -> Dataset:
        """List all samples."""
