"""Range, outliers, scale and grid: computed by hand, and as pyradiomics does it."""

import numpy as np
import pytest

from docs.conformance_checks import REFERENCE
from docs.conformance_pyradiomics import IMAGES
from feature_extractors._radiomics.region import normalized, resampled, resegmented, without_outliers

RAMP = np.arange(12.0).reshape(3, 4)


def inside(image):
    return (~np.ma.getmaskarray(image)).astype(int).tolist()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (2, 4, [0, 0, 1, 1, 1, 0]),
        (None, 2, [1, 1, 1, 0, 0, 0]),
        (4, None, [0, 0, 0, 0, 1, 1]),
        (2.5, 3.5, [0, 0, 0, 1, 0, 0]),
        (None, None, [1, 1, 1, 1, 1, 1]),
    ],
)
def test_a_range_is_closed(low, high, expected):
    assert inside(resegmented(np.arange(6), low, high)) == expected


def test_a_range_takes_from_the_region_and_never_adds():
    image = np.ma.MaskedArray([1, 2, 3, 4], [True, False, False, True])
    assert inside(resegmented(image, 1, 2)) == [0, 1, 0, 0]
    assert image.mask.tolist() == [True, False, False, True]


def test_nan_lies_outside_any_range():
    assert inside(resegmented(np.array([np.nan, 1.0]), 0, None)) == [0, 1]


@pytest.mark.parametrize("take", [lambda x: resegmented(x, 10, 20), lambda x: without_outliers(x, 0.5)])
def test_an_empty_rest_is_an_error(take):
    with pytest.raises(ValueError, match="No pixel of the region"):
        take(np.array([0.0, 4.0]))


def test_outliers_by_hand():
    """Of 0 (8 times) and ±6: mean 0, variance 72 / 10."""
    image = np.array([0, 0, 0, 0, 0, 0, 0, 0, -6, 6])
    sigma = np.sqrt(7.2)
    assert inside(without_outliers(image, 6 / sigma - 1e-9)) == [1] * 8 + [0, 0]
    assert inside(without_outliers(image, 6 / sigma + 1e-9)) == [1] * 10


def test_outliers_of_the_region_alone():
    image = np.ma.MaskedArray([0, 1, 0, 1, 1000], [False] * 4 + [True])
    assert inside(without_outliers(image, 1.0)) == [1, 1, 1, 1, 0]


def test_a_flat_region_has_no_outliers():
    assert inside(without_outliers(np.full(3, 0.1), 1e-9)) == [1, 1, 1]


def test_normalized_by_hand():
    """Mean 4, and squares of differences 4 + 0 + 4 over N - 1 = 2."""
    assert normalized(np.array([2, 4, 6])).tolist() == [-1.0, 0.0, 1.0]
    assert normalized(np.array([2, 4, 6]), 10, outliers=0.5).tolist() == [-5.0, 0.0, 5.0]


def test_normalized_by_the_region():
    image = np.ma.MaskedArray([2, 4, 6, 99], [False, False, False, True])
    assert normalized(image).compressed().tolist() == [-1.0, 0.0, 1.0]


def test_a_flat_region_cannot_be_normalized():
    with pytest.raises(ValueError, match="flat"):
        normalized(np.ones(3))


@pytest.mark.parametrize(
    ("new_spacing", "order", "expected"),
    [
        ((1, 1), 1, RAMP),
        ((0, 2), 1, [[0.5, 2.5], [4.5, 6.5], [8.5, 10.5]]),
        ((0, 4), 1, [[1.5], [5.5], [9.5]]),
        ((3, 1), 1, [[4, 5, 6, 7]]),
        ((3, 0.8), 1, [[4, 4.7, 5.5, 6.3, 7]]),  # columns at -0.1, 0.7, ..., 3.1: the ends go on as they are
        ((2, 1), 1, [[0, 1, 2, 3], [8, 9, 10, 11]]),  # 3 mm hold ceil(1.5) rows, at 0 and 2
    ],
)
def test_resampled_by_hand(new_spacing, order, expected):
    made = resampled(RAMP, (1, 1), new_spacing, order)
    np.testing.assert_allclose(made.data, expected, rtol=0, atol=1e-12)
    assert not made.mask.any()


def test_a_cubic_spline_keeps_a_cubic_polynomial():
    """Away from the ends, where the values go on as they are."""
    places = np.arange(60.0)
    made = resampled(places**3 / 1000, (1.0,), (0.5,), 3)
    new = (np.arange(120) - 59.5) / 2 + 29.5
    np.testing.assert_allclose(made.data[40:-40], new[40:-40] ** 3 / 1000, rtol=1e-9)


def test_half_of_a_pixel_is_inside():
    """Columns at 0.5 and 2.5: the second is half covered, by the last pixel but one."""
    image = np.ma.MaskedArray(np.zeros((1, 4)), [[True, True, False, True]])
    assert inside(resampled(image, (1, 1), (0, 2))) == [[0, 1]]


def test_the_grid_of_pyradiomics():
    """Centres at 1 and 4 (the corners coincide); the second lies beyond the image: 0, and outside."""
    made = resampled(np.array([[0.0, 4.0, 8.0, 12.0]]), (1, 1), (0, 3), standard="pyradiomics")
    assert made.data.tolist() == [[4.0, 0.0]]
    assert inside(made) == [[1, 0]]


def test_an_axis_with_one_pixel_of_the_region_stays_in_pyradiomics():
    mask = np.ones((3, 4), dtype=bool)
    mask[1] = False
    made = resampled(np.ma.MaskedArray(RAMP, mask), (1, 1), (2, 2), standard="pyradiomics")
    assert made.shape == (3, 2)


@pytest.mark.parametrize("spacings", [((1,), (1, 1)), ((1, 1), (1,)), ((1, 0), (1, 1)), ((1, 1), (1, -1))])
def test_spacings_that_do_not_fit(spacings):
    with pytest.raises(ValueError, match="must be one positive number for each of 2 axes"):
        resampled(RAMP, *spacings)


def test_an_unknown_grid():
    with pytest.raises(ValueError, match="standard='itk' is neither"):
        resampled(RAMP, (1, 1), (2, 2), standard="itk")


@pytest.fixture(params=IMAGES)
def volume(request):
    """A volume of pyradiomics: library, image, mask, and both as arrays with the spacing."""
    if not REFERENCE.is_dir():
        pytest.skip("the references of ../shared/data are not here")
    library = pytest.importorskip(
        "radiomics.imageoperations", reason="pyradiomics 3.0.1 builds on Python 3.11 only"
    )
    sitk = library.sitk
    parts = [
        sitk.ReadImage(str(REFERENCE / "pyradiomics" / f"{request.param}_{part}.nrrd"))
        for part in ("image", "label")
    ]
    image, mask = parts[0], sitk.Cast(parts[1], sitk.sitkUInt32)
    array = np.ma.MaskedArray(sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(mask) != 1)
    return library, image, mask, array, image.GetSpacing()[::-1]


def test_scale_and_range_of_pyradiomics(volume):
    library, image, mask, array, _ = volume
    as_array = library.sitk.GetArrayFromImage
    theirs = as_array(library.normalizeImage(image, normalizeScale=100))
    np.testing.assert_allclose(normalized(array.data, 100), theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())
    for settings, ours in (
        ({"resegmentRange": [100, 500]}, resegmented(array, 100, 500)),
        ({"resegmentRange": [-1, 1], "resegmentMode": "sigma"}, without_outliers(array, 1)),
        ({"resegmentRange": [0.5], "resegmentMode": "relative"}, resegmented(array, 0.5 * array.max())),
    ):
        assert (as_array(library.resegmentMask(image, mask, **settings)) == inside(ours)).all()


@pytest.mark.parametrize("new_spacing", [(2, 2, 2), (0.5, 0.9, 3), (0, 1, 1)])
@pytest.mark.parametrize(("interpolator", "order"), [("sitkBSpline", 3), ("sitkLinear", 1)])
def test_resampled_as_by_pyradiomics(volume, new_spacing, interpolator, order):
    """To 1e-11 of a gray value: not even the interpolation needs SimpleITK."""
    library, image, mask, array, spacing = volume
    sitk = library.sitk
    image = sitk.Cast(image, sitk.sitkFloat64)
    settings = {"resampledPixelSpacing": new_spacing[::-1], "interpolator": interpolator}
    pair = library.resampleImage(image, mask, **settings)
    pair = library.cropToTumorMask(*pair, library.checkMask(*pair)[0])
    theirs, their_mask = map(sitk.GetArrayFromImage, pair)
    ours = resampled(array, spacing, new_spacing, order, standard="pyradiomics")
    box = tuple(slice(place.min(), place.max() + 1) for place in np.nonzero(~ours.mask))
    assert (inside(ours[box]) == their_mask).all()
    region = their_mask == 1
    np.testing.assert_allclose(ours.data[box][region], theirs[region], rtol=0, atol=1e-10)
