"""Discrete wavelet transform: statistics of each sub-band."""

from __future__ import annotations

import difflib
from numbers import Integral
from typing import ClassVar

import numpy as np
import pywt
from scipy.ndimage import distance_transform_edt
from sklearn.utils._param_validation import Interval

from feature_extractors._base import FeatureExtractor
from feature_extractors._dwt_kernel import split
from feature_extractors._region import region_of, values_of

__all__ = ["DWT"]

ORIENTATIONS = ("horizontal", "vertical", "diagonal")  # order of pywt.wavedec2
STATISTICS = ("mean", "standard_deviation", "energy", "entropy")
ROUND_OFF = 1e-10  # filter taps are tabulated to about 12 digits


class DWT(FeatureExtractor):
    r"""Mean, standard deviation, energy and entropy of the sub-bands of a 2-D wavelet transform [1]_.

    The transform (that of :func:`pywt.wavedec2`, extension half-sample symmetric) gives, at each level,
    horizontal, vertical and diagonal details (pywt's names: horizontal details respond to horizontal edges),
    and at the last level an approximation. For the n coefficients c of a sub-band:

    .. math::

        \text{mean} &= \frac{1}{n} \sum c, \qquad
        \text{standard deviation} = \sqrt{\frac{1}{n} \sum (c - \text{mean})^2}, \qquad
        \text{energy} = \frac{1}{n} \sum c^2, \\
        \text{entropy} &= -\frac{1}{\log n} \sum p \log p, \quad p = c^2 / \textstyle\sum c^2

    Energy is per coefficient, and entropy (Shannon's, of how the energy is spread over the sub-band [2]_
    [3]_) relative to its maximum log n, so that neither grows with the size of an image. Entropy is between
    0 (all energy in one coefficient) and 1 (evenly spread), and 0 for a sub-band without energy.

    Coefficients below 1e-10 of the largest possible are rounding errors and set to 0.

    Outside a region of interest each pixel takes the value of the nearest pixel inside, as the border of an
    image is extended; a coefficient counts if the centre of its filters' support lies in the region. So
    nothing outside the region has any influence.

    Features are named ``dwt_level1_horizontal_energy`` … ``dwt_level3_approximation_mean``.

    Parameters
    ----------
    wavelet : str, default="db2"
        Any discrete wavelet of PyWavelets: ``pywt.wavelist(kind="discrete")``.
    levels : int, default=3
        Levels of decomposition. There are 4 · (3 · levels + 1) features.

    Raises
    ------
    ValueError
        When an image or region is too small for the levels: the shorter side must be at least
        (length of the filter − 1) · 2**levels pixels, 24 with the defaults.

    References
    ----------
    .. [1] Mallat (1989), A theory for multiresolution signal decomposition, IEEE TPAMI 11(7),
       doi:10.1109/34.192463
    .. [2] Laine, Fan (1993), Texture classification by wavelet packet signatures, IEEE TPAMI 15(11),
       doi:10.1109/34.244679
    .. [3] Coifman, Wickerhauser (1992), Entropy-based algorithms for best basis selection, IEEE Trans.
       Information Theory 38(2), doi:10.1109/18.119732

    Examples
    --------
    The Haar approximation of 2×2 pixels is twice their mean; a vertical edge between columns 1 and 2
    lies on no boundary of two coefficients, so there are no details:

    >>> image = np.array([[0, 0, 4, 4], [0, 0, 4, 4]])
    >>> dwt = DWT(wavelet="haar", levels=1).fit([image])
    >>> dict(zip(dwt.get_feature_names_out(), dwt.transform([image])[0].round(9).tolist()))
    {'dwt_level1_horizontal_mean': 0.0, ... 'dwt_level1_approximation_mean': 4.0,
     'dwt_level1_approximation_standard_deviation': 4.0, 'dwt_level1_approximation_energy': 32.0,
     'dwt_level1_approximation_entropy': 0.0}
    """

    VERSION = 2

    _parameter_constraints: ClassVar[dict] = {
        "wavelet": [str],
        "levels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, wavelet="db2", levels=3):
        self.wavelet = wavelet
        self.levels = levels

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        super().check_parameters()
        known = pywt.wavelist(kind="discrete")
        if self.wavelet not in known:
            near = difflib.get_close_matches(self.wavelet, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"The 'wavelet' parameter of DWT must be a discrete wavelet of PyWavelets. "
                f"Got {self.wavelet!r} instead.{hint} Families: {', '.join(pywt.families())}."
            )

    def _names(self, image):
        details = [f"level{level}_{name}" for level in range(1, self.levels + 1) for name in ORIENTATIONS]
        bands = [*details, f"level{self.levels}_approximation"]
        return [f"dwt_{band}_{statistic}" for band in bands for statistic in STATISTICS]

    def _extract(self, image):
        wavelet = pywt.Wavelet(self.wavelet)
        self._require_size(image, wavelet)
        region, values = region_of(image), _extended(image)
        low, high = np.array(wavelet.dec_lo), np.array(wavelet.dec_hi)
        peak = np.abs(values).max()
        bands, approximation = [], values
        for level in range(1, self.levels + 1):
            approximation, details = split(approximation, low, high)
            bands += [(level, band) for band in details]
        bands.append((self.levels, approximation))
        return np.concatenate(
            [
                _statistics(self._counted(band, region, level, wavelet), peak * 2**level)
                for level, band in bands
            ]
        )

    def _require_size(self, image, wavelet):
        if self.levels > pywt.dwt_max_level(min(image.shape), wavelet):
            raise ValueError(
                f"An image of {image.shape[0]}×{image.shape[1]} pixels is too small for {self.levels} levels "
                f"of {self.wavelet}: {(wavelet.dec_len - 1) * 2**self.levels} pixels a side are needed."
            )

    def _counted(self, band, region, level, wavelet):
        if region.all():
            return band.ravel()
        rows, columns = (
            _centres(number, length, level, wavelet.dec_len)
            for number, length in zip(band.shape, region.shape, strict=True)
        )
        inside = region[np.ix_(rows, columns)]
        if not inside.any():
            raise ValueError(
                f"The region of interest is too small for {self.levels} levels of {self.wavelet}."
            )
        return band[inside]


def _extended(image):
    """Return the values, outside the region those of the nearest pixel inside."""
    values, region = values_of(image), region_of(image)
    if region.all():
        return values
    nearest = distance_transform_edt(~region, return_distances=False, return_indices=True)
    return values[tuple(nearest)]


def _centres(number, length, level, filter_length):
    """Return the pixel at the centre of the support of each coefficient along an axis.

    Coefficient k of a level is made of the samples 2k + 1 − (filter_length − 1) to 2k + 1 of the one before.
    """
    centres = np.arange(number, dtype=np.float64)
    for _ in range(level):
        centres = 2 * centres + 1 - (filter_length - 1) / 2
    return np.clip(np.floor(centres), 0, length - 1).astype(int)


def _statistics(coefficients, largest):
    coefficients = np.where(np.abs(coefficients) <= ROUND_OFF * largest, 0.0, coefficients)
    squares = coefficients**2
    return coefficients.mean(), coefficients.std(), squares.mean(), _relative_entropy(squares)


def _relative_entropy(squares):
    """Shannon entropy of the distribution of energy over coefficients, relative to an even one."""
    present = squares[squares > 0]
    if len(present) < 2:
        return 0.0
    shares = present / present.sum()
    return -(shares * np.log(shares)).sum() / np.log(len(squares))
