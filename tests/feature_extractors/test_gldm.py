"""Dependence features: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.gldm import GLDM

CASES = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 8, "alpha": 1}, {"binCount": 8, "gldm_a": 1}),
    ({"levels": 40, "alpha": 2.5}, {"binCount": 40, "gldm_a": 2}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"levels": 16, "distances": (2,)}, {"binCount": 16, "distances": [2]}),
    ({"levels": 16, "distances": [1, 3]}, {"binCount": 16, "distances": [1, 3]}),
]

VOLUMES = [
    ({"levels": 16}, {"binCount": 16}),
    ({"levels": 300}, {"binCount": 300}),
    ({"bin_width": 7.5}, {"binWidth": 7.5}),
    ({"levels": 16, "slices": "merge"}, {"binCount": 16, "force2D": True}),
    ({"levels": 12, "distances": [2]}, {"binCount": 12, "distances": [2]}),
    ({"levels": 12, "distances": [1, 3]}, {"binCount": 12, "distances": [1, 3]}),
    (
        {"levels": 12, "distances": [1, 3], "slices": "merge"},
        {"binCount": 12, "distances": [1, 3], "force2D": True},
    ),
    ({"levels": 16, "alpha": 1}, {"binCount": 16, "gldm_a": 1}),
    ({"levels": 40, "alpha": 2.5, "distances": [1, 2]}, {"binCount": 40, "gldm_a": 2, "distances": [1, 2]}),
]


def features_of(image, **parameters):
    extractor = GLDM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("gldm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


BY_HAND = {  # levels 1 1 2 over 2 1 2: the three 1s have 2 equal neighbours each; the 2s 0, 1 and 1
    "dependence_entropy": -(3 / 6 * np.log2(3 / 6) + 1 / 6 * np.log2(1 / 6) + 2 / 6 * np.log2(2 / 6)),
    "dependence_non_uniformity": (9 + 1 + 4) / 6,
    "dependence_non_uniformity_normalized": 14 / 36,
    "dependence_variance": (9 * 3 + 1 * 1 + 4 * 2) / 6 - (14 / 6) ** 2,
    "gray_level_non_uniformity": (9 + 9) / 6,
    "gray_level_variance": 0.25,
    "high_gray_level_emphasis": (3 * 1 + 3 * 4) / 6,
    "large_dependence_emphasis": (3 * 9 + 1 + 2 * 4) / 6,
    "large_dependence_high_gray_level_emphasis": (3 * 9 + 4 * (1 + 2 * 4)) / 6,
    "large_dependence_low_gray_level_emphasis": (3 * 9 + (1 + 2 * 4) / 4) / 6,
    "low_gray_level_emphasis": (3 + 3 / 4) / 6,
    "small_dependence_emphasis": (3 / 9 + 1 + 2 / 4) / 6,
    "small_dependence_high_gray_level_emphasis": (3 / 9 + 4 * (1 + 2 / 4)) / 6,
    "small_dependence_low_gray_level_emphasis": (3 / 9 + (1 + 2 / 4) / 4) / 6,
}


def test_values_by_hand():
    assert features_of(np.array([[0, 0, 9], [9, 0, 9]]), levels=2) == pytest.approx(BY_HAND)


def test_ibsi_has_three_more():
    features = features_of(np.array([[1, 1, 2], [2, 1, 2]]), levels=None, standard="ibsi")
    more = {
        "gray_level_non_uniformity_normalized": 18 / 36,
        "dependence_percentage": 1,
        "dependence_energy": (9 + 1 + 4) / 36,
    }
    assert features == pytest.approx(BY_HAND | more)


def test_everything_depends_within_a_large_alpha():
    features = features_of(np.arange(9).reshape(3, 3), levels=9, alpha=8)
    assert features["large_dependence_emphasis"] == pytest.approx((4 * 16 + 4 * 36 + 81) / 9)


def test_one_pixel():
    features = features_of(np.full((1, 1), 3.0))
    assert features["small_dependence_emphasis"] == features["large_dependence_emphasis"] == 1
    assert features["dependence_entropy"] == features["dependence_variance"] == 0


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(GLDM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES[:4])
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(GLDM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(GLDM(**ours), volume, **theirs)


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (GLDM(), "32 levels"),
        (GLDM(bin_width=10), "bin width 10"),
        (GLDM(levels=16), "volume, 16 levels"),
        (GLDM(bin_width=20, slices="merge"), "volume, bin width 20, slices merged"),
    ],
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="GLDM takes at most 4096 gray levels, and 4097 occur"):
        GLDM(bin_width=1).fit_transform([levels])
    assert np.isfinite(GLDM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"alpha": -1}, {"slices": "all"}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GLDM must be"):
        GLDM(**parameters).fit([np.eye(3)])
