"""Augmented copies of images that are kept as gray values."""

import numpy as np
import pytest
from scipy import ndimage

from networks.augmentation_steps import parse_augmentation
from networks.copies import augmented_copies

FLIP = parse_augmentation([{"horizontal_flip": {"probability": 1}}])
QUARTER = 1  # turns of numpy that 90 degrees are
IMAGE = np.random.default_rng(0).integers(20, 201, (24, 32))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
def test_gray_values_keep_their_scale_and_type(dtype):
    image = IMAGE.astype(dtype) - (150 if dtype in (np.int16, np.float32) else 0)
    (copy,) = augmented_copies(image, FLIP, 1)
    assert copy.dtype == dtype
    np.testing.assert_allclose(copy, image[:, ::-1], rtol=0, atol={"f": 1e-4}.get(copy.dtype.kind, 0))


def test_a_shift_by_whole_pixels_moves_the_image_and_repeats_its_border():
    steps = parse_augmentation([{"shift": {"width": [0.25, 0.25], "height": [0, 0]}}])
    (copy,) = augmented_copies(IMAGE.astype(np.uint8), steps, 1)
    np.testing.assert_array_equal(copy[:, 8:], IMAGE[:, :-8])
    np.testing.assert_array_equal(copy[:, :8], np.repeat(IMAGE[:, :1], 8, axis=1))


def test_values_stay_within_the_range_of_the_image():
    steps = parse_augmentation([{"intensity_shift": {"range": [0.5, 0.5]}}])
    (copy,) = augmented_copies(IMAGE.astype(np.uint8), steps, 1)
    low, high = IMAGE.min(), IMAGE.max()
    np.testing.assert_array_equal(copy, np.rint(np.minimum(IMAGE + 0.5 * (high - low), high)))


def test_numbers_follow_from_the_image_and_the_number_of_the_copy():
    steps = parse_augmentation("cov19net")
    five, three = (augmented_copies(IMAGE.astype(np.uint8), steps, number) for number in (5, 3))
    assert len(five) == 5
    np.testing.assert_array_equal(five[:3], three)
    assert len({copy.tobytes() for copy in five}) == 5
    other = augmented_copies((IMAGE + 1).astype(np.uint8), steps, 1)[0]
    assert (other != five[0]).mean() > 0.5  # neither the same numbers nor the same image


def test_a_constant_image_stays_constant():
    copies = augmented_copies(np.full((16, 16), 7, np.uint8), parse_augmentation("vgg19_mobilenet"), 3)
    np.testing.assert_array_equal(copies, np.full((3, 16, 16), 7))


def masked(inside, hidden=0.0):
    return np.ma.MaskedArray(np.where(inside, IMAGE, hidden).astype(np.float32), mask=~inside)


def test_a_region_moves_with_what_it_is_around():
    steps = parse_augmentation([{"rotation": {"degrees": [90, 90]}}])
    inside = np.zeros((32, 32), dtype=bool)
    inside[6:18, 10:20] = True
    image = np.ma.MaskedArray(np.random.default_rng(1).random((32, 32)), mask=~inside)
    (copy,) = augmented_copies(image, steps, 1)
    turned = np.rot90(inside, QUARTER)
    np.testing.assert_array_equal(~copy.mask, turned)
    np.testing.assert_allclose(copy.data[turned], np.rot90(image.data, QUARTER)[turned], atol=1e-5)


def test_what_comes_from_beyond_the_border_is_outside_the_region():
    steps = parse_augmentation([{"shift": {"width": [0.25, 0.25], "height": [0, 0]}}])
    (copy,) = augmented_copies(masked(np.ones(IMAGE.shape, dtype=bool)), steps, 1)
    expected = np.zeros(IMAGE.shape, dtype=bool)
    expected[:, 8:] = True
    np.testing.assert_array_equal(~copy.mask, expected)


def test_what_is_hidden_and_not_finite_stays_hidden():
    inside = np.zeros(IMAGE.shape, dtype=bool)
    inside[4:20, 4:28] = True
    steps = parse_augmentation(["horizontal_flip", {"rotation": {"degrees": 10}}])
    (copy,) = augmented_copies(masked(inside, np.nan), steps, 1)
    assert np.isfinite(copy.data).all()
    core = ndimage.binary_erosion(~copy.mask, iterations=2)
    assert core.sum() > 100
    assert IMAGE[inside].min() <= copy.data[core].min() <= copy.data[core].max() <= IMAGE[inside].max()


def test_a_copy_that_loses_its_region_is_drawn_again():
    inside = np.zeros(IMAGE.shape, dtype=bool)
    inside[:, 24:] = True
    away = {"shift": {"width": [0.5, 0.5], "height": [0, 0], "probability": 0.5}}
    copies = augmented_copies(masked(inside), parse_augmentation([away]), 10)
    assert all(not copy.mask.all() for copy in copies)
    lost = parse_augmentation([{"shift": {"width": [0.5, 0.5], "height": [0, 0]}}])
    with pytest.raises(ValueError, match="nothing of the region of interest is left"):
        augmented_copies(masked(inside), lost, 1)
