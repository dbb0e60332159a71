"""Gray-tone differences: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.ngtdm import NGTDM

CASES = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 300}, {"binCount": 300}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"levels": 16, "distances": (2,)}, {"binCount": 16, "distances": [2]}),
    ({"levels": 16, "distances": [1, 2]}, {"binCount": 16, "distances": [1, 2]}),
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


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(NGTDM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES[:3])
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(NGTDM(**ours), image, **theirs)


@pytest.mark.parametrize(
    ("extractor", "settings"), [(NGTDM(), "32 levels"), (NGTDM(bin_width=10), "bin width 10")]
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)
