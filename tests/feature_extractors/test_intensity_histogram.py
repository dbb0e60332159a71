"""Histograms of gray levels: by hand, and by NumPy on the levels one by one."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors.first_order import FirstOrder
from feature_extractors.intensity_histogram import IntensityHistogram
from feature_extractors.radiomics import Radiomics

QUICK = settings(max_examples=80, deadline=None, derandomize=True)
SHAPES = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)),
)
LEVELS = arrays(np.int64, SHAPES, elements=st.integers(0, 9)).filter(np.any)  # 0: outside
UNLIKE_FIRST_ORDER = {"entropy", "mode", "uniformity"}


def features_of(image, extractor=None, **parameters):
    extractor = IntensityHistogram(**parameters) if extractor is None else extractor
    row = extractor.fit_transform([image])[0]
    names = [n.removeprefix("intensity_histogram_") for n in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def masked(levels):
    return np.ma.MaskedArray(np.where(levels > 0, levels, 77), levels == 0)


def by_numpy(x):
    """Statistics of gray levels, in the words of NumPy and SciPy, and loops for what they do not have."""
    n = np.bincount(x)[1:]
    p = n / x.size
    flat = x.min() == x.max()
    p10, p25, median, p75, p90 = np.percentile(x, [10, 25, 50, 75, 90])
    middle = x[(x >= p10) & (x <= p90)]
    gradient = np.zeros(n.size) if flat else np.gradient(n.astype(float))
    levels = np.arange(1, n.size + 1)
    modes = [i for i in levels if n[i - 1] == n.max()]
    at = x.max() - 1 if flat else None
    return {
        "10_percentile": p10,
        "90_percentile": p90,
        "coefficient_of_variation": x.std() / x.mean(),
        "entropy": scipy.stats.entropy(p, base=2),
        "excess_kurtosis": 0.0 if flat else scipy.stats.kurtosis(x),
        "interquartile_range": p75 - p25,
        "maximum": x.max(),
        "maximum_gradient": gradient.max(),
        "maximum_gradient_intensity": levels[gradient.argmax() if at is None else at],
        "mean": x.mean(),
        "mean_absolute_deviation": abs(x - x.mean()).mean(),
        "median": median,
        "median_absolute_deviation": abs(x - median).mean(),
        "minimum": x.min(),
        "minimum_gradient": gradient.min(),
        "minimum_gradient_intensity": levels[gradient.argmin() if at is None else at],
        "mode": min(modes, key=lambda i: (abs(int(i) * x.size - x.sum()), i)),
        "quartile_coefficient_of_dispersion": (p75 - p25) / (p75 + p25),
        "range": np.ptp(x),
        "robust_mean_absolute_deviation": abs(middle - middle.mean()).mean() if middle.size else 0.0,
        "skewness": 0.0 if flat else scipy.stats.skew(x),
        "uniformity": (p**2).sum(),
        "variance": x.var(),
    }


def test_values_by_hand():
    """Levels 1 1 1 2 4 4 4 7: the mean is 3, and of the modes 1 and 4 the latter is nearer."""
    image = np.ma.MaskedArray([[1, 1, 1, 2, 99], [4, 4, 4, 7, 99]], [[0, 0, 0, 0, 1]] * 2)
    p = np.array([3, 1, 3, 1]) / 8
    away = np.array([-2, -1, 1, 4])
    assert features_of(image, levels=None) == pytest.approx(
        {
            "10_percentile": 1,
            "90_percentile": 4 + 0.3 * 3,
            "coefficient_of_variation": np.sqrt((p * away**2).sum()) / 3,
            "entropy": 2 * 3 / 8 * np.log2(8 / 3) + 2 / 8 * 3,
            "excess_kurtosis": (p * away**4).sum() / (p * away**2).sum() ** 2 - 3,
            "interquartile_range": 4 - 1,
            "maximum": 7,
            "maximum_gradient": 1,  # 3, 1, 0, 3, 0, 0, 1: -2, -1.5, 1, 0, -1.5, 0.5, 1
            "maximum_gradient_intensity": 3,
            "mean": 3,
            "mean_absolute_deviation": (3 * 2 + 1 + 3 * 1 + 4) / 8,
            "median": 3,
            "median_absolute_deviation": (2 * 3 + 1 + 3 + 4) / 8,
            "minimum": 1,
            "minimum_gradient": -2,
            "minimum_gradient_intensity": 1,
            "mode": 4,
            "quartile_coefficient_of_dispersion": 3 / 5,
            "range": 6,
            "robust_mean_absolute_deviation": (3 * 10 / 7 + 3 / 7 + 3 * 11 / 7) / 7,  # mean 17 / 7
            "skewness": (p * away**3).sum() / (p * away**2).sum() ** 1.5,
            "uniformity": 20 / 64,
            "variance": (p * away**2).sum(),
        }
    )


@pytest.mark.parametrize(
    ("levels", "mode"),
    [
        ([1, 1, 3, 3], 1),  # as near to the mean, 2
        ([1, 1, 3, 3, 3], 3),
        ([1, 1, 2, 2, 9], 2),
        ([1, 1, 5, 5, 9, 9, 3], 5),
        ([2, 2, 8, 8, 1, 1, 7, 7, 4], 2),  # mean 40 / 9: 22 / 9 away; 7 is 23 / 9
        ([3], 3),
    ],
)
def test_of_several_modes_the_one_nearest_to_the_mean(levels, mode):
    assert features_of(np.array([levels]), levels=None)["mode"] == mode


@pytest.mark.parametrize(
    ("levels", "steepest"),
    [
        ([1, 1, 2], (-1, 1, -1, 1)),  # two levels: the same difference at both
        ([1, 2, 2], (1, 1, 1, 1)),
        ([2, 2, 5], (2, 1, -1, 3)),  # 0, 2, 0, 0, 1: 2, 0, -1, 0.5, 1
        ([4, 4, 4], (0, 4, 0, 4)),
    ],
)
def test_gradients_from_level_1_on(levels, steepest):
    found = features_of(np.array([levels]), levels=None)
    names = [f"{end}_gradient{what}" for end in ("maximum", "minimum") for what in ("", "_intensity")]
    assert tuple(found[name] for name in names) == steepest


@QUICK
@given(LEVELS)
def test_values_are_those_of_numpy(levels):
    expected = by_numpy(levels[levels > 0])
    assert features_of(masked(levels), levels=None) == pytest.approx(expected, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("standard", ["pyradiomics", "ibsi"])
@pytest.mark.parametrize("parameters", [{"levels": 32}, {"levels": 300}, {"bin_width": 7.25}])
def test_photographs_and_volumes(photographs, volumes, standard, parameters):
    """The rows of all at once are those of NumPy on the levels of each."""
    planes, stacks = list(photographs.values()), list(volumes.values())
    for images in (planes, stacks):
        rows = IntensityHistogram(standard=standard, **parameters).fit_transform(images)
        for image, row in zip(images, rows, strict=True):
            x = np.ma.compressed(image).astype(float)
            if "bin_width" in parameters:
                start = x.min() if standard == "ibsi" else np.floor(x.min() / 7.25) * 7.25
                levels = np.floor((x - start) / 7.25).astype(int) + 1
            else:
                n = parameters["levels"]
                span = x.max() - x.min()
                levels = np.minimum(np.floor(n * (x - x.min()) / span), n - 1).astype(int) + 1
            ours = dict(zip(by_numpy(levels), row, strict=True))
            assert ours == pytest.approx(by_numpy(levels), rel=1e-9, abs=1e-9)


@QUICK
@given(LEVELS)
def test_as_first_order_of_the_levels(levels):
    ours = features_of(masked(levels), levels=None)
    first = FirstOrder(levels=None, standard="ibsi").fit([masked(levels)])
    theirs = dict(zip(first.get_feature_names_out(), first.transform([masked(levels)])[0], strict=True))
    common = {name for name in ours if f"first_order_{name}" in theirs}
    assert len(common) == 23 - len(UNLIKE_FIRST_ORDER) - 4
    assert {n: ours[n] for n in common} == pytest.approx(
        {n: theirs[f"first_order_{n}"] for n in common}, rel=1e-9, abs=1e-9
    )


def test_slices_count_together_whatever_is_done_with_them(volumes):
    volume = volumes["masked volume"]
    alone = features_of(volume)
    for slices in ("join", "merge", "average"):
        extractor = Radiomics(families=["intensity_histogram"], slices=slices)
        assert features_of(volume, extractor) == alone


def test_gray_levels_start_at_the_bound_of_resegmentation():
    image = np.array([[-600.0, -430.0, -20.0, 399.0, 950.0]])
    extractor = Radiomics(
        families=["intensity_histogram"], bin_width=25, standard="ibsi", resegment_range=(-500, 400)
    )
    found = features_of(image, extractor)
    assert (found["minimum"], found["median"], found["maximum"]) == (3, 20, 36)


@pytest.mark.parametrize("image", [np.full((5, 6), 0.1), np.full((1, 1), 7), np.full((2, 3, 4), -1000)])
def test_a_flat_region_lies_in_the_middle_level(image):
    found = features_of(image)
    places = "10_percentile 90_percentile maximum mean median minimum mode"
    places = [*places.split(), "maximum_gradient_intensity", "minimum_gradient_intensity"]
    assert [found.pop(name) for name in places] == [17] * 9
    assert found.pop("uniformity") == 1
    assert set(found.values()) == {0}


def test_more_levels_than_textures_take():
    image = np.arange(5000).reshape(50, 100)
    assert features_of(image, bin_width=1)["maximum"] == 5000
    with pytest.raises(ValueError, match="whole numbers from 1"):
        features_of(np.array([[0.5, 2.0]]), levels=None)


@pytest.mark.parametrize(
    "parameters", [{"levels": 0}, {"levels": 2.5}, {"bin_width": -1}, {"standard": "IBSI"}]
)
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of IntensityHistogram must be"):
        IntensityHistogram(**parameters).fit([np.eye(3)])
