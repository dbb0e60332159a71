"""Local Directional Pattern: which directions of an edge are strongest around each pixel."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from numbers import Integral
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from feature_extractors._base import FeatureExtractor
from feature_extractors._blocks import block_prefixes, blocks_along, rows_and_columns, shares
from feature_extractors._ldp_kernel import count_directional_patterns
from feature_extractors._region import region_of, with_neighbours_inside
from feature_extractors._whole_numbers import as_whole_numbers

__all__ = ["LDP"]

DIRECTIONS = ("e", "ne", "n", "nw", "w", "sw", "s", "se")  # counter-clockwise: m0 … m7 of the paper
OFFSETS = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))
SMALL = 2**24  # values of which weighted sums of neighbours fit 32 bits


class LDP(FeatureExtractor):
    r"""Histogram of local directional patterns: the k strongest of 8 Kirsch responses [1]_ [2]_.

    Around each pixel the eight neighbours :math:`g_0 … g_7` (east, then counter-clockwise) give the
    responses of the Kirsch masks, weight 5 on the three neighbours of a direction and −3 on the others:

    .. math:: m_i = 5 (g_{i-1} + g_i + g_{i+1}) - 3 \sum_{j \notin \{i-1, i, i+1\}} g_j

    The pattern of a pixel is the set of the k directions of largest :math:`|m_i|`. Exactly k are set: of
    equal ones the first in the order E, NE, N, NW, W, SW, S, SE is taken. Features are the fractions of
    pixels with each of the :math:`\binom{8}{k}` patterns, named after their directions: ``ldp_e_ne_n``;
    for several blocks ``ldp_block_0_1_e_ne_n`` (row 0, column 1).

    A pixel counts if its whole 3×3 neighbourhood lies inside the image and the region of interest, so
    nothing outside the region has any influence. A block without such a pixel has a histogram of zeros.
    Images with fractions are first rounded to a 16-bit scale over their range, so that rounding errors
    decide no comparison; whole numbers of any dtype are used as they are.

    Parameters
    ----------
    k : int, default=3
        Directions set in each pattern, 1 to 7. 3 gives 56 bins.
    blocks : int or (int, int), default=1
        Grid of blocks (rows, columns) with a histogram of its own each, one after the other.

    Raises
    ------
    ValueError
        When no pixel has its neighbourhood inside the region, or there are more blocks than pixels.

    References
    ----------
    .. [1] Jabid, Kabir, Chae (2010), Local Directional Pattern (LDP) for face recognition, ICCE,
       doi:10.1109/ICCE.2010.5418801
    .. [2] Jabid, Kabir, Chae (2010), Robust facial expression recognition based on local directional
       pattern, ETRI Journal 32(5), doi:10.4218/etrij.10.1510.0132

    Examples
    --------
    The example of the paper, pattern 00010011 (E, NE and W):

    >>> image = np.array([[85, 32, 26], [53, 50, 10], [60, 38, 45]])
    >>> ldp = LDP().fit([image])
    >>> ldp.get_feature_names_out()[ldp.transform([image])[0] > 0]
    array(['ldp_e_ne_w'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict] = {
        "k": [Interval(Integral, 1, 7, closed="both")],
        "blocks": [Interval(Integral, 1, None, closed="left"), list, tuple],
    }

    def __init__(self, k=3, blocks=1):
        self.k = k
        self.blocks = blocks

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        rows_and_columns("blocks", self.blocks)

    def _names(self, image):
        prefixes = block_prefixes(rows_and_columns("blocks", self.blocks))
        patterns = ["_".join(pattern) for pattern in combinations(DIRECTIONS, self.k)]
        return [f"ldp_{prefix}{pattern}" for prefix in prefixes for pattern in patterns]

    def _extract(self, image):
        counted = with_neighbours_inside(region_of(image), OFFSETS)
        if not counted.any():
            raise ValueError(
                f"LDP needs a pixel whose 3×3 neighbourhood is inside the region of interest; "
                f"an image of {image.shape[0]}×{image.shape[1]} pixels has none."
            )
        values = as_whole_numbers(image)
        narrow = np.int32 if np.abs(values).max() < SMALL else np.int64
        blocks = rows_and_columns("blocks", self.blocks)
        rows, columns = blocks_along(image.shape, blocks)
        bins = _bin_of_pattern(self.k)
        counts = np.zeros((*blocks, bins.max() + 1), dtype=np.int64)
        count_directional_patterns(values.astype(narrow), self.k, bins, counted, rows, columns, counts)
        return shares(counts)


@lru_cache
def _bin_of_pattern(k: int) -> np.ndarray:
    bins = np.zeros(256, dtype=np.int64)
    for position, directions in enumerate(combinations(range(8), k)):
        bins[sum(1 << direction for direction in directions)] = position
    return bins
