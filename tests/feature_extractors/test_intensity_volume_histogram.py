"""Intensity-volume histograms: by hand, and by loops over the steps (consensus: tests/conformance)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors.intensity_volume_histogram import IntensityVolumeHistogram
from feature_extractors.radiomics import Radiomics

QUICK = settings(max_examples=80, deadline=None, derandomize=True)
SHAPES = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)),
)
WHOLE = arrays(np.int64, SHAPES, elements=st.integers(-60, 60))


def features_of(image, extractor=None, **parameters):
    extractor = IntensityVolumeHistogram(**parameters) if extractor is None else extractor
    row = extractor.fit_transform([image])[0]
    names = [n.removeprefix("intensity_volume_histogram_") for n in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def as_radiomics(**parameters):
    renamed = {f"ivh_{n}" if n in ("levels", "bin_width") else n: v for n, v in parameters.items()}
    return Radiomics(families=["intensity_volume_histogram"], levels=None, **renamed)


def plainly(values, first, number, step=Fraction(1)):
    """Features of exact intensities, by a walk over the steps ``first + k · step``."""
    intensities = [first + k * step for k in range(number)]
    share = [
        Fraction(sum(v >= i for v in values), len(values)) for i in [*intensities, intensities[-1] + step]
    ]

    def volume(part):
        return next(v for k, v in enumerate(share) if k >= part * (number - 1))

    def intensity(part):
        return first + next(k for k, v in enumerate(share) if v <= part) * step

    volumes = [volume(Fraction(k, 10)) for k in (1, 9)]
    found = [intensity(Fraction(k, 10)) for k in (1, 9)]
    return {
        "intensity_at_volume_fraction_10": float(found[0]),
        "intensity_at_volume_fraction_90": float(found[1]),
        "intensity_difference": float(found[0] - found[1]),
        "volume_at_intensity_fraction_10": float(volumes[0]),
        "volume_at_intensity_fraction_90": float(volumes[1]),
        "volume_difference": float(volumes[0] - volumes[1]),
    }


def test_values_by_hand():
    """Twenty whole numbers from -10 to 30: a tenth of the way is -6, nine tenths are 26."""
    values = [-10, -7, -6, *range(14), 25, 26, 30]
    image = np.ma.MaskedArray([*values, 1e9], [0] * 20 + [1]).reshape(3, 7)
    assert features_of(image, levels=None) == pytest.approx(
        {
            "intensity_at_volume_fraction_10": 26,  # two of twenty
            "intensity_at_volume_fraction_90": -6,  # eighteen
            "intensity_difference": 32,
            "volume_at_intensity_fraction_10": 18 / 20,
            "volume_at_intensity_fraction_90": 2 / 20,
            "volume_difference": 16 / 20,
        }
    )


def test_steps_of_a_width_by_hand():
    """Steps of 0.5 from 1: the centres 1.25, 1.75 … 3.25, and a tenth of the way is 1.45."""
    image = np.array([[1.0, 1.4, 1.5, 2.9, 3.0]])
    assert features_of(image, bin_width=0.5) == pytest.approx(
        {
            "intensity_at_volume_fraction_10": 3.75,  # the last step holds a fifth
            "intensity_at_volume_fraction_90": 1.75,
            "intensity_difference": 2,
            "volume_at_intensity_fraction_10": 3 / 5,
            "volume_at_intensity_fraction_90": 1 / 5,
            "volume_difference": 2 / 5,
        }
    )


def test_a_number_of_steps_by_hand():
    """Of 11 steps from 0 to 110, those of 0, 9, 10, 50, 98, 99, 110 are 1, 1, 2, 6, 10, 10, 11."""
    image = np.array([[0, 9, 10, 50, 98, 99, 110]])
    assert features_of(image, levels=11) == pytest.approx(
        {
            "intensity_at_volume_fraction_10": 12,
            "intensity_at_volume_fraction_90": 2,
            "intensity_difference": 10,
            "volume_at_intensity_fraction_10": 5 / 7,
            "volume_at_intensity_fraction_90": 3 / 7,
            "volume_difference": 2 / 7,
        }
    )


@QUICK
@given(WHOLE)
def test_whole_numbers_are_those_of_plain_loops(image):
    values = image.ravel().tolist()
    expected = plainly(values, min(values), max(values) - min(values) + 1)
    assert features_of(image, levels=None) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@QUICK
@given(WHOLE, st.sampled_from([1, 2, 7, 70, 1000]))
def test_a_number_of_steps_is_that_of_plain_loops(image, levels):
    values = image.ravel().tolist()
    low, high = min(values), max(values)
    if low == high:
        steps = [levels // 2 + 1] * len(values)
    else:
        steps = [min(levels * (v - low) // (high - low), levels - 1) + 1 for v in values]
    expected = plainly(steps, 1, levels)
    assert features_of(image, levels=levels) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@QUICK
@given(WHOLE, st.sampled_from([0.25, 1.0, 5.0, 32.0, 500.0]))
def test_steps_of_a_width_are_those_of_plain_loops(image, width):
    values, exact = image.ravel().tolist(), Fraction(width)
    low, high = min(values), max(values)
    centres = [low + ((v - low) // exact + Fraction(1, 2)) * exact for v in values]
    expected = plainly(centres, low + exact / 2, (high - low) // exact + 1, exact)
    assert features_of(image, bin_width=width) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@QUICK
@given(WHOLE, st.integers(-80, 0), st.integers(1, 80), st.sampled_from([None, 2.5]))
def test_with_resegmentation_steps_are_those_of_its_range(image, low, high, width):
    values = [v for v in image.ravel().tolist() if low <= v <= high]
    extractor = as_radiomics(levels=None, bin_width=width, resegment_range=(low, high))
    if not values:
        with pytest.raises(ValueError, match="No pixel of the region"):
            features_of(image, extractor)
        return
    expected = plainly(values, low, high - low + 1)
    if width is not None:
        step = Fraction(width)
        centres = [low + ((v - low) // step + Fraction(1, 2)) * step for v in values]
        expected = plainly(centres, low + step / 2, (high - low) // step + 1, step)
    assert features_of(image, extractor) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("limits", [(-500.5, None), (None, 400.5), (-500.5, 400.5)])
def test_bounds_between_whole_numbers(limits):
    image = np.arange(-300, 301).reshape(1, -1)
    low, high = (-500 if limits[0] else -300), (400 if limits[1] else 300)
    found = features_of(image, as_radiomics(levels=None, resegment_range=limits))
    assert found == pytest.approx(plainly(image.ravel().tolist(), low, high - low + 1), rel=1e-12)


def test_filtered_images_have_the_range_of_their_region():
    image = np.arange(-40, 40).reshape(8, 10)
    cut = Radiomics(["square"], ["intensity_volume_histogram"], ivh_bin_width=1, resegment_range=(-30, 30))
    made = cut.fit_transform([image])[0]
    filters = Radiomics(["square"], ["intensity_volume_histogram"], ivh_bin_width=1)
    inside = np.ma.MaskedArray(image, abs(image + 0.0) > 30)
    np.testing.assert_array_equal(made, filters.fit_transform([inside])[0])


@pytest.mark.parametrize("parameters", [{}, {"levels": None}, {"bin_width": 4.5}, {"levels": 100}])
def test_radiomics_has_the_same(photographs, volumes, parameters):
    images = [photographs["grass"], photographs["brick, masked"], volumes["masked volume"]]
    alone = IntensityVolumeHistogram(**parameters).fit_transform(images)
    np.testing.assert_array_equal(alone, as_radiomics(**parameters).fit_transform(images))
    np.testing.assert_array_equal(
        alone, [IntensityVolumeHistogram(**parameters).fit_transform([image])[0] for image in images]
    )


@QUICK
@given(WHOLE, st.integers(-500, 500))
def test_an_added_constant_moves_the_intensities_alone(image, constant):
    plain, moved = features_of(image, levels=None), features_of(image + constant, levels=None)
    at = {name for name in plain if name.startswith("intensity_at")}
    assert {name: moved[name] - constant * (name in at) for name in moved} == plain
    assert features_of(image, levels=50) == features_of(image + constant, levels=50)


@pytest.mark.parametrize("image", [np.full((5, 6), 4), np.full((1, 1), -7), np.full((2, 3, 4), 0)])
def test_flat_regions_and_one_pixel(image):
    value = float(image.flat[0])
    whole = {"intensity_at_volume_fraction_10": value + 1, "intensity_at_volume_fraction_90": value + 1}
    rest = {"intensity_difference": 0, "volume_difference": 0}
    full = {"volume_at_intensity_fraction_10": 1, "volume_at_intensity_fraction_90": 1}
    assert features_of(image, levels=None) == whole | rest | full
    centre = {name: value + 1.5 for name in whole}  # of steps of 1, the second
    assert features_of(image, bin_width=1) == centre | rest | full
    middle = {"volume_at_intensity_fraction_90": 0, "volume_difference": 1}
    assert features_of(image) == {name: 502 for name in whole} | rest | full | middle


def test_mistakes_are_said():
    with pytest.raises(ValueError, match="takes whole numbers, and these are not; give one of the two"):
        features_of(np.array([[0.5, 1.0]]), levels=None)
    message = "from 0 to 1 has more than 65533 steps of 1e-06; choose a larger bin width, or levels"
    with pytest.raises(ValueError, match=message):
        features_of(np.eye(3), bin_width=1e-6)
    with pytest.raises(ValueError, match="from 0 to 100000 has more than 65533 steps of 1;"):
        features_of(np.eye(3) * 1e5, levels=None)


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"levels": 2.5}, {"bin_width": "5"}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of IntensityVolumeHistogram must be"):
        IntensityVolumeHistogram(**parameters).fit([np.eye(3)])
