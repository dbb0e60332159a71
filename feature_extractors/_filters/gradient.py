"""Magnitude of the gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feature_extractors._filters.filter import Filter
from feature_extractors._filters.settings import not_a_flag, not_one_of

__all__ = ["Gradient"]


@dataclass(frozen=True, kw_only=True)
class Gradient(Filter):
    r"""Magnitude of the gradient, in gray levels per mm, by central differences.

    .. math:: \sqrt{\sum_a \left(\frac{x_{i_a + 1} - x_{i_a - 1}}{2 s_a}\right)^2}

    over the axes a with their spacings s; beyond the border pixels go on with the values there.

    Parameters
    ----------
    use_spacing : bool, default=True
        If false, distances are in pixels: all spacings are 1.
    by_slice : bool, default=False
        Leave differences between slices of a volume out.
    precision : {"single", "double"}, default="single"
        dtype of the result, computed in double either way: float32 is what SimpleITK gives pyradiomics, to
        the last digit, so that pixels fall into the same bins.

    Examples
    --------
    >>> dict(Gradient().apply(np.array([[0.0, 3.0, 8.0], [0.0, 3.0, 8.0]])))
    {'gradient': array([[1.5, 4. , 2.5],
                        [1.5, 4. , 2.5]], dtype=float32)}
    """

    use_spacing: bool = True
    by_slice: bool = False
    precision: str = "single"

    def _problems(self):
        yield from not_a_flag(use_spacing=self.use_spacing, by_slice=self.by_slice)
        yield from not_one_of(("single", "double"), precision=self.precision)

    def prefixes(self, dimensions):
        """Return ``gradient``."""
        return ["gradient"]

    def _filtered(self, values, spacing):
        axes = range(1 if self.by_slice and values.ndim == 3 else 0, values.ndim)
        squares = np.zeros_like(values)
        for axis in reversed(axes):  # the order of SimpleITK, whose first axis is the last here
            squares += _differences(values, axis, spacing[axis] if self.use_spacing else 1.0) ** 2
        yield np.sqrt(squares, out=squares).astype(self.precision)


def _differences(values, axis, spacing):
    """Half the difference of the pixels after and before, per mm.

    Pixels are scaled before they are subtracted, as in SimpleITK, for the same rounding errors in flat parts.
    """
    lines = np.moveaxis(values, axis, 0) * (0.5 / spacing)
    differences = np.empty_like(values)
    along = np.moveaxis(differences, axis, 0)
    np.subtract(lines[2:], lines[:-2], out=along[1:-1])
    along[0] = lines[min(1, len(lines) - 1)] - lines[0]
    along[-1] = lines[-1] - lines[max(0, len(lines) - 2)]
    return differences
