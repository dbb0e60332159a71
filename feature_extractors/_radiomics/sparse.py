"""Matrices of counts, of which the entries that are not 0 are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feature_extractors._radiomics.gray_levels import GrayLevels

__all__ = ["SparseMatrices"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SparseMatrices:
    """Counts by gray level (rows) and another quantity: a second gray level, a size or a distance.

    Attributes
    ----------
    rows : ndarray of int32, flat
        Place of the gray level among those present in the image.
    columns : ndarray of int32, flat
        Place of the second gray level likewise; or a size or distance itself.
    counts : ndarray of int64, flat
        What is counted.
    starts : ndarray of int64, shape (n_matrices + 1,)
        Where the entries of each matrix begin; they are sorted by row and column.
    images : ndarray of int64, shape (n_matrices,)
        The image that each matrix is of.
    present : ndarray of float64, flat
        The gray levels present, image after image.
    present_starts : ndarray of int64, shape (n_images + 1,)
        Where those of each image begin.
    symmetric : bool
        Whether only the lower half is kept, each entry beside the diagonal standing for two.
    directions : ndarray of int64, shape (n_matrices,), or int
        Of how many directions each matrix is the sum.
    """

    rows: np.ndarray
    columns: np.ndarray
    counts: np.ndarray
    starts: np.ndarray
    images: np.ndarray
    present: np.ndarray
    present_starts: np.ndarray
    symmetric: bool = False
    directions: np.ndarray | int = 1

    @classmethod
    def of(
        cls,
        rows: np.ndarray,
        columns: np.ndarray,
        counts: np.ndarray,
        ends: np.ndarray,
        gray: GrayLevels,
        per_image: int,
        *,
        symmetric: bool = False,
        directions: np.ndarray | int = 1,
    ) -> SparseMatrices:
        """Put together what a kernel has filled."""
        used = ends[-1] if len(ends) else 0
        return cls(
            rows=rows[:used],
            columns=columns[:used],
            counts=counts[:used],
            starts=np.concatenate([[0], ends]),
            images=np.repeat(np.arange(len(gray)), per_image),
            present=gray.present,
            present_starts=gray.present_starts,
            symmetric=symmetric,
            directions=directions,
        )

    def __len__(self) -> int:
        return len(self.images)

    def dense(self, matrix: int, n_columns: int) -> np.ndarray:
        """Return one matrix as an array of int64, shape (n_present, n_columns), columns from 0."""
        image = self.images[matrix]
        n_rows = self.present_starts[image + 1] - self.present_starts[image]
        part = slice(self.starts[matrix], self.starts[matrix + 1])
        table = np.zeros((n_rows, n_columns), dtype=np.int64)
        table[self.rows[part], self.columns[part]] = self.counts[part]
        if self.symmetric:
            table[self.columns[part], self.rows[part]] = self.counts[part]
        return table
