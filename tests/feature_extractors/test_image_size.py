"""ImageSize: four numbers that have nothing to do with what an image shows."""

from __future__ import annotations

import numpy as np
import pytest

from feature_extractors.image_size import ImageSize

NAMES = ["image_size_width", "image_size_height", "image_size_aspect_ratio", "image_size_n_pixels"]


@pytest.mark.parametrize(
    ("shape", "expected"), [((3, 6), [6, 3, 2, 18]), ((8, 2), [2, 8, 0.25, 16]), ((1, 1), [1, 1, 1, 1])]
)
def test_values(shape, expected):
    extractor = ImageSize().fit([np.zeros((5, 5))])
    assert list(extractor.get_feature_names_out()) == NAMES
    assert extractor.transform([np.zeros(shape)]).tolist() == [expected]


def test_gray_values_and_region_are_ignored():
    image = np.random.default_rng(0).random((4, 7))
    region = np.ma.array(image, mask=image > 0.5)
    assert ImageSize().fit_transform([image, region, -image]).tolist() == [[7, 4, 7 / 4, 28]] * 3
