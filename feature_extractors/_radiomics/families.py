"""The families of texture: from gray levels to named features, image by image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from feature_extractors._radiomics import cooccurrence_features, tone_features
from feature_extractors._radiomics.cooccurrence import cooccurrence_matrices
from feature_extractors._radiomics.directions import offsets_at
from feature_extractors._radiomics.gray_levels import GrayLevels
from feature_extractors._radiomics.neighbourhoods import dependence_matrices, tone_differences
from feature_extractors._radiomics.runs import run_length_matrices
from feature_extractors._radiomics.size_features import STATISTICS, size_features
from feature_extractors._radiomics.sparse import SparseMatrices
from feature_extractors._radiomics.zones import distance_zone_matrices, find_zones, size_zone_matrices

__all__ = ["FAMILIES", "Settings", "feature_names", "texture_features"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How matrices are made and put together.

    Attributes
    ----------
    distances : tuple of int
        Chebyshev distances between neighbours (GLCM, GLDM, NGTDM).
    symmetric : bool
        Whether a pair counts from both its ends (GLCM).
    alpha : float
        Largest difference of dependent gray levels (GLDM).
    directions : {"average", "merge", "each"}
        What becomes of the matrices of the directions (GLCM, GLRLM).
    deep : bool
        Whether neighbours lie in other slices, too.
    standard : {"pyradiomics", "ibsi"}
        Where the two differ.
    """

    distances: tuple[int, ...] = (1,)
    symmetric: bool = True
    alpha: float = 0
    directions: str = "average"
    deep: bool = False
    standard: str = "pyradiomics"


FAMILIES = ("glcm", "glrlm", "glszm", "gldm", "ngtdm", "gldzm")

RUNS = {
    "gray_level_non_uniformity": "gray_level_non_uniformity",
    "gray_level_non_uniformity_normalized": "gray_level_non_uniformity_normalized",
    "gray_level_variance": "gray_level_variance",
    "high_gray_level_run_emphasis": "high_gray_level_emphasis",
    "long_run_emphasis": "large_emphasis",
    "long_run_high_gray_level_emphasis": "large_high_gray_level_emphasis",
    "long_run_low_gray_level_emphasis": "large_low_gray_level_emphasis",
    "low_gray_level_run_emphasis": "low_gray_level_emphasis",
    "run_entropy": "entropy",
    "run_length_non_uniformity": "size_non_uniformity",
    "run_length_non_uniformity_normalized": "size_non_uniformity_normalized",
    "run_percentage": "percentage",
    "run_variance": "size_variance",
    "short_run_emphasis": "small_emphasis",
    "short_run_high_gray_level_emphasis": "small_high_gray_level_emphasis",
    "short_run_low_gray_level_emphasis": "small_low_gray_level_emphasis",
}
ZONES = {
    "gray_level_non_uniformity": "gray_level_non_uniformity",
    "gray_level_non_uniformity_normalized": "gray_level_non_uniformity_normalized",
    "gray_level_variance": "gray_level_variance",
    "high_gray_level_zone_emphasis": "high_gray_level_emphasis",
    "large_area_emphasis": "large_emphasis",
    "large_area_high_gray_level_emphasis": "large_high_gray_level_emphasis",
    "large_area_low_gray_level_emphasis": "large_low_gray_level_emphasis",
    "low_gray_level_zone_emphasis": "low_gray_level_emphasis",
    "size_zone_non_uniformity": "size_non_uniformity",
    "size_zone_non_uniformity_normalized": "size_non_uniformity_normalized",
    "small_area_emphasis": "small_emphasis",
    "small_area_high_gray_level_emphasis": "small_high_gray_level_emphasis",
    "small_area_low_gray_level_emphasis": "small_low_gray_level_emphasis",
    "zone_entropy": "entropy",
    "zone_percentage": "percentage",
    "zone_variance": "size_variance",
}
DEPENDENCES = {
    "dependence_entropy": "entropy",
    "dependence_non_uniformity": "size_non_uniformity",
    "dependence_non_uniformity_normalized": "size_non_uniformity_normalized",
    "dependence_variance": "size_variance",
    "gray_level_non_uniformity": "gray_level_non_uniformity",
    "gray_level_variance": "gray_level_variance",
    "high_gray_level_emphasis": "high_gray_level_emphasis",
    "large_dependence_emphasis": "large_emphasis",
    "large_dependence_high_gray_level_emphasis": "large_high_gray_level_emphasis",
    "large_dependence_low_gray_level_emphasis": "large_low_gray_level_emphasis",
    "low_gray_level_emphasis": "low_gray_level_emphasis",
    "small_dependence_emphasis": "small_emphasis",
    "small_dependence_high_gray_level_emphasis": "small_high_gray_level_emphasis",
    "small_dependence_low_gray_level_emphasis": "small_low_gray_level_emphasis",
}
IBSI_DEPENDENCES = {
    **DEPENDENCES,
    "gray_level_non_uniformity_normalized": "gray_level_non_uniformity_normalized",
    "dependence_percentage": "percentage",
    "dependence_energy": "energy",
}
DISTANCES = {
    "gray_level_non_uniformity": "gray_level_non_uniformity",
    "gray_level_non_uniformity_normalized": "gray_level_non_uniformity_normalized",
    "gray_level_variance": "gray_level_variance",
    "high_gray_level_zone_emphasis": "high_gray_level_emphasis",
    "large_distance_emphasis": "large_emphasis",
    "large_distance_high_gray_level_emphasis": "large_high_gray_level_emphasis",
    "large_distance_low_gray_level_emphasis": "large_low_gray_level_emphasis",
    "low_gray_level_zone_emphasis": "low_gray_level_emphasis",
    "small_distance_emphasis": "small_emphasis",
    "small_distance_high_gray_level_emphasis": "small_high_gray_level_emphasis",
    "small_distance_low_gray_level_emphasis": "small_low_gray_level_emphasis",
    "zone_distance_entropy": "entropy",
    "zone_distance_non_uniformity": "size_non_uniformity",
    "zone_distance_non_uniformity_normalized": "size_non_uniformity_normalized",
    "zone_distance_variance": "size_variance",
    "zone_percentage": "percentage",
}


def feature_names(family: str, settings: Settings) -> list[str]:
    """Return the names of a family's features, its own name first: ``glcm_contrast``.

    With ``directions="each"`` those of GLCM and GLRLM end in their direction: ``glcm_contrast_down1_left1``.
    """
    names = [f"{family}_{name}" for name in _statistics(family, settings)]
    if settings.directions != "each" or family not in ("glcm", "glrlm"):
        return names
    offsets = _offsets(settings, settings.distances if family == "glcm" else (1,))
    return [f"{name}_{_told(offset)}" for offset in offsets for name in names]


def _statistics(family: str, settings: Settings) -> tuple[str, ...]:
    if family == "glcm":
        return cooccurrence_features.NAMES
    if family == "ngtdm":
        return tone_features.NAMES
    return tuple(_size_statistics(family, settings.standard))


def _size_statistics(family: str, standard: str) -> Mapping[str, str]:
    if family == "gldm" and standard == "ibsi":
        return IBSI_DEPENDENCES
    return {"glrlm": RUNS, "glszm": ZONES, "gldm": DEPENDENCES, "gldzm": DISTANCES}[family]


def _told(offset: np.ndarray) -> str:
    """Name a direction.

    Examples
    --------
    >>> _told(np.array([0, 1, -1])), _told(np.array([1, 0, 2]))
    ('down1_left1', 'back1_right2')
    """
    words = (("front", "back"), ("up", "down"), ("left", "right"))
    return "_".join(
        f"{pair[int(step > 0)]}{abs(step)}" for pair, step in zip(words, offset, strict=True) if step
    )


def _offsets(settings: Settings, distances: tuple[int, ...]) -> np.ndarray:
    return _offsets_at(distances, settings.deep)


@lru_cache
def _offsets_at(distances: tuple[int, ...], deep: bool) -> np.ndarray:
    return offsets_at(distances, deep=deep)


def texture_features(
    gray: GrayLevels,
    families: Sequence[str],
    settings: Settings,
    *,
    by_slice: bool = False,
    body: np.ndarray | None = None,
) -> np.ndarray:
    """Compute the features of some families of n images.

    Parameters
    ----------
    gray : GrayLevels
        n images, padded as far as the neighbours reach.
    families : sequence of str
        Of ``FAMILIES``.
    settings : Settings
    by_slice : bool, default=False
        Whether features are computed for each slice of a volume and averaged over the slices.
    body : ndarray, optional
        See :func:`feature_extractors._radiomics.zones.find_zones`.

    Returns
    -------
    ndarray of float64, shape (n, n_features)
        Family after family, in the order of :func:`feature_names`.
    """
    units, volume = _slices_of(gray) if by_slice else (gray, np.arange(len(gray)))
    zones = None
    if "glszm" in families or "gldzm" in families:
        far = "gldzm" in families
        zones = find_zones(units, join_slices=settings.deep, distances=far, body=body)
    parts = []
    for family in families:
        if family in ("glszm", "gldzm"):
            assert zones is not None
            tabulate = size_zone_matrices if family == "glszm" else distance_zone_matrices
            features = _sizes(family, tabulate(zones, units), units, settings)
        else:
            features = COMPUTED[family](units, settings)
        if by_slice:
            features = _mean_of_slices(features, volume, len(gray))
        parts.append(_with_lonely_pixels(features, gray) if family == "glcm" else features)
    return np.hstack(parts) if parts else np.empty((len(gray), 0))


def _mean_of_slices(features: np.ndarray, volume: np.ndarray, n: int) -> np.ndarray:
    return np.stack([nanmean(features[volume == k], axis=0) for k in range(n)])


def _with_lonely_pixels(features: np.ndarray, gray: GrayLevels) -> np.ndarray:
    """Fill in co-occurrence features of a region of which no pixel has a neighbour: each is its own."""
    if not np.isnan(features).any():
        return features
    alone = cooccurrence_features.cooccurrence_features(_paired_with_themselves(gray))
    return np.where(np.isnan(features), np.tile(alone, (1, features.shape[1] // alone.shape[1])), features)


def _glcm(gray: GrayLevels, settings: Settings) -> np.ndarray:
    offsets = _offsets(settings, settings.distances)
    matrices = cooccurrence_matrices(
        gray, offsets, symmetric=settings.symmetric, merge=settings.directions == "merge"
    )
    features = cooccurrence_features.cooccurrence_features(matrices)
    return _put_together(features, len(gray), settings)


def _paired_with_themselves(gray: GrayLevels) -> SparseMatrices:
    place = np.concatenate([np.arange(n) for n in gray.n_present]).astype(np.int32)
    ends = gray.present_starts[1:]
    return SparseMatrices.of(place, place, gray.counts, ends, gray, 1)


def _glrlm(gray: GrayLevels, settings: Settings) -> np.ndarray:
    offsets = _offsets(settings, (1,))
    merge = settings.directions == "merge"
    leave_out = settings.standard == "pyradiomics" and settings.directions != "each"
    matrices = run_length_matrices(gray, offsets, merge=merge, leave_out=leave_out)
    return _put_together(_sizes("glrlm", matrices, gray, settings), len(gray), settings)


def _gldm(gray: GrayLevels, settings: Settings) -> np.ndarray:
    matrices = dependence_matrices(gray, _offsets(settings, settings.distances), alpha=settings.alpha)
    return _sizes("gldm", matrices, gray, settings)


def _ngtdm(gray: GrayLevels, settings: Settings) -> np.ndarray:
    offsets = _offsets(settings, settings.distances)
    differences = tone_differences(gray, offsets, lonely=settings.standard == "pyradiomics")
    return tone_features.tone_features(differences, gray.n_pixels)


def _sizes(family: str, matrices: SparseMatrices, gray: GrayLevels, settings: Settings) -> np.ndarray:
    pixels = matrices.directions * gray.n_pixels[matrices.images]
    return size_features(matrices, pixels)[:, _columns(family, settings.standard)]


@lru_cache
def _columns(family: str, standard: str) -> list[int]:
    return [STATISTICS.index(name) for name in _size_statistics(family, standard).values()]


def _put_together(features: np.ndarray, n_images: int, settings: Settings) -> np.ndarray:
    """Average over the directions of each image, or set them side by side."""
    if settings.directions == "each":
        return features.reshape(n_images, -1)
    return nanmean(features.reshape(n_images, -1, features.shape[1]), axis=1)


def nanmean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean over what is not NaN; NaN, without a warning, where all is."""
    mean = values.mean(axis=axis)
    if not np.isnan(mean).any():
        return mean
    known = ~np.isnan(values)
    number = known.sum(axis=axis)
    return np.where(number, np.where(known, values, 0).sum(axis=axis), np.nan) / np.maximum(number, 1)


COMPUTED: Mapping[str, Callable[[GrayLevels, Settings], np.ndarray]] = {
    "glcm": _glcm,
    "glrlm": _glrlm,
    "gldm": _gldm,
    "ngtdm": _ngtdm,
}


def _slices_of(gray: GrayLevels) -> tuple[GrayLevels, np.ndarray]:
    """Take each slice of volumes for an image of its own; also return the volume that each is of."""
    slices, rows, columns = gray.shapes.T
    volume = np.repeat(np.arange(len(gray)), slices)
    plane = ((rows + 2 * gray.pad) * (columns + 2 * gray.pad))[volume]
    starts = np.concatenate([[0], np.cumsum(plane)])
    shapes = np.column_stack([np.ones_like(volume), rows[volume], columns[volume]])
    n_present = gray.n_present[volume]
    first = np.concatenate([[0], np.cumsum(n_present)])
    source = np.repeat(gray.present_starts[volume] - first[:-1], n_present) + np.arange(first[-1])
    occupied = [np.count_nonzero(gray.positions[a:b]) for a, b in pairwise(starts)]
    return replace(
        gray,
        n_pixels=np.array(occupied, dtype=np.int64),
        starts=starts,
        shapes=shapes,
        present=gray.present[source],
        counts=gray.counts[source],
        present_starts=first,
    ), volume
