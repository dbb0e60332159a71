"""Whole numbers for operators that compare gray values, where rounding errors would decide ties."""

from __future__ import annotations

import numpy as np

from feature_extractors._region import region_of, values_of

__all__ = ["as_whole_numbers"]

LARGEST = 2**40  # sums of weighted neighbours remain exact in 64-bit integers
LEVELS = 2**16


def as_whole_numbers(image):
    """Return gray values as integers: as they are if all are whole numbers, else on a 16-bit scale.

    Images that hold fractions (or values of 2**40 and more) are mapped linearly, minimum → 0 and
    maximum → 65,535 over the region of interest, and rounded: what saving them as a 16-bit picture does.
    Differences below 1/65,535 of the range, rounding errors among them, become ties.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)

    Returns
    -------
    ndarray of int64, shape (H, W)
        0 outside the region of interest.

    Examples
    --------
    >>> as_whole_numbers(np.array([[0.25, 0.5, 0.75]]))
    array([[    0, 32768, 65535]])
    >>> as_whole_numbers(np.array([[-1.0, 7.0]]))
    array([[-1,  7]])
    """
    values, region = values_of(image), region_of(image)
    if np.abs(values).max() >= LARGEST or (values != np.rint(values)).any():
        low, high = values[region].min(), values[region].max()
        values = (values - low) * ((LEVELS - 1) / (high - low) if high > low else 0.0)
    return np.where(region, np.rint(values), 0).astype(np.int64)
