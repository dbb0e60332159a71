"""LBP against scikit-image and hand-made patterns."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from feature_extractors.lbp import LBP

BITS = "lbp_radius1_"


def texture(shape=(24, 27), high=256):
    return np.random.default_rng(3).integers(0, high, shape)


def features(image, **parameters):
    extractor = LBP(**parameters).fit([image])
    return dict(zip(extractor.get_feature_names_out(), extractor.transform([image])[0], strict=True))


def present(image, **parameters):
    return {name.removeprefix(BITS): value for name, value in features(image, **parameters).items() if value}


def neighbours(*bright, centre=5):
    """A 3×3 image whose neighbours at the given points (0: right, counter-clockwise) are brighter."""
    image = np.zeros((3, 3), dtype=int)
    ring = [(1, 2), (0, 2), (0, 1), (0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]
    for point in bright:
        image[ring[point]] = 100
    image[1, 1] = centre
    return image


@pytest.mark.parametrize(("n_points", "radius"), [(8, 1), (12, 1.5), (16, 2), (8, 3)])
@pytest.mark.parametrize(
    ("method", "n_codes"), [("uniform", lambda p: p + 2), ("nri_uniform", lambda p: p * (p - 1) + 3)]
)
def test_histogram_is_that_of_scikit_image_inside(n_points, radius, method, n_codes):
    image, margin = texture(), int(np.ceil(radius))
    codes = local_binary_pattern(image, n_points, radius, method)[margin:-margin, margin:-margin].astype(int)
    counts = np.bincount(codes.ravel(), minlength=n_codes(n_points))
    values = list(features(image, n_points=n_points, radii=radius, method=method).values())
    np.testing.assert_allclose(values, counts / codes.size, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["default", "ror"])
def test_names_of_patterns_are_their_bits(method):
    image = texture()
    codes = local_binary_pattern(image, 8, 1, method)[1:-1, 1:-1].astype(int)
    kind = {"default": "pattern", "ror": "rotated"}[method]
    for name, value in features(image, method=method).items():
        code = int(name.removeprefix(f"{BITS}{kind}_")[::-1], 2)
        assert value == pytest.approx((codes == code).mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("method", "number"), [("default", 256), ("ror", 36), ("uniform", 10), ("nri_uniform", 59)]
)
def test_numbers_of_patterns_of_eight_points(method, number):
    assert len(features(texture(), method=method)) == number


@pytest.mark.parametrize(
    ("bright", "uniform", "variant", "pattern", "rotated"),
    [
        ((), "0of8", "0of8", "00000000", "00000000"),
        ((0,), "1of8", "1of8_from0", "10000000", "10000000"),
        ((2, 3, 4), "3of8", "3of8_from2", "00111000", "11100000"),
        ((7, 0, 1), "3of8", "3of8_from7", "11000001", "11100000"),
        ((1, 2, 3, 4, 5, 6, 7), "7of8", "7of8_from1", "01111111", "11111110"),
        (tuple(range(8)), "8of8", "8of8", "11111111", "11111111"),
        ((0, 4), None, None, "10001000", "10001000"),
    ],
)
def test_names_of_hand_made_patterns(bright, uniform, variant, pattern, rotated):
    # points between the axes are interpolated: 0.5 of the corner, 0.207 of each side, 0.086 of the centre;
    # with the centre at 45 a bright corner alone makes its point 54, and two bright sides make theirs 45.3
    image = neighbours(*bright, centre=45)
    assert present(image) == {"nonuniform" if uniform is None else f"uniform_{uniform}": 1}
    assert present(image, method="nri_uniform") == {
        "nonuniform" if variant is None else f"uniform_{variant}": 1
    }
    assert present(image, method="default") == {f"pattern_{pattern}": 1}
    assert present(image, method="ror") == {f"rotated_{rotated}": 1}


def test_several_radii_are_put_one_after_the_other():
    image = texture()
    both = features(image, n_points=[8, 16], radii=[1, 2.5])
    assert both == features(image) | features(image, n_points=16, radii=2.5)
    assert list(both)[-1] == "lbp_radius2.5_nonuniform"
    assert features(image, radii=(1, 2)) == features(image) | features(image, radii=2)


def test_blocks_are_histograms_of_parts_of_the_image():
    image = texture((20, 30))
    codes = local_binary_pattern(image, 8, 1, "uniform").astype(int)
    values = features(image, blocks=[1, 2])
    for block, part in enumerate((codes[1:19, 1:15], codes[1:19, 15:29])):
        shares = [values[f"lbp_radius1_block_0_{block}_uniform_{ones}of8"] for ones in range(9)]
        np.testing.assert_allclose(
            shares, np.bincount(part.ravel(), minlength=10)[:9] / part.size, atol=1e-12
        )


@pytest.mark.parametrize(("n_points", "radius"), [(8, 1), (12, 1.5)])
def test_pixels_count_whose_circle_is_in_the_region(n_points, radius):
    image = texture()
    outside = np.ones(image.shape, dtype=bool)
    outside[5:17, 6:20] = False
    whole = features(image[5:17, 6:20], n_points=n_points, radii=radius)
    assert features(np.ma.array(image, mask=outside), n_points=n_points, radii=radius) == whole


def test_images_with_fractions_are_rounded_to_16_bits():
    image = texture(high=4)  # rounding errors would break the many ties
    assert features(image / 255 + 0.1) == features(image * 21845)  # 3 * 21,845 = 65,535


@pytest.mark.parametrize("radius", [1, 4.5, 900])
def test_image_smaller_than_the_circle_is_refused(radius):
    with pytest.raises(ValueError, match=f"circle of radius {radius} .* 2×9 pixels has none"):
        LBP(radii=radius).fit_transform([np.ones((2, 9))])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("radii", value)
        for value in (0, -1, np.inf, np.nan, 1000, "1", None, [], [1, 0], [1, "2"], [True], [1, 1.0])
    ]
    + [("n_points", value) for value in (2, 25, 8.5, None, [], [8, 2], [8, 16])]
    + [("method", "var"), ("method", None), ("blocks", 0), ("blocks", [1, 2, 3])],
)
def test_bad_parameters_are_named(name, value):
    with pytest.raises((ValueError, TypeError), match=f"'{name}' parameter"):
        LBP(**{name: value}).check_parameters()


def test_all_patterns_of_many_points_are_refused():
    with pytest.raises(ValueError, match=r"'n_points' parameter .* 3 to 16 with method 'default'"):
        LBP(n_points=24, method="default").check_parameters()
