"""DWT by hand for Haar, against PyWavelets called directly, and on regions."""

from __future__ import annotations

import numpy as np
import pytest
import pywt
from scipy.stats import entropy

from feature_extractors._dwt_kernel import split
from feature_extractors.dwt import DWT


def texture(shape=(48, 56)):
    return np.random.default_rng(5).integers(0, 256, shape)


def features(image, **parameters):
    extractor = DWT(**parameters).fit([image])
    return dict(zip(extractor.get_feature_names_out(), extractor.transform([image])[0], strict=True))


def of_band(values, band):
    return [values[f"dwt_{band}_{name}"] for name in ("mean", "standard_deviation", "energy", "entropy")]


def test_haar_by_hand():
    # two 2×2 squares [a b; c d]: approximation (a+b+c+d)/2, horizontal (a+b-c-d)/2,
    # vertical (a-b+c-d)/2, diagonal (a-b-c+d)/2
    image = np.array([[1, 3, 8, 8], [5, 7, 8, 0]])
    values = features(image, wavelet="haar", levels=1)
    assert of_band(values, "level1_approximation") == pytest.approx([10, 2, 104, _entropy(64, 144)])
    assert of_band(values, "level1_horizontal") == pytest.approx([0, 4, 16, 1])  # -4, 4
    assert of_band(values, "level1_vertical") == pytest.approx([1, 3, 10, _entropy(4, 16)])  # -2, 4
    assert of_band(values, "level1_diagonal") == pytest.approx([-2, 2, 8, 0])  # 0, -4


def _entropy(*energies):
    return entropy(energies) / np.log(len(energies))


@pytest.mark.parametrize(
    ("wavelet", "levels"), [("db2", 3), ("haar", 5), ("sym5", 2), ("bior2.2", 3), ("coif1", 3), ("dmey", 0)]
)
def test_statistics_of_pywavelets_sub_bands(wavelet, levels):
    image = texture((130, 141))
    levels = levels or 1
    values = features(image, wavelet=wavelet, levels=levels)
    approximation, *details = pywt.wavedec2(image.astype(float), wavelet, level=levels)
    bands = {f"level{levels}_approximation": approximation}
    for level, three in zip(range(levels, 0, -1), details, strict=True):
        names = [f"level{level}_{name}" for name in ("horizontal", "vertical", "diagonal")]
        bands |= dict(zip(names, three, strict=True))
    assert len(values) == 4 * len(bands)
    for band, c in bands.items():
        spread = entropy(np.square(c).ravel()) / np.log(c.size)
        assert of_band(values, band) == pytest.approx(
            [c.mean(), c.std(), np.square(c).mean(), spread], rel=1e-9
        )


@pytest.mark.parametrize("wavelet", ["haar", "db2", "db7", "sym4", "bior3.1", "coif2", "dmey"])
@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (7, 1), (16, 31), (40, 23)])
def test_one_level_is_that_of_pywavelets(wavelet, shape):
    image = np.random.default_rng(3).normal(size=shape)
    filters = pywt.Wavelet(wavelet)
    approximation, details = split(image, np.array(filters.dec_lo), np.array(filters.dec_hi))
    expected, of_details = pywt.dwt2(image, wavelet, mode="symmetric")
    for ours, theirs in zip((approximation, *details), (expected, *of_details), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)


def test_horizontal_details_are_of_horizontal_edges():
    values = features(np.repeat(texture((48, 1)), 48, axis=1))
    assert values["dwt_level1_horizontal_energy"] > 100
    assert of_band(values, "level1_vertical") == [0, 0, 0, 0]
    assert of_band(values, "level1_diagonal") == [0, 0, 0, 0]


@pytest.mark.parametrize("wavelet", ["haar", "db2", "sym7", "bior4.4"])
@pytest.mark.parametrize("gray", [0.1, 255, -1000])
def test_details_of_a_flat_image_are_0_and_not_rounding_errors(wavelet, gray):
    values = features(np.full((120, 120), gray), wavelet=wavelet, levels=3)
    assert {value for name, value in values.items() if "approximation" not in name} == {0.0}
    assert values["dwt_level3_approximation_mean"] == pytest.approx(8 * gray)
    assert values["dwt_level3_approximation_entropy"] == pytest.approx(1)


def test_values_do_not_grow_with_the_size_of_the_image():
    image = texture((64, 64))
    once, twice = features(image, wavelet="haar"), features(np.tile(image, (2, 2)), wavelet="haar")
    for name, value in once.items():
        if not name.endswith("entropy"):
            assert twice[name] == pytest.approx(value), name
        else:
            assert twice[name] == pytest.approx(value, abs=0.06), name


def test_region_of_whole_haar_squares_counts_their_coefficients():
    image = texture((32, 48))
    outside = np.ones(image.shape, dtype=bool)
    outside[8:24, 16:40] = False
    inside = features(image[8:24, 16:40], wavelet="haar")
    assert features(np.ma.array(image, mask=outside), wavelet="haar") == pytest.approx(inside)


def test_coefficients_are_placed_at_the_centre_of_their_filters():
    # a single bright pixel at (r, c) raises approximation coefficients around it: a small region there
    # sees them, a region elsewhere does not
    image = np.zeros((64, 64))
    image[40, 20] = 1
    rows, columns = np.ogrid[:64, :64]
    near = np.ma.array(image, mask=(abs(rows - 40) > 6) | (abs(columns - 20) > 6))
    far = np.ma.array(image, mask=(abs(rows - 20) > 6) | (abs(columns - 40) > 6))
    for wavelet, levels in [("haar", 2), ("db2", 2), ("db4", 2), ("sym5", 2)]:
        name = f"dwt_level{levels}_approximation_energy"
        assert features(near, wavelet=wavelet, levels=levels)[name] > 0
        assert features(far, wavelet=wavelet, levels=levels)[name] == 0


def test_outside_takes_the_nearest_value_inside():
    # stripes go on unchanged beyond a region that cuts across them, so nothing depends on the cut
    image = np.repeat(texture((48, 1)), 48, axis=1)
    cut = np.ma.array(image, mask=np.zeros(image.shape, dtype=bool))
    cut[:, 30:] = np.ma.masked
    expected = features(image)
    for name, value in features(cut).items():
        if not name.endswith("entropy"):  # fewer coefficients
            assert value == pytest.approx(expected[name]), name


@pytest.mark.parametrize(("shape", "levels"), [((23, 100), 3), ((100, 11), 2), ((1, 1), 1)])
def test_image_too_small_for_the_levels_is_refused(shape, levels):
    with pytest.raises(ValueError, match=f"{shape[0]}×{shape[1]}.*{3 * 2**levels} pixels"):
        DWT(levels=levels).fit_transform([np.ones(shape)])
    DWT(levels=levels).fit_transform([np.ones((3 * 2**levels, 3 * 2**levels))])  # without pywt's warning


def test_region_too_small_for_the_levels_is_refused():
    image = np.ma.array(np.ones((48, 48)), mask=True)
    image[3, 3] = 1
    with pytest.raises(ValueError, match="region of interest is too small for 3 levels of db2"):
        DWT().fit_transform([image])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"wavelet": "bd2"}, "'wavelet' parameter .* Did you mean 'db2'"),
        ({"wavelet": "mexh"}, "'wavelet' parameter"),  # continuous only
        ({"wavelet": 2}, "'wavelet' parameter"),
        ({"levels": 0}, "'levels' parameter"),
        ({"levels": 1.5}, "'levels' parameter"),
        ({"levels": None}, "'levels' parameter"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        DWT(**parameters).check_parameters()
