"""Local Binary Pattern: which points on a circle around each pixel are at least as bright."""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from feature_extractors._base import FeatureExtractor
from feature_extractors._blocks import block_histograms, block_prefixes, rows_and_columns
from feature_extractors._lbp_kernel import binary_patterns, circle, uniform_codes
from feature_extractors._region import region_of, with_neighbours_inside
from feature_extractors._whole_numbers import as_whole_numbers

__all__ = ["LBP"]

WIDEST = 1000  # pixels
TABLED = 16  # points up to which the numbers of all patterns are kept in a table
MOST_POINTS = {"default": 16, "ror": 16, "uniform": 24, "nri_uniform": 24}


class LBP(FeatureExtractor):
    """Histogram of local binary patterns, as scikit-image computes them [1]_ [2]_.

    P points on a circle of radius R around a pixel, the first to the right and on counter-clockwise, are
    interpolated bilinearly; a point at least as bright as the pixel is a 1. Features are the fractions of
    pixels with each pattern. With P = 8 and R = 1 they are, by method:

    - ``uniform``: ``lbp_radius1_uniform_0of8`` … ``_8of8``, patterns of at most two changes between 0 and 1
      around the circle, by their number of ones, whatever their rotation; ``lbp_radius1_nonuniform`` the
      rest. P + 2 features.
    - ``nri_uniform``: not invariant to rotation, ``lbp_radius1_uniform_3of8_from2``: three ones, the first
      at point 2. P(P − 1) + 3 features.
    - ``ror``: ``lbp_radius1_rotated_11100000``, all patterns, rotations being one. 36 features for P = 8.
    - ``default``: ``lbp_radius1_pattern_10000001``, all 2**P patterns, point 0 written first.

    A pixel counts if all pixels that its circle is interpolated from lie inside the image and the region
    of interest, so nothing outside the region has any influence (scikit-image takes 0 beyond the edges).
    A block without such a pixel has a histogram of zeros. Images with fractions are first rounded to a
    16-bit scale over their range, so that rounding errors decide no comparison; whole numbers of any dtype
    are used as they are.

    Parameters
    ----------
    n_points : int or list of int, default=8
        Points on the circle, P; one number for all radii, or one for each. 3 to 24, for ``default`` and
        ``ror`` to 16.
    radii : float or list of float, default=1
        Radius or radii R in pixels; the histograms of several are put one after the other.
    method : {"uniform", "nri_uniform", "ror", "default"}, default="uniform"
        Which patterns are told apart.
    blocks : int or (int, int), default=1
        Grid of blocks (rows, columns) with a histogram of its own each, one after the other.

    Raises
    ------
    ValueError
        When no pixel has its circle inside the region, or there are more blocks than pixels.

    References
    ----------
    .. [1] Ojala, Pietikäinen, Mäenpää (2002), Multiresolution gray-scale and rotation invariant texture
       classification with local binary patterns, IEEE TPAMI 24(7), doi:10.1109/TPAMI.2002.1017623
    .. [2] Ahonen, Hadid, Pietikäinen (2006), Face description with local binary patterns (blocks), IEEE
       TPAMI 28(12), doi:10.1109/TPAMI.2006.244

    Examples
    --------
    A bright pixel has no neighbour as bright, a point on a flat area has eight:

    >>> image = np.array([[1, 1, 1, 1], [1, 9, 1, 1], [1, 1, 1, 1]])
    >>> lbp = LBP().fit([image])
    >>> dict(zip(lbp.get_feature_names_out(), lbp.transform([image])[0].tolist()))
    {'lbp_radius1_uniform_0of8': 0.5, ... 'lbp_radius1_uniform_8of8': 0.5, 'lbp_radius1_nonuniform': 0.0}
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_points": [Interval(Integral, 3, 24, closed="both"), list, tuple],
        "radii": [Interval(Real, 0, WIDEST, closed="neither"), list, tuple],
        "method": [StrOptions({"uniform", "nri_uniform", "ror", "default"})],
        "blocks": [Interval(Integral, 1, None, closed="left"), list, tuple],
    }

    def __init__(self, n_points=8, radii=1, method="uniform", blocks=1):
        self.n_points = n_points
        self.radii = radii
        self.method = method
        self.blocks = blocks

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        rows_and_columns("blocks", self.blocks)
        _require(
            self.radii,
            "radii",
            lambda radius: isinstance(radius, Real) and 0 < radius < WIDEST,
            f"0 to {WIDEST}",
        )
        most = MOST_POINTS[self.method]
        _require(
            self.n_points,
            "n_points",
            lambda number: isinstance(number, Integral) and 3 <= number <= most,
            f"3 to {most} with method {self.method!r}",
        )
        radii = [f"{radius:g}" for radius in _as_list(self.radii)]
        if len(set(radii)) < len(radii):
            raise ValueError(
                f"The 'radii' parameter of LBP must not repeat a radius. Got {self.radii!r} instead."
            )
        if len(_as_list(self.n_points)) not in (1, len(radii)):
            raise ValueError(
                f"The 'n_points' parameter must be one number or one for each radius. "
                f"Got {self.n_points!r} with radii {self.radii!r} instead."
            )

    def _names(self, image):
        prefixes = block_prefixes(rows_and_columns("blocks", self.blocks))
        return [
            f"lbp_radius{radius:g}_{prefix}{pattern}"
            for n_points, radius in self._circles()
            for prefix in prefixes
            for pattern in _pattern_names(n_points, self.method)
        ]

    def _extract(self, image):
        values, region = as_whole_numbers(image).astype(np.float64), region_of(image)
        return np.concatenate([self._histogram(values, region, *circle) for circle in self._circles()])

    def _circles(self):
        radii, n_points = _as_list(self.radii), _as_list(self.n_points)
        return list(zip(n_points * (len(radii) // len(n_points)), radii, strict=True))

    def _histogram(self, values, region, n_points, radius):
        counted = with_neighbours_inside(region, _interpolated_from(n_points, radius))
        if not counted.any():
            raise ValueError(
                f"LBP needs a pixel whose circle of radius {radius:g} is inside the region of interest; "
                f"an image of {region.shape[0]}×{region.shape[1]} pixels has none."
            )
        patterns, _ = binary_patterns(values, n_points, radius)
        codes = _codes(patterns, n_points, self.method)
        n_codes = len(_pattern_names(n_points, self.method))
        return block_histograms(codes, counted, n_codes, rows_and_columns("blocks", self.blocks))


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _require(value, name, is_right, wanted):
    numbers = _as_list(value)
    if not numbers or not all(is_right(number) and not isinstance(number, bool) for number in numbers):
        raise ValueError(
            f"The {name!r} parameter must be a number or a list of numbers, {wanted}. Got {value!r} instead."
        )


def _interpolated_from(n_points, radius):
    """Return the offsets of all pixels that the points of a circle are interpolated from."""
    points = np.column_stack(circle(n_points, radius))
    low, high = np.floor(points).astype(int), np.ceil(points).astype(int)
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return {(row, column) for (r0, c0), (r1, c1) in pairs for row in (r0, r1) for column in (c0, c1)}


def _codes(patterns, n_points, method):
    """Return the number of each pattern, in scikit-image's order."""
    if method == "default":
        return patterns.astype(np.int64)
    if n_points > TABLED:
        return _uniform(patterns, n_points, method)
    return _table_of_codes(n_points, method)[patterns]


@lru_cache
def _table_of_codes(n_points, method):
    patterns = np.arange(2**n_points, dtype=np.uint32)
    if method != "ror":
        return _uniform(patterns, n_points, method)
    rotations = [
        (patterns >> shift) | (patterns << (n_points - shift)) & (2**n_points - 1)
        for shift in range(n_points)
    ]
    return np.searchsorted(_least_rotations(n_points), np.min(rotations, axis=0))


def _uniform(patterns, n_points, method):
    codes = np.empty(patterns.size, dtype=np.int32)
    uniform_codes(patterns.ravel(), n_points, method == "nri_uniform", codes)
    return codes.reshape(patterns.shape).astype(np.int64)


@lru_cache
def _pattern_names(n_points, method):
    """Return the names of the patterns in the order of scikit-image's codes."""
    if method == "uniform":
        return (*(f"uniform_{ones}of{n_points}" for ones in range(n_points + 1)), "nonuniform")
    if method == "nri_uniform":
        return _rotation_variant_names(n_points)
    if method == "ror":
        return tuple(f"rotated_{_bits(code, n_points)}" for code in _least_rotations(n_points))
    return tuple(f"pattern_{_bits(code, n_points)}" for code in range(2**n_points))


def _rotation_variant_names(n_points):
    """Name scikit-image's codes: by number of ones, then by how far the run was turned right."""
    runs = [
        f"uniform_{ones}of{n_points}_from{-turned % n_points}"
        for ones in range(1, n_points)
        for turned in range(n_points)
    ]
    return (f"uniform_0of{n_points}", *runs, f"uniform_{n_points}of{n_points}", "nonuniform")


def _bits(code, n_points):
    return f"{code:0{n_points}b}"[::-1]


@lru_cache
def _least_rotations(n_points):
    """Return, sorted, the least code among the rotations of each pattern."""
    codes = np.arange(2**n_points)
    rotations = [
        (codes >> shift) | (codes << (n_points - shift)) & (2**n_points - 1) for shift in range(n_points)
    ]
    return np.unique(np.min(rotations, axis=0))
