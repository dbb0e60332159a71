"""First-order statistics: by hand, and against pyradiomics."""

import numpy as np
import pytest

from feature_extractors.first_order import FirstOrder

DISCRETISATIONS = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 7}, {"binCount": 7}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"bin_width": 2.3}, {"binWidth": 2.3}),
]


def features_of(image, **parameters):
    extractor = FirstOrder(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("first_order_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    image = np.ma.MaskedArray([[0, 1, 2, 3], [4, 10, 99, -99]], [[0, 0, 0, 0], [0, 0, 1, 1]])  # mean 20 / 6
    mean = 10 / 3
    deviations = np.array([0, 1, 2, 3, 4, 10]) - mean
    variance = 130 / 6 - mean**2
    assert features_of(image, levels=5) == pytest.approx(
        {
            "10_percentile": 0.5,
            "90_percentile": 7.0,
            "energy": 130.0,
            "entropy": -(4 * np.log2(2 / 6) + 2 * np.log2(1 / 6)) / 6,  # levels 1 1 2 2 3 5
            "interquartile_range": 3.75 - 1.25,
            "kurtosis": np.mean(deviations**4) / variance**2,
            "maximum": 10.0,
            "mean_absolute_deviation": (10 / 3 + 7 / 3 + 4 / 3 + 1 / 3 + 2 / 3 + 20 / 3) / 6,
            "mean": mean,
            "median": 2.5,
            "minimum": 0.0,
            "range": 10.0,
            "robust_mean_absolute_deviation": 1.0,
            "root_mean_squared": np.sqrt(130 / 6),
            "skewness": np.mean(deviations**3) / variance**1.5,
            "total_energy": 130.0,
            "uniformity": 10 / 36,
            "variance": variance,
        }
    )


def test_the_shift_enters_energy_and_root_mean_squared_alone():
    image = np.array([[-3.0, 1.0], [0.0, 2.0]])
    plain, shifted = features_of(image), features_of(image, voxel_array_shift=3)
    changed = {name for name in plain if plain[name] != shifted[name]}
    assert changed == {"energy", "total_energy", "root_mean_squared"}
    assert shifted["energy"] == 0 + 16 + 9 + 25
    assert shifted["root_mean_squared"] == pytest.approx(np.sqrt(50 / 4))


@pytest.mark.parametrize("image", [np.full((5, 6), 0.1), np.full((1, 1), 7), np.zeros((3, 3), dtype=bool)])
def test_flat_regions(image):
    features = features_of(image)
    value = float(image.flat[0])
    expected = {"mean", "median", "minimum", "maximum", "10_percentile", "90_percentile", "root_mean_squared"}
    assert {name: features[name] for name in expected} == pytest.approx(dict.fromkeys(expected, value))
    zero = {"entropy", "range", "variance", "skewness", "kurtosis", "interquartile_range"}
    assert {name: features[name] for name in zero} == pytest.approx(dict.fromkeys(zero, 0), abs=1e-15)
    assert features["uniformity"] == 1


def test_flat_integers_are_those_of_pyradiomics(ask_pyradiomics):
    image = np.full((5, 6), 4)
    theirs = ask_pyradiomics("first_order", image, binCount=32)
    np.testing.assert_allclose(list(features_of(image).values()), list(theirs.values()), atol=1e-15)


@pytest.mark.parametrize("tiny", [1e-120, 1e-200, 5e-324])
def test_tiny_differences_give_numbers(tiny):
    features = features_of(np.array([[0.0, tiny, 0.0]]))
    assert np.isfinite(list(features.values())).all()


@pytest.mark.parametrize(("ours", "theirs"), DISCRETISATIONS)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(FirstOrder(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), DISCRETISATIONS)
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(FirstOrder(**ours), image, **theirs)


def test_shift_is_pyradiomics_voxel_array_shift(photographs, assert_like_pyradiomics):
    assert_like_pyradiomics(
        FirstOrder(voxel_array_shift=100), photographs["brick"], binCount=32, voxelArrayShift=100
    )


@pytest.mark.parametrize(
    ("extractor", "settings"), [(FirstOrder(), "32 levels"), (FirstOrder(bin_width=10), "bin width 10")]
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


@pytest.mark.parametrize(
    "parameters",
    [
        {"levels": 0},
        {"levels": 2.5},
        {"levels": 10**6},
        {"bin_width": 0},
        {"bin_width": "5"},
        {"voxel_array_shift": np.inf},
    ],
)
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of FirstOrder must be"):
        FirstOrder(**parameters).fit([np.eye(3)])
