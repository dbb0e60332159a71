"""Gray-tone differences: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.ngtdm import NGTDM
from tests.feature_extractors.reference import plain

CASES = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 300}, {"binCount": 300}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"levels": 16, "distances": (2,)}, {"binCount": 16, "distances": [2]}),
    ({"levels": 16, "distances": [1, 2]}, {"binCount": 16, "distances": [1, 2]}),
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
]
EXAMPLE = [[1, 2, 5, 2], [3, 5, 1, 3], [1, 3, 5, 5], [3, 1, 1, 1]]  # of the manual of pyradiomics


def features_of(image, **parameters):
    extractor = NGTDM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("ngtdm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_the_example_of_the_manual():
    """Levels 1, 2, 3, 5 with n = 6, 2, 4, 4 and s = 13.35, 2, 3.03, 10.075."""
    i, n = np.array([1, 2, 3, 5]), np.array([6, 2, 4, 4])
    third = abs(3 - 12 / 5) + abs(3 - 18 / 5) + abs(3 - 20 / 8) + abs(3 - 5 / 3)
    s = np.array([13.35, 2.0, third, 10.075])
    p = n / 16
    pairs = [(a, b) for a in range(4) for b in range(4)]
    assert features_of(np.array(EXAMPLE), levels=None) == pytest.approx(
        {
            "busyness": p @ s / sum(abs(i[a] * p[a] - i[b] * p[b]) for a, b in pairs),
            "coarseness": 1 / (p @ s),
            "complexity": sum(
                abs(i[a] - i[b]) * (p[a] * s[a] + p[b] * s[b]) / (p[a] + p[b]) for a, b in pairs
            )
            / 16,
            "contrast": sum(p[a] * p[b] * (i[a] - i[b]) ** 2 for a, b in pairs) / 12 * s.sum() / 16,
            "strength": sum((p[a] + p[b]) * (i[a] - i[b]) ** 2 for a, b in pairs) / s.sum(),
        }
    )


@pytest.mark.parametrize("image", [np.full((4, 5), 3.3), np.full((1, 1), 7)])
def test_a_flat_region_is_as_coarse_as_can_be(image):
    assert features_of(image) == {
        "busyness": 0,
        "coarseness": 1e6,
        "complexity": 0,
        "contrast": 0,
        "strength": 0,
    }


def test_pixels_without_neighbours_count_in_pyradiomics_and_not_in_ibsi():
    image = np.ma.MaskedArray([[1, 2, 9, 9, 7]], [[0, 0, 1, 1, 0]])
    assert features_of(image, levels=None)["coarseness"] == pytest.approx(1 / (2 / 3))
    assert features_of(image, levels=None, standard="ibsi")["coarseness"] == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [(1, 5, 6), (3, 3, 4)])
@pytest.mark.parametrize("top", [1259, 1260, 1261, 4095, 4096, 8191, 65_535])
def test_sums_of_high_levels_do_not_overflow(shape, top):
    """Eight neighbours of level 4,095, or 26 of 1,260, just fit into 16 bits."""
    levels = np.full(shape, top)
    levels[-1, 2, 2], levels[-1, 2, 3] = 1, top - 1
    steps = plain.half_offsets([1], deep=True)
    expected = plain.tone_statistics(*plain.tone_differences(levels, steps, lonely=True))
    assert features_of(levels, levels=None) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(NGTDM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES[:3])
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(NGTDM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(NGTDM(**ours), volume, **theirs)


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (NGTDM(), "32 levels"),
        (NGTDM(bin_width=10), "bin width 10"),
        (NGTDM(levels=16), "volume, 16 levels"),
        (NGTDM(bin_width=20, slices="merge"), "volume, bin width 20, slices merged"),
    ],
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="NGTDM takes at most 4096 gray levels, and 4097 occur"):
        NGTDM(bin_width=1).fit_transform([levels])
    assert np.isfinite(NGTDM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"bin_width": 0}, {"slices": "all"}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of NGTDM must be"):
        NGTDM(**parameters).fit([np.eye(3)])
