"""Separable wavelets: settings and names; the transforms are in files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pywt

from feature_extractors._filters import decimated_wavelet, stationary_wavelet
from feature_extractors._filters.convolution import BORDERS
from feature_extractors._filters.filter import Filter
from feature_extractors._filters.settings import not_a_flag, not_one_of, not_whole, unknown

__all__ = ["Wavelet"]


@dataclass(frozen=True, kw_only=True)
class Wavelet(Filter):
    """Sub-bands of a separable wavelet transform, stationary or decimated.

    A sub-band is named by a letter for each axis, columns first (x, y, z), L for the low-pass and H for the
    high-pass filter along it: ``wavelet_lh`` of an image is L along its rows and H down its columns. Level 2
    takes the approximation (LL or LLL) of level 1 apart in the same way, ``wavelet2_lh``, and so on; the
    approximation itself is given of the last level only.

    Parameters
    ----------
    name : str, default="coif1"
        Any discrete wavelet of PyWavelets; filters as tabulated there (low-pass coefficients add up to √2).
    level : int, default=1
        Levels of decomposition.
    kind : {"stationary", "decimated"}, default="stationary"
        ``stationary`` sub-bands have the size of the image. ``decimated`` ones
        (:func:`pywt.wavedecn`) have half of it, and half again with each level; the distance of their pixels
        doubles.
    standard : {"pyradiomics", "ibsi"}, default="pyradiomics"
        Of the stationary transform. ``pyradiomics`` 3.0.1 uses the same filters at all levels, appends to
        axes of odd length their first pixel, and goes on periodically. ``ibsi`` (IBSI 2 [1]_) puts
        2**(level - 1) - 1 zeros between the coefficients of a filter (à trous [2]_). At level 1 they differ
        in the border only.
    border : {"mirror", "nearest", "periodic", "zero"}, optional
        What lies beyond the border. By default ``periodic`` for the stationary transform of pyradiomics, else
        ``mirror`` (half-sample symmetric).
    rotation_invariant : bool, default=False
        Average, for the stationary transform, over the right-angle rotations of the image: 4 of a slice, 24
        of a volume. Of a volume LLH, LHL and HLL are then the same, and only the first is given; so with LHH.
    bands : sequence of str, optional
        The sub-bands wanted, as ``["HHL"]``; all by default, or else in this order.
    by_slice : bool, default=False
        Transform each slice of a volume on its own; sub-bands then have two letters.

    Raises
    ------
    ValueError
        For the decimated transform, if an image is too small for the levels, or no coefficient lies in the
        region of interest; if the letters of `bands` do not fit the axes of the image.

    Notes
    -----
    A filter h of even length n is applied as ``y[i] = sum(h[j] * x[i + (n / 2 - j) * step])``, the phase of
    :func:`pywt.swtn` and of the reference maps of IBSI 2. These were made with border ``zero`` (db2),
    ``periodic`` (coif1) and ``mirror`` (Haar).

    A mask is carried along unchanged by stationary sub-bands. A coefficient of a decimated one counts if the
    pixel at the centre of the support of its filters (the nearest pixel, where that lies beyond the border)
    is in the region of interest.

    References
    ----------
    .. [1] Whybra et al. (2024), The Image Biomarker Standardization Initiative: standardized convolutional
       filters for reproducible radiomics, Radiology 310(2), doi:10.1148/radiol.231319; manual:
       arXiv:2006.05470
    .. [2] Shensa (1992), The discrete wavelet transform: wedding the à trous and Mallat algorithms, IEEE
       Trans. Signal Processing 40(10), doi:10.1109/78.157290

    Examples
    --------
    Haar, half of the sum or difference of 2 × 2 pixels, of which the result belongs to the first:

    >>> import numpy as np
    >>> image = np.array([[1.0, 1.0, 5.0, 5.0], [1.0, 1.0, 5.0, 5.0]])
    >>> for prefix, filtered in Wavelet(name="haar").apply(image):
    ...     print(prefix, filtered[0].round(9) + 0.0)
    wavelet_lh [0. 0. 0. 0.]
    wavelet_hl [ 0. -4.  0.  4.]
    wavelet_hh [0. 0. 0. 0.]
    wavelet_ll [ 2.  6. 10.  6.]
    """

    name: str = "coif1"
    level: int = 1
    kind: str = "stationary"
    standard: str = "pyradiomics"
    border: str | None = None
    rotation_invariant: bool = False
    bands: tuple[str, ...] | None = None
    by_slice: bool = False

    def _problems(self):
        yield from _unknown_wavelet(self.name)
        yield from not_whole(1, 10, level=self.level)
        yield from not_one_of(("stationary", "decimated"), kind=self.kind)
        yield from not_one_of(("pyradiomics", "ibsi"), standard=self.standard)
        yield from not_one_of((None, *BORDERS), border=self.border)
        yield from not_a_flag(rotation_invariant=self.rotation_invariant, by_slice=self.by_slice)
        yield from self._odd_bands()
        if self.kind == "decimated" and (self.rotation_invariant or self.standard == "ibsi"):
            yield "standard 'ibsi' and rotation_invariant go with kind 'stationary' only."

    def _odd_bands(self):
        if self.bands is None:
            return
        names = self.bands if isinstance(self.bands, list | tuple) else []
        if not names or len(set(map(str, names))) < len(names):
            yield f"bands must be a list of sub-bands, none twice. Got {self.bands!r}."
            return
        known = ["".join(letters) for n in (2, 3) for letters in product("LH", repeat=n)]
        yield from (unknown("sub-band", band, known) for band in self.bands if band not in known)

    def prefixes(self, dimensions):
        """Return one prefix for each sub-band."""
        return [
            f"wavelet{level if level > 1 else ''}_{band.lower()}" for level, band in self._bands(dimensions)
        ]

    def _bands(self, dimensions):
        """List level and letters of each sub-band wanted, details first."""
        letters = 2 if self.by_slice else dimensions
        names = ["".join(band) for band in product("LH", repeat=letters)]
        approximation, *details = names
        if self.rotation_invariant and letters == 3:
            details = ["LLH", "LHH", "HHH"]
        if self.bands is not None:
            misfits = [band for band in self.bands if band not in names]
            if misfits:
                raise ValueError(
                    f"Sub-band {misfits[0]!r} does not fit the {letters} axes that are transformed."
                )
            details = [band for band in self.bands if band != approximation]
        bands = [(level, band) for level in range(1, self.level + 1) for band in details]
        if self.bands is None or approximation in self.bands:
            bands.append((self.level, approximation))
        return bands

    def _filtered(self, values, spacing):
        axes = self._axes(values.ndim)
        bands = self._bands(values.ndim)
        wavelet = pywt.Wavelet(self.name)
        if self.kind == "decimated":
            return decimated_wavelet.transform(values, axes, bands, wavelet, self.border or "mirror")
        along = stationary_wavelet.Line(wavelet, self.standard, self._stationary_border)
        if self.rotation_invariant:
            return stationary_wavelet.rotation_invariant(values, axes, bands, along)
        return stationary_wavelet.transform(values, axes, bands, along)

    def _masks(self, mask):
        if self.kind == "stationary":
            yield from super()._masks(mask)
            return
        axes = self._axes(mask.ndim)
        for level, band in self._bands(mask.ndim):
            reduced = decimated_wavelet.reduced_mask(mask, axes, level, pywt.Wavelet(self.name))
            if reduced.all():
                raise ValueError(
                    f"No coefficient of sub-band {band} of level {level} lies in the region of interest, of "
                    f"{(~mask).sum()} pixels."
                )
            yield reduced

    def _axes(self, dimensions):
        """Return the axes that are transformed, x first."""
        return tuple(range(dimensions))[::-1][: 2 if self.by_slice else None]

    @property
    def _stationary_border(self):
        return self.border or ("periodic" if self.standard == "pyradiomics" else "mirror")


def _unknown_wavelet(name):
    known = pywt.wavelist(kind="discrete")
    if name not in known:
        yield unknown("discrete wavelet", name, known, families=pywt.families())
