"""Stationary (undecimated) wavelet transform: sub-bands of the size of the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np
import pywt

from feature_extractors._filters.convolution import convolve

__all__ = ["Line", "rotation_invariant", "transform"]


@dataclass(frozen=True)
class Line:
    """What the transform does along one axis.

    Attributes
    ----------
    wavelet : pywt.Wavelet
    standard : {"pyradiomics", "ibsi"}
    border : {"mirror", "nearest", "periodic", "zero"}
    """

    wavelet: pywt.Wavelet
    standard: str
    border: str

    def even(self, values, axes):
        """Append its first pixel to an axis of odd length, as pyradiomics does for PyWavelets."""
        if self.standard == "pyradiomics" and self.border == "periodic":
            for axis in axes:
                if values.shape[axis] % 2:
                    values = np.concatenate([values, values.take([0], axis)], axis)
        return values

    def one_level(self, level, values, axis, letters):
        """Apply the filters of a level to what the level before left: an image for each letter."""
        step = 2 ** (level - 1) if self.standard == "ibsi" else 1
        filters = {"L": self.wavelet.dec_lo, "H": self.wavelet.dec_hi}
        chosen = np.array([filters[letter] for letter in letters])
        centre = self.wavelet.dec_len // 2 * step
        results = convolve(values, axis, chosen, centre=centre, border=self.border, step=step)
        return dict(zip(letters, results, strict=True))

    def all_levels(self, level, values, axis, letters):
        """Apply the low-pass filters of all lower levels, then the filters of this one."""
        crop = tuple(slice(size) for size in values.shape)
        values = self.even(values, [axis])
        for lower in range(1, level):
            values = self.one_level(lower, values, axis, "L")["L"]
        return {s: image[crop] for s, image in self.one_level(level, values, axis, letters).items()}


def transform(values, axes, bands, line):
    """Yield sub-bands.

    Parameters
    ----------
    values : ndarray of float64
    axes : tuple of int
        The axes transformed, in the order of the letters.
    bands : list of (int, str)
        Level and letters of each sub-band.
    line : Line

    Yields
    ------
    ndarray of float64, shape of `values`
    """
    crop = tuple(slice(size) for size in values.shape)
    lowest, highest = "L" * len(axes), max(level for level, _ in bands)
    values = line.even(values, axes)
    for level in range(1, highest + 1):
        wanted = [band for at, band in bands if at == level]
        needed = [*wanted, lowest] if level < highest else wanted
        found = _products(values, axes, needed, partial(line.one_level, level))
        yield from (found[band][crop] for band in wanted)
        values = found.get(lowest)


def _products(values, axes, bands, along):
    """Apply to each axis the filters that the bands name, sharing what begins alike.

    Returns
    -------
    dict of str to ndarray
    """
    if not axes:
        return {"": values}
    letters = "".join(sorted({band[0] for band in bands}, reverse=True))
    found = {}
    for letter, filtered in along(values, axes[0], letters).items():
        rest = [band[1:] for band in bands if band[0] == letter]
        found |= {letter + name: part for name, part in _products(filtered, axes[1:], rest, along).items()}
    return found


def rotation_invariant(values, axes, bands, line):
    r"""Yield sub-bands that are averaged over the right-angle rotations of the image.

    Rotations permute the axes and turn some of them round. In three dimensions each order of the letters of a
    sub-band meets all eight combinations of directions, since two of its letters are alike; so the average is
    that over the orders, of filters that are averaged over both directions:

    .. math:: \frac{1}{n} \sum_{orders} S_1 S_2 S_3, \qquad S = (forward + backward) / 2

    In two dimensions orders and directions are tied. With A = (forward - backward) / 2, LH becomes
    :math:`(S_L S_H + A_L A_H + S_H S_L - A_H A_L) / 2`, the first factor being that of the first axis; LL and
    HH are :math:`S S`.

    Parameters
    ----------
    values, axes, bands, line
        As for `transform`.

    Yields
    ------
    ndarray of float64, shape of `values`
    """
    for level, band in bands:
        orders = ["".join(order) for order in sorted(set(permutations(band)))]
        symmetric = partial(_both_ways, line, level, 1)
        result = sum(_products(values, axes, orders, symmetric).values()) / len(orders)
        if len(axes) == 2 and len(orders) == 2:
            odd = _products(values, axes, orders, partial(_both_ways, line, level, -1))
            result += (odd[band] - odd[band[::-1]]) / 2
        yield result


def _both_ways(line, level, sign, values, axis, letters):
    """Half the sum (or difference) of filtering an axis from either end."""
    onward = line.all_levels(level, values, axis, letters)
    back = line.all_levels(level, np.flip(values, axis), axis, letters)
    return {letter: (onward[letter] + sign * np.flip(back[letter], axis)) / 2 for letter in letters}
