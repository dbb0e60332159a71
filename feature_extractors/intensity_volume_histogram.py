"""Intensity-volume histogram: how much of a region is as bright as that."""

from __future__ import annotations

from feature_extractors._texture import TextureExtractor

__all__ = ["IntensityVolumeHistogram"]


class IntensityVolumeHistogram(TextureExtractor):
    """What share of the region reaches an intensity, and which intensity a share reaches, 6 features [1]_.

    Parameters
    ----------
    levels : int or None, default=1000
        Number of steps between the minimum and maximum of the region; intensities are then 1 to `levels`
        (IBSI, for arbitrary units). None, without `bin_width`: the values are whole numbers, negative ones,
        too, and steps are of 1 (IBSI, for CT numbers).
    bin_width : float, optional
        Width of a step in units of the pixel values; intensities are then the centres of steps (IBSI, for
        PET). If given, it replaces `levels`.

    Attributes
    ----------
    feature_names_out_ : ndarray of object
        ``intensity_volume_histogram_`` and the names below.

    Notes
    -----
    ``v(i)`` is the share of the pixels of the region whose intensity is i or more, after discretisation by
    the rules of IBSI: steps of a width begin at the minimum. Intensities i go from that of the first step,
    a, to that of the last, b, of which the share of the way is ``f(i) = (i - a) / (b - a)``:

    ===============================  ====  =======================================================
    intensity_at_volume_fraction_10  GBPN  I10, the least i with v(i) ≤ 0.1
    intensity_at_volume_fraction_90  GBPN  I90, the least i with v(i) ≤ 0.9
    intensity_difference             CNV2  I10 - I90
    volume_at_intensity_fraction_10  BC2M  V10, the largest v(i) with f(i) ≥ 0.1; 1 where b is a
    volume_at_intensity_fraction_90  BC2M  V90, the largest v(i) with f(i) ≥ 0.9; 1 where b is a
    volume_difference                DDTU  V10 - V90
    ===============================  ====  =======================================================

    The second column has the reference codes of IBSI. Where even the greatest intensity is that of a larger
    share of the pixels, I10 or I90 is one step above it: there v is 0. A flat region lies in step ``levels
    // 2 + 1``. The area under the curve (9CMM) is left out: IBSI found no consensus.

    In `Radiomics` with a `resegment_range`, steps of a width and those of 1 begin and end at its bounds.

    References
    ----------
    .. [1] Zwanenburg et al. (2020), The Image Biomarker Standardization Initiative, section 3.5 of the
       reference manual, doi:10.1148/radiol.2020191145.

    Examples
    --------
    Intensities from -1 to 9, of which the tenth part, 0, is reached by three pixels of four:

    >>> import numpy as np
    >>> image = np.array([[-1, 3], [4, 9]])
    >>> histogram = IntensityVolumeHistogram(levels=None).fit([image])
    >>> features = dict(zip(histogram.get_feature_names_out(), histogram.transform([image])[0].tolist()))
    >>> features["intensity_volume_histogram_volume_at_intensity_fraction_10"]
    0.75
    >>> features["intensity_volume_histogram_intensity_at_volume_fraction_90"]
    0.0
    """

    FAMILY = "intensity_volume_histogram"

    def __init__(self, levels=1000, bin_width=None):
        self.levels = levels
        self.bin_width = bin_width

    def _steps_of_volume_histogram(self):
        return self.levels, self.bin_width
