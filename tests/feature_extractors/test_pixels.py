"""Pixels: the vector itself, its names, and how sizes are treated."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.transform import resize

from feature_extractors.pixels import Pixels

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000


def test_vector_is_the_image_row_by_row():
    values = Pixels().fit_transform([IMAGE, IMAGE + 1])
    assert values.dtype == np.float32
    assert np.array_equal(values.reshape(2, 3, 4), [IMAGE, IMAGE + 1])


def test_names_are_row_and_column():
    names = Pixels().fit([IMAGE]).get_feature_names_out()
    values = dict(zip(names, Pixels().fit_transform([IMAGE])[0], strict=True))
    assert values["pixel_0_3"] == IMAGE[0, 3]
    assert values["pixel_2_1"] == IMAGE[2, 1]


@pytest.mark.parametrize(
    ("size", "shape"), [(8, (8, 8)), ([6, 9], (6, 9)), ((1, 1), (1, 1)), ([40, 50], (40, 50))]
)
def test_images_of_any_size_are_resized(size, shape):
    rng = np.random.default_rng(0)
    images = [rng.random((20, 30)), rng.random((33, 17))]
    extractor = Pixels(size=size).fit(images)
    assert extractor.shape_ == shape
    for row, image in zip(extractor.transform(images), images, strict=True):
        expected = resize(image, shape, order=1, mode="reflect", anti_aliasing=True)
        np.testing.assert_allclose(row.reshape(shape), expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.float32])
def test_resizing_keeps_the_range_of_values(dtype):
    image = np.full((10, 10), 1, dtype=dtype)
    assert np.allclose(Pixels(size=4).fit_transform([image]), 1)


def test_pixels_outside_a_region_are_0():
    region = np.ma.array([[5.0, np.nan], [7.0, 8.0]], mask=[[False, True], [False, False]])
    assert Pixels().fit_transform([region]).tolist() == [[5, 0, 7, 8]]
    resized = Pixels(size=1).fit_transform([region])
    assert resized == pytest.approx(Pixels(size=1).fit_transform([np.array([[5.0, 0], [7, 8]])]))


def test_images_of_different_sizes_are_refused_with_advice():
    message = r"3×4 and 4×3 pixels\. Give it a size, or the preprocessing a resize step"
    with pytest.raises(ValueError, match=message):
        Pixels().fit([IMAGE, IMAGE.T])
    with pytest.raises(ValueError, match=message):
        Pixels().fit([IMAGE]).transform([IMAGE, IMAGE.T])


def test_fitted_again_it_takes_another_size():
    assert Pixels().fit([IMAGE]).fit([IMAGE.T]).shape_ == (4, 3)


@pytest.mark.parametrize("size", [0, -3, 2.5, "8", [8], [8, 0], [8, 8, 8]])
def test_bad_sizes_are_named(size):
    with pytest.raises((ValueError, TypeError), match="'size' parameter"):
        Pixels(size=size).check_parameters()
