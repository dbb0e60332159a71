"""The five statistics of neighbourhood gray-tone differences; explained by the extractor `NGTDM`."""

from __future__ import annotations

import numpy as np
from numba import njit

from feature_extractors._radiomics.neighbourhoods import ToneDifferences

__all__ = ["NAMES", "tone_features"]

NAMES = ("busyness", "coarseness", "complexity", "contrast", "strength")
COARSEST = 1e6  # of a region without any difference, by convention of pyradiomics and IBSI


def tone_features(differences: ToneDifferences, n_pixels: np.ndarray) -> np.ndarray:
    """Compute the features of each image.

    Parameters
    ----------
    differences : ToneDifferences
    n_pixels : ndarray of int64, shape (n_images,)
        Pixels of each region; of one where none has a neighbour the features are those of a flat one.

    Returns
    -------
    ndarray of float64, shape (n_images, 5)
        In the order of `NAMES`; NaN without a region.
    """
    features = np.empty((len(differences.present_starts) - 1, len(NAMES)))
    compute(
        differences.counts, differences.sums, differences.present, differences.present_starts, n_pixels,
        COARSEST, features,
    )  # fmt: skip
    return features


@njit(cache=True, nogil=True, error_model="numpy")
def compute(counts, sums, present, present_starts, n_pixels, coarsest, features):
    """Compute the features of image after image."""
    for image in range(features.shape[0]):
        part = slice(present_starts[image], present_starts[image + 1])
        n, s, i = counts[part], sums[part], present[part]
        total = np.float64(n.sum())
        if total == 0:
            features[image] = 0.0 if n_pixels[image] > 0 else np.nan
            features[image, 1] = coarsest if n_pixels[image] > 0 else np.nan
            continue
        p = n / total
        weighted = (p * s).sum()
        levels = 0
        for k in range(n.size):
            levels += n[k] > 0
        spread = complexity = strength = busy = 0.0
        for a in range(n.size):
            for b in range(n.size):
                if n[a] > 0 and n[b] > 0:
                    away = i[a] - i[b]
                    spread += p[a] * p[b] * away * away
                    busy += abs(i[a] * p[a] - i[b] * p[b])
                    complexity += abs(away) * (p[a] * s[a] + p[b] * s[b]) / (p[a] + p[b])
                    strength += (p[a] + p[b]) * away * away
        difference = s.sum()
        out = features[image]
        out[0] = weighted / busy if busy > 0 else 0.0
        out[1] = 1 / weighted if weighted > 0 else coarsest
        out[2] = complexity / total
        out[3] = spread / (levels * (levels - 1)) * difference / total if levels > 1 else 0.0
        out[4] = strength / difference if difference > 0 else 0.0
