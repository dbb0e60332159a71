"""Distance-zone features by hand; the consensus of IBSI is in tests/conformance."""

import numpy as np
import pytest

from feature_extractors.gldzm import GLDZM


def features_of(image, **parameters):
    extractor = GLDZM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("gldzm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    """A ring of 1 around a ring of 2 around a 1: zones of levels 1, 2, 1 at distances 1, 2, 3."""
    image = np.pad(np.pad(np.array([[1]]), 1, constant_values=2), 1, constant_values=1)
    assert features_of(image, levels=None) == pytest.approx(
        {
            "gray_level_non_uniformity": 5 / 3,
            "gray_level_non_uniformity_normalized": 5 / 9,
            "gray_level_variance": 2 / 9,
            "high_gray_level_zone_emphasis": 6 / 3,
            "large_distance_emphasis": (1 + 4 + 9) / 3,
            "large_distance_high_gray_level_emphasis": (1 + 16 + 9) / 3,
            "large_distance_low_gray_level_emphasis": (1 + 1 + 9) / 3,
            "low_gray_level_zone_emphasis": (1 + 1 / 4 + 1) / 3,
            "small_distance_emphasis": (1 + 1 / 4 + 1 / 9) / 3,
            "small_distance_high_gray_level_emphasis": (1 + 1 + 1 / 9) / 3,
            "small_distance_low_gray_level_emphasis": (1 + 1 / 16 + 1 / 9) / 3,
            "zone_distance_entropy": np.log2(3),
            "zone_distance_non_uniformity": 1,
            "zone_distance_non_uniformity_normalized": 1 / 3,
            "zone_distance_variance": 2 / 3,
            "zone_percentage": 3 / 25,
        }
    )


def test_a_hole_is_a_border():
    image = np.ma.MaskedArray(np.ones((5, 5)), np.arange(25).reshape(5, 5) == 12)
    assert features_of(image, levels=1)["large_distance_emphasis"] == 1
    whole = features_of(np.ones((5, 5)), levels=1)
    assert whole["large_distance_emphasis"] == 1  # one zone, which reaches the border of the image


def test_in_a_volume_slices_are_borders_too():
    volume = np.ones((1, 5, 5))
    volume[0, 2, 2] = 2
    assert features_of(volume, levels=None)["large_distance_emphasis"] == 1
    assert features_of(volume, levels=None, slices="merge")["large_distance_emphasis"] == (1 + 9) / 2
