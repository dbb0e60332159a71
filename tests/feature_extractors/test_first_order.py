"""First-order statistics: by hand, and against pyradiomics."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors.first_order import FirstOrder

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
EIGHTHS = arrays(
    float,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.integers(-4000, 4000).map(lambda k: k / 8),
)
VOLUMES = [
    ({"levels": 16}, {"binCount": 16}),
    ({"levels": 300}, {"binCount": 300}),
    ({"bin_width": 7.5}, {"binWidth": 7.5}),
    ({"bin_width": 20, "voxel_array_shift": 30}, {"binWidth": 20, "voxelArrayShift": 30}),
]

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


def test_values_of_ibsi_by_hand():
    image = np.ma.MaskedArray([[0, 1, 2, 3], [4, 10, 99, -99]], [[0, 0, 0, 0], [0, 0, 1, 1]])  # mean 20 / 6
    pyradiomics, ibsi = features_of(image), features_of(image, standard="ibsi")
    own = {
        "coefficient_of_variation": np.sqrt(130 / 6 - 100 / 9) / (10 / 3),
        "excess_kurtosis": pyradiomics["kurtosis"] - 3,
        "median_absolute_deviation": (2.5 + 1.5 + 0.5 + 0.5 + 1.5 + 7.5) / 6,
        "quartile_coefficient_of_dispersion": (3.75 - 1.25) / (3.75 + 1.25),
    }
    common = set(pyradiomics) - {"entropy", "kurtosis", "total_energy", "uniformity"}
    assert ibsi == pytest.approx({name: pyradiomics[name] for name in common} | own)


def test_what_ibsi_cannot_say_is_0():
    features = features_of(np.array([[-1.0, 1.0], [-3.0, 3.0]]), standard="ibsi")
    assert features["coefficient_of_variation"] == features["quartile_coefficient_of_dispersion"] == 0
    flat = features_of(np.full((3, 3), 5.0), standard="ibsi")
    assert (
        flat["excess_kurtosis"] == flat["median_absolute_deviation"] == flat["coefficient_of_variation"] == 0
    )


def by_numpy(x):
    """Statistics of values in double precision, in the words of NumPy and SciPy."""
    p10, p25, p50, p75, p90 = np.percentile(x, [10, 25, 50, 75, 90])
    middle = x[(x >= p10) & (x <= p90)]
    flat = np.ptp(x) == 0
    return {
        "10_percentile": p10,
        "90_percentile": p90,
        "energy": (x**2).sum(),
        "interquartile_range": p75 - p25,
        "kurtosis": 0 if flat else scipy.stats.kurtosis(x, fisher=False),
        "maximum": x.max(),
        "mean_absolute_deviation": abs(x - x.mean()).mean(),
        "mean": x.mean(),
        "median": p50,
        "minimum": x.min(),
        "range": np.ptp(x),
        "robust_mean_absolute_deviation": abs(middle - middle.mean()).mean() if middle.size else 0,  # of two
        "root_mean_squared": np.sqrt((x**2).mean()),
        "skewness": 0 if flat else scipy.stats.skew(x),
        "total_energy": (x**2).sum(),
        "variance": x.var(),
    }


@QUICK
@given(st.lists(st.tuples(EIGHTHS, st.integers(0, 2**32)), min_size=1, max_size=4))
def test_regions_of_a_batch_are_those_of_numpy(pairs):
    images = []
    for image, seed in pairs:
        outside = np.random.default_rng(seed).random(image.shape) < 0.4
        masked = np.ma.MaskedArray(np.where(outside, np.nan, image), outside)
        images.append(masked if seed % 3 and not outside.all() else image)
    extractor = FirstOrder().fit(images)
    names = [name.removeprefix("first_order_") for name in extractor.get_feature_names_out()]
    for image, row in zip(images, extractor.transform(images), strict=True):
        region = image.compressed() if np.ma.isMaskedArray(image) else image.ravel()
        ours = dict(zip(names, row.tolist(), strict=True))
        expected = by_numpy(region)
        assert {name: ours[name] for name in expected} == pytest.approx(expected, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 21, 255, 4097, 70_000])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_percentiles_of_any_number_and_type(size, dtype):
    """With many values alike, few, in order, and reversed: those of NumPy in double precision."""
    random = np.random.default_rng(size)
    values = random.normal(100, 30, size).clip(0, 255).astype(dtype)
    for image in (values, np.sort(values)[::-1], random.integers(0, 3, size).astype(dtype)):
        ours = features_of(image.reshape(1, -1))
        expected = by_numpy(image.astype(float))
        for name in ("10_percentile", "median", "90_percentile", "interquartile_range"):
            assert ours[name] == pytest.approx(expected[name], rel=1e-14, abs=1e-300)
        assert ours["robust_mean_absolute_deviation"] == pytest.approx(
            expected["robust_mean_absolute_deviation"], rel=1e-12, abs=1e-300
        )


@QUICK
@given(EIGHTHS, st.integers(-1000, 1000))
def test_an_added_constant_moves_the_location_alone(image, constant):
    plain, moved = features_of(image), features_of(image + constant)
    location = {"mean", "median", "minimum", "maximum", "10_percentile", "90_percentile"}
    assert {name: moved[name] - constant for name in location} == pytest.approx(
        {name: plain[name] for name in location}, abs=1e-9
    )
    spread = {"variance", "range", "interquartile_range", "mean_absolute_deviation", "skewness", "kurtosis"}
    assert {name: moved[name] for name in spread} == pytest.approx(
        {name: plain[name] for name in spread}, rel=1e-8, abs=1e-8
    )


def test_a_large_mean_does_not_spoil_the_moments():
    image = np.random.default_rng(0).normal(size=(50, 60)) + 1e9
    features = features_of(image)
    expected = by_numpy(image.ravel() - 1e9)  # what is left of the noise, exactly
    for name in ("variance", "skewness", "kurtosis", "mean_absolute_deviation"):
        assert features[name] == pytest.approx(expected[name], rel=1e-9)


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


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(FirstOrder(**ours), volume, **theirs)


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (FirstOrder(), "32 levels"),
        (FirstOrder(bin_width=10), "bin width 10"),
        (FirstOrder(levels=16), "volume, 16 levels"),
        (FirstOrder(bin_width=20), "volume, bin width 20, slices merged"),
    ],
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
