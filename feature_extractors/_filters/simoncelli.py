"""Simoncelli's non-separable wavelet, by Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from feature_extractors._filters.filter import Filter
from feature_extractors._filters.settings import not_a_flag, not_whole

__all__ = ["Simoncelli"]


@dataclass(frozen=True, kw_only=True)
class Simoncelli(Filter):
    r"""Band-pass images (B maps) of Simoncelli's isotropic wavelet [1]_, as IBSI 2 defines them [2]_.

    The Fourier transform of the image is multiplied by

    .. math::

        \cos\left(\frac{π}{2} \log_2 (2^j ν)\right) \text{ for } 2^{-j - 1} ≤ ν ≤ 2^{1 - j}, \text{ else } 0

    for level j, with ν the length of the vector of frequencies, each relative to the highest (Nyquist's).
    The image goes on periodically. Since frequencies are per pixel, the filter is isotropic in pixels.

    Parameters
    ----------
    level : int, default=1
        Levels: the images of levels 1 to this one are given, ``simoncelli_level_1`` and so on.
    by_slice : bool, default=False
        Filter each slice of a volume on its own.

    Notes
    -----
    As in the reference maps of IBSI 2, the n frequencies of an axis lie evenly between -1 and 1 inclusive
    (at spacings of 2 / (n - 1), not 2 / n as in a Fourier transform), the one in place n / 2 being taken for
    0. With n even the filter is then not quite symmetric; the real part of the result is given.

    References
    ----------
    .. [1] Simoncelli, Freeman (1995), The steerable pyramid: a flexible architecture for multi-scale
       derivative computation, ICIP, doi:10.1109/ICIP.1995.537667
    .. [2] Whybra et al. (2024), The Image Biomarker Standardization Initiative: standardized convolutional
       filters for reproducible radiomics, Radiology 310(2), doi:10.1148/radiol.231319; manual:
       arXiv:2006.05470

    Examples
    --------
    Stripes of 3 pixels on an axis of 9 have the third of its four frequencies, ν = 3 / 4:

    >>> stripes = np.tile([0.0, 2.0, 1.0], (9, 3))
    >>> [(prefix, filtered)] = Simoncelli().apply(stripes)
    >>> filtered[0, :3].round(3)
    array([-0.607,  0.607,  0.   ])
    """

    level: int = 1
    by_slice: bool = False

    def _problems(self):
        yield from not_whole(1, 10, level=self.level)
        yield from not_a_flag(by_slice=self.by_slice)

    def prefixes(self, dimensions):
        """Return one prefix for each level."""
        return [f"simoncelli_level_{level}" for level in range(1, self.level + 1)]

    def _filtered(self, values, spacing):
        axes = tuple(range(1 if self.by_slice and values.ndim == 3 else 0, values.ndim))
        sizes = [values.shape[axis] for axis in axes]
        spectrum = scipy.fft.rfftn(values, axes=axes)
        lengths = _frequencies(sizes, mirrored=False), _frequencies(sizes, mirrored=True)
        for level in range(1, self.level + 1):
            # The real part is what the mean of the filter at a frequency and its opposite gives.
            filter_ = sum(_band_pass(length * 2 ** (level - 1)) for length in lengths) / 2
            yield scipy.fft.irfftn(spectrum * filter_, s=sizes, axes=axes)


def _frequencies(sizes, *, mirrored):
    """Lengths of the vectors of frequencies, or of the opposite ones, of a real Fourier transform."""
    squares = np.zeros(())
    for axis, size in enumerate(sizes):
        line = np.fft.ifftshift(np.linspace(-1, 1, size)) if size > 1 else np.zeros(1)
        if mirrored:
            line = line[-np.arange(size)]
        if axis == len(sizes) - 1:
            line = line[: size // 2 + 1]
        squares = np.add.outer(squares, line**2)
    return np.sqrt(squares)


def _band_pass(frequencies):
    inside = (frequencies >= 0.25) & (frequencies <= 1)
    result = np.zeros_like(frequencies)
    result[inside] = np.cos(np.pi / 2 * np.log2(2 * frequencies[inside]))
    return result
