"""Zone features: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.glszm import GLSZM

CASES = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 8}, {"binCount": 8}),
    ({"levels": 100}, {"binCount": 100}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"bin_width": 2.3}, {"binWidth": 2.3}),
]

VOLUMES = [
    ({"levels": 16}, {"binCount": 16}),
    ({"levels": 300}, {"binCount": 300}),
    ({"bin_width": 7.5}, {"binWidth": 7.5}),
    ({"levels": 16, "slices": "merge"}, {"binCount": 16, "force2D": True}),
]


def features_of(image, **parameters):
    extractor = GLSZM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("glszm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    """Levels 1 1 2 over 2 1 2: the zones are P(1, 3) = P(2, 1) = P(2, 2) = 1."""
    assert features_of(np.array([[0, 0, 9], [9, 0, 9]]), levels=2) == pytest.approx(
        {
            "gray_level_non_uniformity": 5 / 3,
            "gray_level_non_uniformity_normalized": 5 / 9,
            "gray_level_variance": 2 / 9,
            "high_gray_level_zone_emphasis": 9 / 3,
            "large_area_emphasis": (9 + 1 + 4) / 3,
            "large_area_high_gray_level_emphasis": (9 + 4 + 16) / 3,
            "large_area_low_gray_level_emphasis": (9 + 1 / 4 + 1) / 3,
            "low_gray_level_zone_emphasis": (1 + 1 / 4 + 1 / 4) / 3,
            "size_zone_non_uniformity": 1,
            "size_zone_non_uniformity_normalized": 1 / 3,
            "small_area_emphasis": (1 / 9 + 1 + 1 / 4) / 3,
            "small_area_high_gray_level_emphasis": (1 / 9 + 4 + 1) / 3,
            "small_area_low_gray_level_emphasis": (1 / 9 + 1 / 4 + 1 / 16) / 3,
            "zone_entropy": np.log2(3),
            "zone_percentage": 3 / 6,
            "zone_variance": 2 / 3,
        }
    )


@pytest.mark.parametrize("shape", [(1, 1), (5, 6)])
def test_flat_region_is_one_zone(shape):
    size = shape[0] * shape[1]
    features = features_of(np.full(shape, 8), levels=4)  # of level 3, the middle bin
    assert features["high_gray_level_zone_emphasis"] == 9
    assert features["large_area_emphasis"] == size**2
    assert features["small_area_low_gray_level_emphasis"] == pytest.approx(1 / (9 * size**2))
    assert features["zone_percentage"] == pytest.approx(1 / size)
    assert features["zone_entropy"] == pytest.approx(0, abs=1e-15)
    assert features["zone_variance"] == features["gray_level_variance"] == 0


def test_large_zones():
    """Stripes of levels 1, 2, 1, 2 and so on; two of level 1 have 70 pixels, two of level 2 have 3."""
    sizes = np.array([70, 3, 64, 65, 70, 3, 1000, 70])
    row = np.repeat(np.arange(len(sizes)) % 2 + 1, sizes).reshape(1, -1)
    features = features_of(row, levels=None)
    large, small = (sizes**2.0), 1 / sizes**2.0
    levels = np.arange(len(sizes)) % 2 + 1
    assert features["zone_percentage"] == pytest.approx(8 / sizes.sum())
    assert features["large_area_emphasis"] == pytest.approx(large.mean())
    assert features["large_area_low_gray_level_emphasis"] == pytest.approx((large / levels**2).mean())
    assert features["small_area_emphasis"] == pytest.approx(small.mean())
    assert features["size_zone_non_uniformity"] == pytest.approx((3**2 + 2**2 + 1 + 1 + 1) / 8)
    assert features["zone_entropy"] == pytest.approx(4 / 8 * 2 + 4 / 8 * 3)


def test_a_single_pixel_is_that_of_pyradiomics(ask_pyradiomics):
    image = np.ma.MaskedArray(np.arange(4).reshape(2, 2), [[1, 1], [0, 1]])
    theirs = ask_pyradiomics("glszm", image, binCount=4)
    np.testing.assert_allclose(list(features_of(image, levels=4).values()), list(theirs.values()), atol=1e-15)


def test_flat_is_that_of_pyradiomics(ask_pyradiomics):
    image = np.full((5, 6), 4)
    theirs = ask_pyradiomics("glszm", image, binCount=32)
    np.testing.assert_allclose(
        list(features_of(image).values()), list(theirs.values()), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(GLSZM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(GLSZM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(GLSZM(**ours), volume, **theirs)


@pytest.mark.parametrize("keep", [0.02, 0.1, 0.3])
def test_scattered_pixels(photographs, assert_like_pyradiomics, keep):
    image = photographs["camera"][:30, :25]
    for seed in range(5):
        outside = np.random.default_rng(seed).random(image.shape) >= keep
        assert_like_pyradiomics(GLSZM(levels=3), np.ma.MaskedArray(image, outside), binCount=3)


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (GLSZM(), "32 levels"),
        (GLSZM(bin_width=10), "bin width 10"),
        (GLSZM(levels=16), "volume, 16 levels"),
        (GLSZM(bin_width=20, slices="merge"), "volume, bin width 20, slices merged"),
    ],
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="GLSZM takes at most 4096 gray levels, and 4097 occur"):
        GLSZM(bin_width=1).fit_transform([levels])
    assert np.isfinite(GLSZM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"levels": "8"}, {"bin_width": -1}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GLSZM must be"):
        GLSZM(**parameters).fit([np.eye(3)])
