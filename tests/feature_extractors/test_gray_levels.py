"""Discretisation: by hand, and against the same rules written in NumPy."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors._radiomics.batch import batches, make_batch
from feature_extractors._radiomics.gray_levels import discretise

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
PIXELS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-1e3, 1e3, width=32)
)


BATCH = st.lists(st.tuples(PIXELS, st.integers(0, 2**32)), min_size=1, max_size=4)
PRECISION = st.sampled_from([np.float32, np.float64])


def level_images(images, **kwargs):
    """Gray level of each pixel, 0 outside, of the images of a batch."""
    gray = discretise(make_batch(images), pad=0, **kwargs)
    assert len(gray) == len(images)
    for k, image in enumerate(images):
        present = slice(*gray.present_starts[k : k + 2])
        positions = gray.positions[slice(*gray.starts[k : k + 2])]
        levels = np.concatenate([[0], gray.present[present]])[positions].astype(int)
        assert gray.counts[present].tolist() == np.unique(levels[levels > 0], return_counts=True)[1].tolist()
        assert gray.n_pixels[k] == np.ma.count(image) == np.count_nonzero(levels)
        yield levels.reshape(np.shape(image))


def level_image(image, **kwargs):
    """Gray levels of an image; as one of three, so that batches are tried, too."""
    image = np.ma.asarray(image) if np.ma.isMaskedArray(image) else np.asarray(image)
    other = np.arange(1, 7).reshape(2, 3).astype(image.dtype)
    _, levels, _ = level_images([other, image, other], **kwargs)
    return levels.tolist()


def masked(pairs, dtype):
    """Images of one precision, each without a mask or with one at random that leaves a pixel at least."""
    for image, seed in pairs:
        outside = np.random.default_rng(seed).random(image.shape) < 0.4
        kept = image.astype(dtype)
        yield np.ma.MaskedArray(kept, outside) if seed % 3 and not outside.all() else kept


def region(image):
    return image.compressed() if np.ma.isMaskedArray(image) else image.ravel()


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


@pytest.mark.parametrize(
    "image",
    [
        [[1.0, np.nextafter(1.0, 2.0)]],
        [[1e17, 1e17 + 64]],
        [[0.0, 5e-324]],
        np.full((1, 2), 3e7, np.float32),  # half a unit more or less is the same number
        np.full((1, 2), -1e300),
    ],
)
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
    assert level_image([[3.0, 65_535.0]], levels=None) == [[3, 65_535]]
    beneath = np.ma.MaskedArray([[np.nan, 2.0, 0.5, -1.0]], [[1, 0, 1, 1]])
    assert level_image(beneath, levels=None) == [[0, 2, 0, 0]]


@pytest.mark.parametrize(
    ("values", "said"), [([0.5, 2.0], "0.5 to 6"), ([0, 2], "0 to 6"), ([1, 65_536], "1 to 65536")]
)
def test_what_is_no_level_is_refused(values, said):
    with pytest.raises(ValueError, match=f"whole numbers from 1 to 65535; these run from {said}"):
        level_image([values], levels=None)


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
@given(BATCH, st.integers(1, 300), PRECISION)
def test_fixed_number_is_histogram_and_digitize(pairs, levels, dtype):
    images = list(masked(pairs, dtype))
    assume(not any(0 < np.ptp(region(image)) < 0.1 for image in images))  # see the test of rounding errors
    for image, ours in zip(images, level_images(images, levels=levels), strict=True):
        edges = np.histogram(region(image), levels)[1]
        assert edges.dtype == dtype
        edges[-1] += 1
        expected = np.digitize(np.ma.getdata(image), edges)
        assert ours.tolist() == np.where(np.ma.getmaskarray(image), 0, expected).tolist()


@QUICK
@given(BATCH, st.sampled_from([0.1, 0.5, 1.0, 2.3, 25.0]), PRECISION)
def test_fixed_width_is_arange_and_digitize(pairs, width, dtype):
    images = list(masked(pairs, dtype))
    for image, ours in zip(images, level_images(images, bin_width=width), strict=True):
        low, high = region(image).min(), region(image).max()
        edges = np.arange(low - low % width, high + 2 * width, width)
        expected = np.digitize(np.ma.getdata(image), edges)
        assert ours.tolist() == np.where(np.ma.getmaskarray(image), 0, expected).tolist()


@QUICK
@given(BATCH, st.one_of(st.integers(1, 300), st.sampled_from([0.1, 2.5, 25.0])), st.booleans())
def test_levels_of_ibsi_are_its_formulas(pairs, bins, given_start):
    """IBSI 1, section 2.7: equations of the fixed bin number and the fixed bin size."""
    images = list(masked(pairs, np.float64))
    number = isinstance(bins, int)
    start = -1000.0 if given_start and not number else None
    kwargs = {"levels": bins} if number else {"bin_width": bins, "lowest": start}
    for image, ours in zip(images, level_images(images, standard="ibsi", **kwargs), strict=True):
        x, low, high = np.ma.getdata(image), region(image).min(), region(image).max()
        if not number:
            expected = np.floor((x - (low if start is None else start)) / bins) + 1
        elif high > low:
            rounded = np.minimum(np.floor(bins * (x - low) / (high - low)) + 1, bins)
            expected = np.where(x < high, rounded, bins)
        else:
            expected = np.full(x.shape, bins // 2 + 1)
        assert ours.tolist() == np.where(np.ma.getmaskarray(image), 0, expected).astype(int).tolist()


@pytest.mark.parametrize("start", [20.0, 31.0])
def test_no_value_lies_below_the_first_bin(start):
    """A bound above the minimum is not where bins start: nothing is lost, nothing written elsewhere."""
    levels = level_image([[0.0, 10, 20, 30, 55]], bin_width=10, standard="ibsi", lowest=start)
    assert levels == [[1, 2, 3, 4, 6]]


@pytest.mark.parametrize("levels", [1, 254, 255, 256, 65_535])
def test_as_many_levels_as_values(levels):
    """Narrow positions and wide ones, up to the most bins."""
    (ours,) = level_images([np.arange(levels).reshape(1, -1)], levels=levels)
    assert ours.tolist() == [[1]] if levels == 1 else ours.tolist() == [list(range(1, levels + 1))]


def test_an_image_of_single_precision_does_not_make_others_single():
    single, double = np.array([[0.1, 0.7]], dtype=np.float32), np.array([[1.0, 1.0 + 1e-9, 1.0 + 2e-9]])
    levels = [image.tolist() for image in level_images([single, double], levels=2)]
    assert levels == [[[1, 2]], [[1, 2, 2]]]
    assert make_batch([single, single]).values.dtype == np.float32
    assert [len(part) for part in batches([single, double, single[0:1], single])] == [1, 1, 2]


def test_many_levels_of_one_image_do_not_change_those_of_another():
    few, many = np.arange(12).reshape(3, 4), np.arange(600.0).reshape(20, 30)
    for kwargs in ({"bin_width": 1}, {"levels": 600}, {"levels": None}):
        together = list(level_images([few + 1, many + 1, few + 1], **kwargs))
        alone = [levels for image in (few, many) for levels in level_images([image + 1], **kwargs)]
        assert [levels.tolist() for levels in together] == [alone[k].tolist() for k in (0, 1, 0)]


@QUICK
@given(PIXELS.map(np.rint), st.integers(1, 40), st.integers(-500, 500))
def test_fixed_number_ignores_an_added_constant(image, levels, constant):
    spread = max(np.ptp(image), 1)
    image = image * levels * spread  # keeps all edges whole numbers, so that no value is next to an edge
    assert level_image(image, levels=levels) == level_image(image + constant, levels=levels)
