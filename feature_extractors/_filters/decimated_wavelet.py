"""Decimated wavelet transform: sub-bands of half the size of the image, and half again at each level."""

from __future__ import annotations

import numpy as np
import pywt

__all__ = ["reduced_mask", "transform"]

MODES = {"mirror": "symmetric", "nearest": "constant", "periodic": "periodic", "zero": "zero"}


def transform(values, axes, bands, wavelet, border):
    """Yield sub-bands, as :func:`pywt.wavedecn` computes them.

    Parameters
    ----------
    values : ndarray of float64
    axes : tuple of int
        The axes transformed, in the order of the letters.
    bands : list of (int, str)
        Level and letters of each sub-band.
    wavelet : pywt.Wavelet
    border : {"mirror", "nearest", "periodic", "zero"}

    Yields
    ------
    ndarray of float64
    """
    levels = max(level for level, _ in bands)
    shortest = min(values.shape[axis] for axis in axes)
    if levels > pywt.dwt_max_level(shortest, wavelet):
        raise ValueError(
            f"An image of shape {values.shape} is too small for {levels} levels of {wavelet.name} with "
            f"decimation: {(wavelet.dec_len - 1) * 2**levels} pixels along an axis are needed."
        )
    approximation, *details = pywt.wavedecn(values, wavelet, MODES[border], levels, axes)
    for level, band in bands:
        key = band.translate(str.maketrans("LH", "ad"))
        yield approximation if "d" not in key else details[-level][key]


def reduced_mask(mask, axes, level, wavelet):
    """Return the mask of a sub-band: a coefficient counts if the centre of its support does.

    Parameters
    ----------
    mask : ndarray of bool
        True outside the region of interest.
    axes : tuple of int
    level : int
    wavelet : pywt.Wavelet

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> mask = np.array([[True, False, False, True]])
    >>> reduced_mask(mask, (1,), 1, pywt.Wavelet("haar"))
    array([[ True, False]])
    """
    for axis in axes:
        mask = mask.take(_centres(mask.shape[axis], level, wavelet.dec_len), axis)
    return mask


def _centres(length, level, filter_length):
    """Return the pixel at the centre of the support of each coefficient along an axis.

    Coefficient k of a level is made of the samples 2k + 1 - (filter_length - 1) to 2k + 1 of the one before.
    """
    number = length
    for _ in range(level):
        number = (number + filter_length - 1) // 2
    centres = np.arange(number, dtype=np.float64)
    for _ in range(level):
        centres = 2 * centres + 1 - (filter_length - 1) / 2
    return np.clip(np.floor(centres), 0, length - 1).astype(int)
