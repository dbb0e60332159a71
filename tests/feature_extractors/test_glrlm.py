"""Run features: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.glrlm import GLRLM

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
    ({"levels": 16, "directions": "merge"}, {"binCount": 16, "weightingNorm": "no_weighting"}),
    (
        {"bin_width": 20, "directions": "merge", "slices": "merge"},
        {"binWidth": 20, "weightingNorm": "no_weighting", "force2D": True},
    ),
]


def features_of(image, **parameters):
    extractor = GLRLM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("glrlm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    """One row, levels 1 1 2 1: P(1, 1) = P(1, 2) = P(2, 1) = 1 along it; no other direction holds a pair."""
    assert features_of(np.array([[0, 0, 9, 0]]), levels=2) == pytest.approx(
        {
            "gray_level_non_uniformity": 5 / 3,
            "gray_level_non_uniformity_normalized": 5 / 9,
            "gray_level_variance": 2 / 9,
            "high_gray_level_run_emphasis": 6 / 3,
            "long_run_emphasis": 6 / 3,
            "long_run_high_gray_level_emphasis": (1 + 4 + 4) / 3,
            "long_run_low_gray_level_emphasis": (1 + 4 + 1 / 4) / 3,
            "low_gray_level_run_emphasis": (1 + 1 + 1 / 4) / 3,
            "run_entropy": np.log2(3),
            "run_length_non_uniformity": 5 / 3,
            "run_length_non_uniformity_normalized": 5 / 9,
            "run_percentage": 3 / 4,
            "run_variance": 2 / 9,
            "short_run_emphasis": (1 + 1 / 4 + 1) / 3,
            "short_run_high_gray_level_emphasis": (1 + 1 / 4 + 4) / 3,
            "short_run_low_gray_level_emphasis": (1 + 1 / 4 + 1 / 4) / 3,
        }
    )


def test_directions_are_averaged():
    stripes = np.tile([0, 1], (4, 2))  # runs of 4 down the columns, of 1 in the other three directions
    features = features_of(stripes, levels=2)
    assert features["long_run_emphasis"] == pytest.approx((3 * 1 + 16) / 4)
    assert features["run_percentage"] == pytest.approx((3 * 1 + 1 / 4) / 4)
    assert features["run_length_non_uniformity"] == pytest.approx((3 * 16 + 4) / 4)


def test_directions_one_by_one():
    """Named after the step from pixel to pixel; where no line holds two pixels, each pixel is a run."""
    extractor = GLRLM(levels=2, directions="each")
    row = extractor.fit_transform([np.array([[0, 0, 9, 0]])])[0]
    features = dict(zip(extractor.get_feature_names_out(), row.tolist(), strict=True))
    assert len(features) == 4 * 16
    directions = ["right1", "down1_left1", "down1", "down1_right1"]
    assert [features[f"glrlm_run_percentage_{name}"] for name in directions] == [3 / 4, 1, 1, 1]
    assert [features[f"glrlm_run_variance_{name}"] for name in directions] == pytest.approx([2 / 9, 0, 0, 0])


def test_ibsi_counts_directions_without_two_pixels_on_a_line():
    """One row: 3 runs along it, 4 of length 1 in the other directions. In pyradiomics these are left out."""
    row = np.array([[1, 2, 3, 3]])
    for directions, percentage in (("average", (3 / 4 + 1 + 1 + 1) / 4), ("merge", 15 / 16)):
        ibsi = features_of(row, levels=None, directions=directions, standard="ibsi")
        assert ibsi["run_percentage"] == pytest.approx(percentage)
        assert features_of(row, levels=None, directions=directions)["run_percentage"] == 3 / 4


@pytest.mark.parametrize(
    "lengths", [[24, 25, 23, 26, 100, 25, 1], [70_000]], ids=["around 24", "beyond 16 bits"]
)
def test_long_runs(lengths):
    """Runs of levels 1, 2, 1, 2 and so on along a row."""
    row = np.repeat(np.arange(len(lengths)) % 2 + 1, lengths).reshape(1, -1)
    features = features_of(row, levels=None)
    runs = np.array(lengths, dtype=float)
    assert features["run_percentage"] == pytest.approx(len(runs) / runs.sum(), rel=1e-12)
    assert features["long_run_emphasis"] == pytest.approx((runs**2).mean(), rel=1e-12)
    assert features["short_run_emphasis"] == pytest.approx((1 / runs**2).mean(), rel=1e-12)
    high = (runs**2 * (np.arange(len(runs)) % 2 + 1) ** 2).mean()
    assert features["long_run_high_gray_level_emphasis"] == pytest.approx(high, rel=1e-12)
    assert features["run_variance"] == pytest.approx(runs.var(), rel=1e-12)


@pytest.mark.parametrize(
    "image",
    [np.full((1, 1), 8), np.ma.MaskedArray([[1, 2], [3, 4]], [[1, 1], [0, 1]])],
    ids=["image", "mask"],
)
def test_one_pixel_is_one_run(image):
    features = features_of(image, levels=4)  # of level 3, the middle bin
    assert features["high_gray_level_run_emphasis"] == 9
    assert features["low_gray_level_run_emphasis"] == pytest.approx(1 / 9)
    one = ["short_run_emphasis", "long_run_emphasis", "run_percentage", "gray_level_non_uniformity"]
    assert [features[name] for name in one] == [1] * 4
    assert features["run_entropy"] == pytest.approx(0, abs=1e-15)


def test_pixels_of_one_line_and_of_none():
    """Pixels a knight's move apart share no line: four directions. On a row, though apart, they share it."""
    apart = np.ma.MaskedArray([[0, 0, 0], [0, 0, 9]], [[0, 1, 1], [1, 1, 0]])
    assert features_of(apart, levels=2)["gray_level_non_uniformity"] == 1
    assert features_of(apart, levels=2)["run_percentage"] == 1


def test_flat_is_that_of_pyradiomics(ask_pyradiomics):
    image = np.full((5, 6), 4)
    theirs = ask_pyradiomics("glrlm", image, binCount=32)
    np.testing.assert_allclose(
        list(features_of(image).values()), list(theirs.values()), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(GLRLM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(GLRLM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(GLRLM(**ours), volume, **theirs)


@pytest.mark.parametrize("keep", [0.02, 0.1, 0.3])
def test_scattered_pixels(photographs, assert_like_pyradiomics, keep):
    image = photographs["camera"][:30, :25]
    for seed in range(5):
        outside = np.random.default_rng(seed).random(image.shape) >= keep
        scattered = np.ma.MaskedArray(image, outside)
        assert_like_pyradiomics(GLRLM(levels=3), scattered, binCount=3)
        merged = GLRLM(levels=3, directions="merge")
        assert_like_pyradiomics(merged, scattered, binCount=3, weightingNorm="no_weighting")


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (GLRLM(), "32 levels"),
        (GLRLM(bin_width=10), "bin width 10"),
        (GLRLM(levels=16), "volume, 16 levels"),
        (GLRLM(bin_width=20, slices="merge"), "volume, bin width 20, slices merged"),
    ],
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


@pytest.mark.parametrize("length", [63, 8191, 8192, 8193, 65535, 65536, 70000])
def test_a_run_may_be_as_long_as_the_image(length):
    """Beyond what is counted in a table, in a block of pixels, and in 16 bits."""
    line = np.full((1, length + 1), 2)
    line[0, 0] = 1
    for image in (line, line.T):
        extractor = GLRLM(levels=None, directions="each").fit([image])
        values = dict(zip(extractor.get_feature_names_out(), extractor.transform([image])[0], strict=True))
        along = "right1" if image is line else "down1"
        assert values[f"glrlm_long_run_emphasis_{along}"] == (1 + length**2) / 2


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="GLRLM takes at most 4096 gray levels, and 4097 occur"):
        GLRLM(bin_width=1).fit_transform([levels])
    assert np.isfinite(GLRLM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"levels": "8"}, {"bin_width": -1}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GLRLM must be"):
        GLRLM(**parameters).fit([np.eye(3)])
