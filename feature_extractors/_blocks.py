"""A grid of blocks laid over an image of any size, and one histogram per block."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numba import njit

__all__ = ["block_histograms", "block_prefixes", "blocks_along", "rows_and_columns", "shares"]


def rows_and_columns(name: str, value: int | Sequence[int]) -> tuple[int, int]:
    """Read a parameter that is one number for both axes, or two: rows, columns.

    Raises
    ------
    ValueError
        When it is anything else than one or two integers of at least 1.

    Examples
    --------
    >>> rows_and_columns("blocks", 4), rows_and_columns("blocks", [2, 3])
    ((4, 4), (2, 3))
    """
    pair = (value, value) if isinstance(value, Integral) else tuple(value)
    if len(pair) != 2 or not all(_is_positive_integer(number) for number in pair):
        raise ValueError(
            f"The {name!r} parameter must be a positive integer or two of them (rows, columns). "
            f"Got {value!r} instead."
        )
    return int(pair[0]), int(pair[1])


def _is_positive_integer(number: object) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool) and int(number) >= 1


def block_prefixes(blocks: tuple[int, int]) -> list[str]:
    """Return what to put before the names of a block's features; nothing if there is one block only.

    Examples
    --------
    >>> block_prefixes((1, 2)), block_prefixes((1, 1))
    (['block_0_0_', 'block_0_1_'], [''])
    """
    if blocks == (1, 1):
        return [""]
    return [f"block_{row}_{column}_" for row in range(blocks[0]) for column in range(blocks[1])]


def blocks_along(shape: tuple[int, int], blocks: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return which row of blocks each row of pixels is in, and which column each column.

    Blocks are of equal size, or differ by one pixel where the size of the image is not a multiple.

    Raises
    ------
    ValueError
        When there are more blocks than pixels along an axis.

    Examples
    --------
    >>> blocks_along((2, 5), (1, 2))
    (array([0, 0]), array([0, 0, 0, 1, 1]))
    """
    if any(length < number for length, number in zip(shape, blocks, strict=True)):
        raise ValueError(
            f"An image of {shape[0]}×{shape[1]} pixels cannot be divided into {blocks[0]}×{blocks[1]} blocks."
        )
    rows, columns = (
        np.arange(length) * number // length for length, number in zip(shape, blocks, strict=True)
    )
    return rows, columns


def block_histograms(
    codes: np.ndarray, counted: np.ndarray, n_codes: int, blocks: tuple[int, int]
) -> np.ndarray:
    """Count codes in each block, as fractions of the block's counted pixels.

    Parameters
    ----------
    codes : ndarray of int, shape (H, W)
        A number from 0 to ``n_codes - 1`` for each counted pixel.
    counted : ndarray of bool, shape (H, W)
        Which pixels count.
    n_codes : int
        Number of bins.
    blocks : (int, int)
        Number of blocks along rows and columns.

    Returns
    -------
    ndarray of shape (n_blocks * n_codes,)
        Block after block; each sums to 1, or is all 0 where no pixel of the block counts.
    """
    rows, columns = blocks_along(codes.shape, blocks)
    counts = np.zeros((*blocks, n_codes), dtype=np.int64)
    count_codes(codes, counted, rows, columns, counts)
    return shares(counts)


def shares(counts: np.ndarray) -> np.ndarray:
    """Return counts of shape (rows, columns, n_codes) as fractions of each block, flat; 0 in empty ones."""
    return (counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)).ravel()


@njit(cache=True, nogil=True)
def count_codes(codes, counted, rows, columns, counts):
    """Count the codes of pixels that count, each in its block."""
    for y in range(rows.size):
        of_blocks = counts[rows[y]]
        for x in range(columns.size):
            if counted[y, x]:
                of_blocks[columns[x], codes[y, x]] += 1
