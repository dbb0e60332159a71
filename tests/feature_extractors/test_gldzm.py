"""Distance-zone features by hand; the consensus of IBSI is in tests/conformance."""

import numpy as np
import pytest

from feature_extractors.gldzm import GLDZM


def features_of(image, **parameters):
    extractor = GLDZM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("gldzm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    """A ring of 1 around a ring of 2 around a 1: zones of levels 1, 2, 1 at distances 1, 2, 3."""
    image = np.pad(np.pad(np.array([[1]]), 1, constant_values=2), 1, constant_values=1)
    assert features_of(image, levels=None) == pytest.approx(
        {
            "gray_level_non_uniformity": 5 / 3,
            "gray_level_non_uniformity_normalized": 5 / 9,
            "gray_level_variance": 2 / 9,
            "high_gray_level_zone_emphasis": 6 / 3,
            "large_distance_emphasis": (1 + 4 + 9) / 3,
            "large_distance_high_gray_level_emphasis": (1 + 16 + 9) / 3,
            "large_distance_low_gray_level_emphasis": (1 + 1 + 9) / 3,
            "low_gray_level_zone_emphasis": (1 + 1 / 4 + 1) / 3,
            "small_distance_emphasis": (1 + 1 / 4 + 1 / 9) / 3,
            "small_distance_high_gray_level_emphasis": (1 + 1 + 1 / 9) / 3,
            "small_distance_low_gray_level_emphasis": (1 + 1 / 16 + 1 / 9) / 3,
            "zone_distance_entropy": np.log2(3),
            "zone_distance_non_uniformity": 1,
            "zone_distance_non_uniformity_normalized": 1 / 3,
            "zone_distance_variance": 2 / 3,
            "zone_percentage": 3 / 25,
        }
    )


def test_a_hole_is_a_border():
    image = np.ma.MaskedArray(np.ones((5, 5)), np.arange(25).reshape(5, 5) == 12)
    assert features_of(image, levels=1)["large_distance_emphasis"] == 1
    whole = features_of(np.ones((5, 5)), levels=1)
    assert whole["large_distance_emphasis"] == 1  # one zone, which reaches the border of the image


def test_in_a_volume_slices_are_borders_too():
    volume = np.ones((1, 5, 5))
    volume[0, 2, 2] = 2
    assert features_of(volume, levels=None)["large_distance_emphasis"] == 1
    assert features_of(volume, levels=None, slices="merge")["large_distance_emphasis"] == (1 + 9) / 2


def test_steps_go_through_sides_and_not_through_corners():
    """A diamond of 13 pixels: from its centre it is 3 steps to the outside, though a corner is nearer."""
    y, x = np.ogrid[-3:4, -3:4]
    diamond = np.ma.MaskedArray(np.ones((7, 7)), abs(y) + abs(x) > 2)
    diamond[3, 3] = 2
    assert features_of(diamond, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 9) / 2
    square = np.ma.MaskedArray(np.ones((7, 7)), (abs(y) > 2) | (abs(x) > 2))
    square[3, 3] = 2
    assert features_of(square, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 9) / 2
    square[1, 1] = np.ma.masked  # two steps from the centre by a corner, four by sides
    assert features_of(square, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 9) / 2
    square[3, 1] = np.ma.masked  # two steps from the centre
    assert features_of(square, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 4) / 2


def test_a_zone_is_as_far_as_its_nearest_pixel():
    image = np.ones((7, 7))
    image[3, 1:6] = 2  # a bar whose ends are at distance 2, its centre at 4
    assert features_of(image, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 4) / 2
    image[3, 0] = 2
    assert features_of(image, levels=None)["large_distance_high_gray_level_emphasis"] == (1 + 4 * 1) / 2


def test_volumes_by_hand():
    """A cube in a cube in a cube, at distances 3, 2 and 1; by slices it is as far as in each of them."""
    cube = np.pad(np.pad(np.array([[[3]]]), 1, constant_values=2), 1, constant_values=1)
    joined = features_of(cube, levels=None)
    assert joined["large_distance_emphasis"] == pytest.approx((1 + 4 + 9) / 3)
    assert joined["zone_percentage"] == 3 / 125
    assert joined["zone_distance_entropy"] == pytest.approx(np.log2(3))
    # slices: 1; rings 1 and 2 (distances 1, 2); rings 1, 2 and 3 (1, 2, 3); rings 1 and 2; 1
    merged = features_of(cube, levels=None, slices="merge")
    assert merged["large_distance_emphasis"] == pytest.approx((5 * 1 + 3 * 4 + 9) / 9)
    assert merged["zone_percentage"] == 9 / 125
    averaged = features_of(cube, levels=None, slices="average")
    assert averaged["large_distance_emphasis"] == pytest.approx((1 + 5 / 2 + 14 / 3 + 5 / 2 + 1) / 5)


@pytest.mark.parametrize("parameters", [{}, {"standard": "ibsi"}, {"bin_width": 0.5}])
@pytest.mark.parametrize("image", [np.full((1, 1), 8.0), np.full((2, 9), 3.3), np.full((3, 3, 3), 7)])
def test_a_flat_region_is_one_zone_at_the_border(image, parameters):
    features = features_of(image, **parameters)
    ones = ["small_distance_emphasis", "large_distance_emphasis", "gray_level_non_uniformity_normalized"]
    assert [features[name] for name in ones] == [1, 1, 1]
    zeros = ["zone_distance_entropy", "zone_distance_variance", "gray_level_variance"]
    assert [features[name] for name in zeros] == pytest.approx([0, 0, 0], abs=1e-15)
    assert features["zone_percentage"] == pytest.approx(1 / image.size)


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="GLDZM takes at most 4096 gray levels, and 4097 occur"):
        GLDZM(bin_width=1).fit_transform([levels])
    assert np.isfinite(GLDZM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize(
    "parameters", [{"levels": 0}, {"bin_width": "wide"}, {"slices": "all"}, {"standard": 1}]
)
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GLDZM must be"):
        GLDZM(**parameters).fit([np.eye(3)])
