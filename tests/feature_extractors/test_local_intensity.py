"""Intensity peaks: by hand, and by distances between all pixels; the consensus is in tests/conformance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from feature_extractors.local_intensity import LocalIntensity
from feature_extractors.radiomics import Radiomics

QUICK = settings(max_examples=80, deadline=None, derandomize=True)
RADIUS = np.cbrt(3000 / (4 * np.pi))  # mm, of 1 cm³
SHAPES = st.one_of(
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6)),
)
IMAGES = arrays(np.int64, SHAPES, elements=st.integers(-30, 30))
SIZES = st.sampled_from([0.9, 1.0, 2.0, 3.1, 4.2, 6.0, 10.0])


def peaks(image, spacing=None):
    """Global and local peak."""
    return tuple(LocalIntensity(spacing=spacing).fit_transform([image])[0].tolist())


def plainly(image, spacing):
    """Do the same by the distances of all pixels from those of the region."""
    values, inside = np.ma.getdata(image).astype(float), ~np.ma.getmaskarray(image)
    places = np.argwhere(np.ones(values.shape, dtype=bool)) * np.array(spacing)
    near = cdist(places[inside.ravel()], places) <= RADIUS
    means = [values.ravel()[row].mean() for row in near]
    brightest = values[inside] == values[inside].max()
    return max(means), max(mean for mean, best in zip(means, brightest, strict=True) if best)


def test_values_by_hand():
    """With pixels of 5 mm, a pixel and those beside it; the brightest has dark neighbours."""
    image = np.array([[0, 0, 0, 0, 6], [0, 9, 0, 8, 8], [0, 0, 0, 0, 8]])
    assert peaks(image, (5, 5)) == ((8 + 8 + 8 + 6) / 4, 9 / 5)
    outside = np.zeros(image.shape, dtype=bool)
    outside[:, 3:] = True  # still around (1, 2)
    assert peaks(np.ma.MaskedArray(image, outside), (5, 5)) == ((9 + 8) / 5, 9 / 5)


def test_a_volume_by_hand():
    """Voxels of 6 mm: a voxel and six more; slices of 10 mm are too far."""
    volume = np.zeros((3, 3, 3))
    volume[1, 1, 1], volume[0, 1, 1], volume[2, 2, 2] = 7, 3.5, 100
    alone = np.ma.MaskedArray(volume, volume != 7)
    assert peaks(alone, (6, 6, 6)) == (1.5, 1.5)
    assert peaks(alone, (10, 6, 6)) == (7 / 5, 7 / 5)
    assert peaks(alone, (10, 7, 7)) == (7, 7)


@pytest.mark.parametrize("spacing", [(2, 2, 2), (1, 1, 1), (0.8, 1.1, 0.9)])
def test_the_sphere_has_a_volume_of_1_cubic_centimetre(spacing):
    """The mean around one voxel of value 1 is its share of the sphere."""
    volume = np.zeros((17, 17, 17))
    volume[8, 8, 8] = 1
    _, share = peaks(volume, spacing)
    assert np.prod(spacing) / share == pytest.approx(1000, rel=0.025)  # mm³


def test_of_several_brightest_pixels_the_one_with_the_largest_mean():
    image = np.zeros((5, 9))
    image[2, 1] = image[2, 6] = 10
    image[2, 7] = 5
    assert peaks(image, (6, 6)) == (15 / 5, 15 / 5)
    assert peaks(image[:, ::-1], (6, 6)) == (15 / 5, 15 / 5)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(IMAGES, st.lists(SIZES, min_size=3, max_size=3), st.integers(0, 2**32 - 1))
def test_values_are_those_of_plain_distances(image, sizes, seed):
    spacing = sizes[: image.ndim]
    outside = np.random.default_rng(seed).random(image.shape) < 0.5
    outside.flat[0] = False
    region = np.ma.MaskedArray(image, outside)
    assert peaks(region, spacing) == pytest.approx(plainly(region, spacing), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("spacing", [(1, 1), (0.4, 0.7), (2.2, 9)])
def test_photographs(photographs, spacing):
    for image in photographs.values():
        assert peaks(image, spacing) == pytest.approx(plainly(image, spacing), rel=1e-12)


def test_volumes_and_types(volumes):
    spacing = (3, 0.98, 1.2)
    for volume in volumes.values():
        expected = plainly(volume, spacing)
        for dtype in (np.uint8, np.int32, np.float32, np.float64):
            assert peaks(volume.astype(dtype), spacing) == pytest.approx(expected, rel=1e-12)


def test_the_default_spacing_is_1_mm(photographs):
    image = photographs["brick, masked"]
    assert peaks(image) == peaks(image, (1, 1)) != peaks(image, (2, 2))


@QUICK
@given(IMAGES, st.integers(0, 2**32 - 1))
def test_flips_change_nothing_and_the_global_peak_is_the_larger(image, seed):
    region = np.ma.MaskedArray(image, np.random.default_rng(seed).random(image.shape) < 0.4)
    region.mask.flat[-1] = False
    spacing = (3.0,) * image.ndim
    expected = peaks(region, spacing)
    assert image.max() >= expected[0] >= expected[1] >= image.min()
    assert peaks(region.T, spacing) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    for axis in range(image.ndim):
        flipped = np.ma.MaskedArray(np.flip(image, axis), np.flip(region.mask, axis))
        assert peaks(flipped, spacing) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (3, 4, 5)])
@pytest.mark.parametrize("value", [-1000, 0.1, 7])
def test_of_a_flat_image_it_is_the_value(shape, value):
    assert peaks(np.full(shape, value)) == pytest.approx((value, value), rel=1e-12)


def test_one_pixel_and_a_region_at_the_border(photographs):
    image = photographs["camera"]
    for place in [(0, 0), (0, 40), (63, 79), (30, 30)]:
        outside = np.ones(image.shape, dtype=bool)
        outside[place] = False
        region = np.ma.MaskedArray(image, outside)
        globally, locally = peaks(region)
        assert globally == locally == pytest.approx(plainly(region, (1, 1))[0], rel=1e-12)


def test_what_is_beneath_the_mask_counts_if_it_is_finite():
    image = np.full((3, 3), 2.0)
    outside = np.ones((3, 3), dtype=bool)
    outside[1, 1] = False
    assert peaks(np.ma.MaskedArray(image, outside), (5, 5)) == (2, 2)
    image[0, 1] = 12
    assert peaks(np.ma.MaskedArray(image, outside), (5, 5)) == (4, 4)
    image[0, 1], image[1, 0] = np.nan, -np.inf
    assert peaks(np.ma.MaskedArray(image, outside), (5, 5)) == (2, 2)


def test_radiomics_looks_around_the_region_that_remains(volumes):
    """Voxels left out by their values are still around others; the grid is that of the new spacing."""
    volume = volumes["masked volume"].astype(float)
    one = {"families": ["local_intensity"], "spacing": (3, 2, 2)}
    limit = float(np.ma.median(volume))
    cut = Radiomics(resegment_range=(None, limit), **one).fit_transform([volume])[0]
    region = np.ma.MaskedArray(volume.data, volume.mask | (volume.data > limit))
    assert tuple(cut) == peaks(region, (3, 2, 2))
    coarse = Radiomics(new_spacing=(3, 4, 4), interpolation="nearest", **one).fit_transform([volume])[0]
    assert tuple(coarse) != tuple(Radiomics(**one).fit_transform([volume])[0])
    assert tuple(Radiomics(**one).fit_transform([volume])[0]) == peaks(volume, (3, 2, 2))


@pytest.mark.parametrize("spacing", [(1,), (0, 1), (1, -2), (1, np.inf), (1, 1, 1, 1), ("a", "b")])
def test_bad_spacings_are_refused(spacing):
    with pytest.raises(ValueError, match="The 'spacing' parameter must be 2 or 3 positive numbers, in mm"):
        LocalIntensity(spacing=spacing).fit([np.eye(3)])


def test_a_spacing_of_other_axes_is_refused():
    with pytest.raises(ValueError, match=r"spacing=\(1, 1, 1\) does not fit an image of 2 axes"):
        LocalIntensity(spacing=(1, 1, 1)).fit_transform([np.eye(3)])
