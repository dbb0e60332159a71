"""Sizes of pixels, as parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

__all__ = ["check_spacing"]


def check_spacing(
    spacing: Sequence[float] | None,
    dimensions: int | None = None,
    *,
    name: str = "spacing",
    zero: bool = False,
) -> None:
    """Raise a ValueError unless a parameter is None or holds a size in mm for each axis.

    Parameters
    ----------
    spacing : sequence of float or None
        The parameter.
    dimensions : int, optional
        Number of axes; by default, 2 or 3.
    name : str
        Of the parameter.
    zero : bool
        Whether 0 is a size, too.
    """
    if spacing is None:
        return
    sizes = list(spacing)
    known = all(isinstance(size, Real) and math.isfinite(size) for size in sizes)
    wanted = (2, 3) if dimensions is None else (dimensions,)
    if not known or len(sizes) not in wanted or not all(size > 0 or (zero and size == 0) for size in sizes):
        number = " or ".join(map(str, wanted))
        sign = "numbers from 0" if zero else "positive numbers"
        raise ValueError(f"The {name!r} parameter must be {number} {sign}, in mm. Got {spacing!r}.")
