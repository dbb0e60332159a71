"""What is done to an image and its region of interest before texture: range, outliers, scale, grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import affine_transform

__all__ = ["normalized", "resampled", "resegmented", "without_outliers"]

JUST_BELOW_HALF = 0.5 - 1e-6  # an interpolated half is not always 0.5 to the last bit
SAME_GRID = 1e-6  # voxels


def resegmented(image: np.ndarray, low: float | None = None, high: float | None = None) -> np.ma.MaskedArray:
    """Leave out of the region the pixels whose values lie outside a range.

    Parameters
    ----------
    image : ndarray or MaskedArray of any shape
        Pixels masked in a MaskedArray lie outside the region.
    low, high : float, optional
        The least and the greatest value that stay; None: no limit. pyradiomics' ``resegmentMode:
        relative`` is this with shares of the maximum of the region.

    Returns
    -------
    MaskedArray
        The same values under a new mask. NaN lies outside any range.

    Raises
    ------
    ValueError
        If nothing of the region remains.

    References
    ----------
    .. [1] IBSI 1 reference manual, section 2.5, range re-segmentation, doi:10.1148/radiol.2020191145
    .. [2] pyradiomics 3.0.1, ``imageoperations.resegmentMask``, which takes the same closed range

    Examples
    --------
    >>> resegmented(np.array([-800, -500, 30, 400, 401]), -500, 400)
    masked_array(data=[--, -500, 30, 400, --],
                 mask=[ True, False, False, False,  True],
           fill_value=999999)
    """
    values, inside = np.ma.getdata(image), ~np.ma.getmaskarray(image)
    if low is not None:
        inside &= values >= low
    if high is not None:
        inside &= values <= high
    return _masked(values, inside, f"No pixel of the region has a value between {low} and {high}.")


def without_outliers(image: np.ndarray, sigma: float = 3.0) -> np.ma.MaskedArray:
    """Leave out of the region the pixels that lie far from its mean.

    A pixel stays if ``mean - sigma · σ ≤ x ≤ mean + sigma · σ``, with the mean and the standard deviation
    σ (that of a population, divided by N) of the region. Of a range and outliers, IBSI takes the range
    first: ``without_outliers(resegmented(image, low, high))``.

    Parameters
    ----------
    image : ndarray or MaskedArray of any shape
    sigma : float, default=3
        How many standard deviations a value may lie from the mean.

    Returns
    -------
    MaskedArray
        The same values under a new mask. A flat region stays as it is.

    Raises
    ------
    ValueError
        If the image has no pixel inside the region, or nothing of it remains.

    References
    ----------
    .. [1] Vallières et al. (2015), A radiomics model from joint FDG-PET and MRI texture features for the
       prediction of lung metastases in soft-tissue sarcomas of the extremities,
       doi:10.1088/0031-9155/60/14/5471
    .. [2] IBSI 1 reference manual, section 2.5, intensity outlier filtering
    .. [3] pyradiomics 3.0.1, ``resegmentMode: sigma``

    Examples
    --------
    Mean 1 and standard deviation 3:

    >>> without_outliers(np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 10]), 2.5).compressed()
    array([0, 0, 0, 0, 0, 0, 0, 0, 0])
    """
    values, inside = np.ma.getdata(image), ~np.ma.getmaskarray(image)
    region = values[inside]
    if region.size == 0:
        raise ValueError("The image has no pixel inside the region.")
    if region.min() < region.max():
        mean, far = region.mean(dtype=np.float64), sigma * region.std(dtype=np.float64)
        inside[inside] = (region >= mean - far) & (region <= mean + far)
    return _masked(values, inside, f"No pixel of the region lies within {sigma} standard deviations.")


def _masked(values: np.ndarray, inside: np.ndarray, if_empty: str) -> np.ma.MaskedArray:
    if not inside.any():
        raise ValueError(if_empty)
    return np.ma.MaskedArray(values, ~inside)


def normalized(image: np.ndarray, scale: float = 1.0, *, outliers: float | None = None) -> np.ndarray:
    """Bring an image to the mean 0 and the standard deviation `scale`.

    ``scale · (x - mean) / s``, with the mean and the standard deviation s of the pixels inside the region,
    ``s² = Σ (x - mean)² / (N - 1)``.

    Parameters
    ----------
    image : ndarray or MaskedArray of any shape
        pyradiomics takes mean and deviation of the whole image, inside the region or not: hand over the
        pixels without the mask (``np.ma.getdata(image)``) to do so.
    scale : float, default=1
    outliers : float, optional
        Values more than so many standard deviations from the mean are set to that distance.

    Returns
    -------
    ndarray of float64, or MaskedArray with the same mask

    Raises
    ------
    ValueError
        If the region is flat, or has a single pixel.

    References
    ----------
    .. [1] pyradiomics 3.0.1, ``imageoperations.normalizeImage``

    Examples
    --------
    >>> normalized(np.array([2, 4, 6]), 100)
    array([-100.,    0.,  100.])
    """
    region = np.ma.compressed(image).astype(np.float64)
    if region.size < 2 or region.min() == region.max():
        raise ValueError("A flat region cannot be brought to another standard deviation.")
    result = (image.astype(np.float64) - region.mean()) / region.std(ddof=1)
    if outliers is not None:
        result = result.clip(-outliers, outliers)
    return result * scale


def resampled(
    image: np.ndarray,
    spacing: Sequence[float],
    new_spacing: Sequence[float],
    order: int = 1,
    *,
    standard: str = "ibsi",
) -> np.ma.MaskedArray:
    """Interpolate an image and its region on a grid of another spacing.

    The new grid has ``ceil(n · spacing / new_spacing)`` pixels along an axis of n. With the standard ibsi its
    centre is that of the old one, and a new pixel is inside the region where the region, interpolated
    linearly, is 0.5 or more. With the standard pyradiomics the corners of the first pixels coincide, a new
    pixel is inside where the nearest old one is, an axis along which the region has one pixel stays as it
    is, and what lies beyond the old image is 0. Beyond the outermost centres, values go on as they are
    (ibsi) or are mirrored (pyradiomics).

    Parameters
    ----------
    image : ndarray or MaskedArray
        What lies beneath the mask has an influence here: values near the border of the region are
        interpolated between those on both sides.
    spacing, new_spacing : sequence of float, one for each axis of the array
        Size of a pixel in mm. A new one of 0 leaves the axis as it is.
    order : {0, 1, 3}, default=1
        Nearest neighbour, linear or cubic spline.
    standard : {"ibsi", "pyradiomics"}, default="ibsi"

    Returns
    -------
    MaskedArray of float64
        Not rounded. IBSI rounds CT numbers (``np.rint``); pyradiomics cuts off the decimals if the image is
        one of integers (``np.trunc``).

    Raises
    ------
    ValueError
        If spacings do not fit the image, the standard is unknown, or nothing of the region remains.

    References
    ----------
    .. [1] IBSI 1 reference manual, section 2.4, interpolation, doi:10.1148/radiol.2020191145
    .. [2] pyradiomics 3.0.1, ``imageoperations.resampleImage``

    Examples
    --------
    >>> image = np.array([[0.0, 4.0, 8.0, 12.0]])
    >>> np.ma.getdata(resampled(image, (1, 1), (0, 2)))
    array([[ 2., 10.]])
    >>> np.ma.getdata(resampled(image, (1, 1), (0, 3)))
    array([[ 0., 12.]])
    >>> np.ma.getdata(resampled(image, (1, 1), (0, 3), standard="pyradiomics"))
    array([[4., 0.]])
    """
    if standard not in ("ibsi", "pyradiomics"):
        raise ValueError(f"standard={standard!r} is neither 'ibsi' nor 'pyradiomics'.")
    values, inside = np.ma.getdata(image).astype(np.float64), ~np.ma.getmaskarray(image)
    old, new = _spacings(spacing, new_spacing, inside, standard)
    step = new / old
    shape = np.ceil(np.array(values.shape) / step - SAME_GRID).astype(int)
    centred = standard == "ibsi"
    first = (np.array(values.shape) - 1 - (shape - 1) * step) / 2 if centred else (step - 1) / 2
    grid = {"matrix": step, "offset": first, "output_shape": tuple(shape)}
    if centred:
        values = affine_transform(values, **grid, order=order, mode="nearest")
        share = affine_transform(inside.astype(np.float64), **grid, order=1, mode="nearest")
        inside = share > JUST_BELOW_HALF
    else:
        values, inside = _of_library(values, inside, grid, order)
    return _masked(values, inside, "No pixel of the region remains on the new grid.")


def _spacings(
    spacing: Sequence[float], new_spacing: Sequence[float], inside: np.ndarray, standard: str
) -> tuple[np.ndarray, np.ndarray]:
    old, new = np.array(spacing, dtype=float), np.array(new_spacing, dtype=float)
    if old.shape != (inside.ndim,) or new.shape != old.shape or not (old > 0).all() or not (new >= 0).all():
        raise ValueError(
            f"spacing={spacing!r} and new_spacing={new_spacing!r} must be one positive number for each of"
            f" {inside.ndim} axes."
        )
    new = np.where(new == 0, old, new)
    if standard == "pyradiomics":
        places = np.nonzero(inside)
        flat = np.array([place.size > 0 and place.min() == place.max() for place in places])
        new = np.where(flat, old, new)
    return old, new


def _of_library(
    values: np.ndarray, inside: np.ndarray, grid: dict[str, object], order: int
) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate as SimpleITK does for pyradiomics."""
    size = np.array(values.shape)
    within = np.ones(grid["output_shape"], dtype=bool)
    for axis, n in enumerate(size):
        places = grid["offset"][axis] + grid["matrix"][axis] * np.arange(within.shape[axis])
        shape = [1] * values.ndim
        shape[axis] = -1
        within &= ((places >= -0.5) & (places < n - 0.5)).reshape(shape)
    values = affine_transform(values, **grid, order=order, mode="mirror")
    chosen = affine_transform(inside.astype(np.uint8), **grid, order=0, mode="nearest").astype(bool)
    return np.where(within, values, 0.0), chosen & within
