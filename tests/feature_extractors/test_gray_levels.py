"""Discretisation: by hand, and against the same rules written in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors._radiomics.batch import make_batch
from feature_extractors._radiomics.gray_levels import discretise

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
PIXELS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-1e3, 1e3, width=32)
)


def level_image(image, **kwargs):
    """Gray level of each pixel, 0 outside; as one of three images, so that batches are tried, too."""
    image = np.ma.asarray(image) if np.ma.isMaskedArray(image) else np.asarray(image)
    other = np.arange(1, 7).reshape(2, 3).astype(image.dtype)
    gray = discretise(make_batch([other, image, other]), pad=0, **kwargs)
    part = slice(gray.starts[1], gray.starts[2])
    present = gray.present[gray.present_starts[1] : gray.present_starts[2]]
    levels = np.concatenate([[0], present])[gray.positions[part]].astype(int)
    inside = ~np.ma.getmaskarray(image)
    assert gray.n_pixels[1] == inside.sum() == (levels > 0).sum()
    return levels.reshape(image.shape).tolist()


@pytest.mark.parametrize(
    ("image", "kwargs", "levels"),
    [
        ([[0, 1, 2, 3]], {"levels": 4}, [[1, 2, 3, 4]]),
        (
            [[0, 1, 2, 4]],
            {"levels": 4},
            [[1, 2, 3, 4]],
        ),  # a value on an edge opens the bin above; the top closes
        ([[0, 0.99, 1, 4]], {"levels": 4}, [[1, 1, 2, 4]]),
        ([[-8, 0, 8]], {"levels": 2}, [[1, 2, 2]]),
        ([[5, 9]], {"levels": 1}, [[1, 1]]),
        ([[False, True]], {"levels": 32}, [[1, 32]]),
        ([[7, 7]], {"levels": 32}, [[17, 17]]),  # flat: the middle bin, as numpy.histogram has it
        ([[7, 7]], {"levels": 5}, [[3, 3]]),
        ([[54, 74.9, 75, 166]], {"bin_width": 25}, [[1, 1, 2, 5]]),  # the example of pyradiomics' manual
        ([[50, 75, 100]], {"bin_width": 25}, [[1, 2, 3]]),
        ([[-30, -1, 0, 24, 25]], {"bin_width": 25}, [[1, 2, 3, 3, 4]]),
        ([[0.25, 0.5, 0.75]], {"bin_width": 0.25, "levels": 99}, [[1, 2, 3]]),
        ([[7, 7]], {"bin_width": 25}, [[1, 1]]),
        ([[50, 50]], {"bin_width": 25}, [[1, 1]]),
    ],
)
def test_levels_by_hand(image, kwargs, levels):
    assert level_image(image, **kwargs) == levels


def test_only_the_region_sets_the_range_and_the_rest_is_0():
    image = np.ma.MaskedArray([[np.nan, 0.0, 1.0], [3.0, 900.0, np.inf]], [[1, 0, 0], [0, 1, 1]])
    assert level_image(image, levels=3) == [[0, 1, 2], [3, 0, 0]]


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.uint16, np.int64, np.float16, np.float32, ">f4", ">i2"]
)
def test_every_dtype_has_the_levels_of_float64(dtype):
    image = np.array([[0, 100, 127]], dtype=dtype)
    assert level_image(image, bin_width=50) == [[1, 3, 3]]
    assert level_image(image, levels=4) == [[1, 4, 4]]


def test_uint8_does_not_overflow():  # as uint8(255) + 2 * 25 does in NumPy 2
    assert level_image(np.array([[0, 250, 255]], dtype=np.uint8), bin_width=25) == [[1, 11, 11]]


@pytest.mark.parametrize("image", [[[1.0, np.nextafter(1.0, 2.0)]], [[1e17, 1e17 + 64]], [[0.0, 5e-324]]])
def test_a_range_of_rounding_errors_counts_as_flat(image):
    (levels,) = level_image(image, levels=32)
    assert levels[0] == levels[1] <= 32


def test_too_narrow_bins_are_refused():
    with pytest.raises(
        ValueError, match="bin_width=1e-06 cuts the values 0 to 1 into more than 65535 gray levels"
    ):
        discretise(make_batch([np.array([[0.0, 1.0]])]), bin_width=1e-6)


def test_levels_may_be_given():
    assert level_image([[3, 7], [1, 3]], levels=None) == [[3, 7], [1, 3]]
    with pytest.raises(ValueError, match=r"whole numbers from 1 to 65535; these run from 0\.5 to 6"):
        level_image([[0.5, 2.0]], levels=None)


@pytest.mark.parametrize(
    ("image", "kwargs", "levels"),
    [
        ([[54, 74.9, 79, 166]], {"bin_width": 25}, [[1, 1, 2, 5]]),  # bins start at 54, not at 50
        ([[54, 74.9, 79, 166]], {"bin_width": 25, "lowest": 0.0}, [[3, 3, 4, 7]]),
        ([[0, 1, 2, 4]], {"levels": 4}, [[1, 2, 3, 4]]),
        ([[7, 7]], {"levels": 32}, [[17, 17]]),
    ],
)
def test_levels_of_ibsi(image, kwargs, levels):
    assert level_image(image, standard="ibsi", **kwargs) == levels


def test_the_border_is_outside():
    gray = discretise(make_batch([np.ones((2, 3, 4))]), levels=1, pad=2, deep=True)
    padded = gray.positions.reshape(6, 7, 8)
    assert padded.sum() == padded[2:4, 2:5, 2:6].sum() == 24


@QUICK
@given(PIXELS, st.integers(1, 70), st.sampled_from([np.float32, np.float64]))
def test_fixed_number_is_histogram_and_digitize(image, levels, dtype):
    image = image.astype(dtype)
    if 0 < np.ptp(image) < 1e-2:
        return  # see the test of rounding errors
    edges = np.histogram(image, levels)[1]
    edges[-1] += 1
    assert level_image(image, levels=levels) == np.digitize(image, edges).tolist()


@QUICK
@given(PIXELS, st.sampled_from([0.5, 1.0, 2.3, 25.0]))
def test_fixed_width_is_arange_and_digitize(image, width):
    low, high = image.min(), image.max()
    edges = np.arange(low - low % width, high + 2 * width, width)
    assert level_image(image, bin_width=width) == np.digitize(image, edges).tolist()


@QUICK
@given(PIXELS.map(np.rint), st.integers(1, 40), st.integers(-500, 500))
def test_fixed_number_ignores_an_added_constant(image, levels, constant):
    spread = max(np.ptp(image), 1)
    image = image * levels * spread  # keeps all edges whole numbers, so that no value is next to an edge
    assert level_image(image, levels=levels) == level_image(image + constant, levels=levels)
