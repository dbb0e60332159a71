"""Co-occurrence features: by hand, at the limits, and against pyradiomics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors.glcm import GLCM

CASES = [
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 8}, {"binCount": 8}),
    ({"levels": 100}, {"binCount": 100}),
    ({"bin_width": 25}, {"binWidth": 25}),
    ({"bin_width": 2.3}, {"binWidth": 2.3}),
    ({"levels": 16, "distances": (2,)}, {"binCount": 16, "distances": [2]}),
    ({"levels": 16, "distances": [1, 3]}, {"binCount": 16, "distances": [1, 3]}),
    ({"levels": 16, "symmetric": False}, {"binCount": 16, "symmetricalGLCM": False}),
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
    ({"levels": 16, "directions": "merge"}, {"binCount": 16, "weightingNorm": "no_weighting"}),
    (
        {"bin_width": 20, "directions": "merge", "slices": "merge"},
        {"binWidth": 20, "weightingNorm": "no_weighting", "force2D": True},
    ),
    ({"levels": 16, "symmetric": False}, {"binCount": 16, "symmetricalGLCM": False}),
]
ONE_LEVEL = {  # of a region of the single level g, by the formulas
    **{"autocorrelation": lambda g: g**2, "joint_average": lambda g: g, "sum_average": lambda g: 2 * g},
    **dict.fromkeys(["id", "idm", "idmn", "idn", "joint_energy", "maximum_probability"], lambda g: 1),
    **dict.fromkeys(["correlation", "mcc"], lambda g: 1),
    **dict.fromkeys(["cluster_prominence", "cluster_shade", "cluster_tendency"], lambda g: 0),
    **dict.fromkeys(["contrast", "difference_average", "difference_variance", "sum_squares"], lambda g: 0),
    **dict.fromkeys(["difference_entropy", "joint_entropy", "sum_entropy", "inverse_variance"], lambda g: 0),
    **dict.fromkeys(["imc1", "imc2"], lambda g: 0),
}


def features_of(image, **parameters):
    extractor = GLCM(**parameters)
    row = extractor.fit_transform([image])[0]
    names = [name.removeprefix("glcm_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def test_values_by_hand():
    """One row, 1 1 2: pairs (1, 1) and (1, 2), so p = [[1/2, 1/4], [1/4, 0]] and p_x = (3/4, 1/4)."""
    third = 0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)  # -HX
    information = -2 * third - 1.5
    assert features_of(np.array([[0, 0, 1]]), levels=2) == pytest.approx(
        {
            "autocorrelation": 1 / 2 + 4 / 4,
            "cluster_prominence": 0.5 * 0.5**4 + 0.5 * 0.5**4,  # i + j is 2 or 3, the mean 2.5
            "cluster_shade": 0,
            "cluster_tendency": 0.25,
            "contrast": 0.5,
            "correlation": (1.5 - 1.25**2) / 0.1875,
            "difference_average": 0.5,
            "difference_entropy": 1,
            "difference_variance": 0.25,
            "id": 0.5 + 0.5 / 2,
            "idm": 0.5 + 0.5 / 2,
            "idmn": 0.5 + 0.5 / 1.25,
            "idn": 0.5 + 0.5 / 1.5,
            "imc1": (1.5 + 2 * third) / -third,  # HXY1 = HX + HY
            "imc2": np.sqrt(1 - np.exp(-2 * information)),
            "inverse_variance": 0.5,
            "joint_average": 1.25,
            "joint_energy": 3 / 8,
            "joint_entropy": 1.5,
            "mcc": 1 / 3,  # of two levels it is the absolute correlation
            "maximum_probability": 0.5,
            "sum_average": 2.5,
            "sum_entropy": 1,
            "sum_squares": 0.1875,
        }
    )


@pytest.mark.parametrize(
    ("image", "parameters", "level"),
    [
        (np.full((4, 5), 3.3), {}, 17),
        (np.full((4, 5), 3.3), {"bin_width": 1}, 1),
        (np.full((1, 1), 3), {}, 17),
        (np.ma.MaskedArray(np.arange(6).reshape(2, 3), [[1, 1, 1], [1, 0, 1]]), {"levels": 4}, 3),
        (np.arange(9).reshape(3, 3), {"levels": 1, "distances": [2]}, 1),
        (np.zeros((2, 2)), {"distances": [5], "levels": 5, "symmetric": False}, 3),
    ],
    ids=[
        "flat",
        "flat by width",
        "one pixel",
        "one pixel of a mask",
        "one level",
        "distance beyond the image",
    ],
)
def test_a_single_level(image, parameters, level):
    expected = {name: value(level) for name, value in ONE_LEVEL.items()}
    assert features_of(image, **parameters) == pytest.approx(expected, abs=1e-7)


def test_flat_is_that_of_pyradiomics(ask_pyradiomics):
    image = np.full((5, 6), 4)
    theirs = ask_pyradiomics("glcm", image, binCount=32)
    np.testing.assert_allclose(list(features_of(image).values()), list(theirs.values()), atol=1e-12)


def test_independent_neighbours_have_no_information():
    board = np.array([[0, 0, 1, 1, 0]])  # each level is followed by each level once
    features = features_of(board, levels=2)
    zero = ["correlation", "imc1", "imc2", "mcc"]
    assert [features[name] for name in zero] == pytest.approx([0] * 4, abs=1e-7)


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_photographs(photographs, assert_like_pyradiomics, ours, theirs):
    for image in photographs.values():
        assert_like_pyradiomics(GLCM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_radiographs(radiographs, assert_like_pyradiomics, ours, theirs):
    for image in radiographs:
        assert_like_pyradiomics(GLCM(**ours), image, **theirs)


@pytest.mark.parametrize(("ours", "theirs"), VOLUMES)
def test_volumes(volumes, assert_like_pyradiomics, ours, theirs):
    for volume in volumes.values():
        assert_like_pyradiomics(GLCM(**ours), volume, **theirs)


def test_single_precision(photographs, assert_like_pyradiomics):
    image = (photographs["grass, masked"] * 1.1371).astype(np.float32)
    assert_like_pyradiomics(GLCM(levels=50), image, binCount=50)


@pytest.mark.parametrize(
    ("extractor", "settings"),
    [
        (GLCM(), "32 levels"),
        (GLCM(bin_width=10), "bin width 10"),
        (GLCM(levels=16), "volume, 16 levels"),
        (GLCM(bin_width=20, slices="merge"), "volume, bin width 20, slices merged"),
    ],
)
def test_committed_reference(assert_like_reference, extractor, settings):
    assert_like_reference(extractor, settings)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    arrays(float, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 4)), st.booleans()
)
def test_values_are_finite_and_in_range(image, symmetric):
    features = features_of(image, levels=4, symmetric=symmetric)
    assert np.isfinite(list(features.values())).all()
    for name in ("id", "idm", "joint_energy", "maximum_probability", "mcc", "imc2"):
        assert -1e-9 <= features[name] <= 1 + 1e-9
    assert -1 - 1e-9 <= features["imc1"] <= 1e-9
    assert features == pytest.approx(features_of(image, levels=4, symmetric=symmetric))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(arrays(float, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 15)))
def test_symmetric_features_do_not_depend_on_orientation(image):
    features = features_of(image, levels=4)
    for turned in (image[::-1], image.T):
        assert features_of(turned, levels=4) == pytest.approx(features, abs=1e-7)


def test_more_than_4096_levels_are_refused():
    levels = np.arange(4097).reshape(17, 241)
    with pytest.raises(ValueError, match="GLCM takes at most 4096 gray levels, and 4097 occur"):
        GLCM(bin_width=1).fit_transform([levels])
    assert np.isfinite(GLCM(bin_width=1).fit_transform([np.minimum(levels, 4095)])).all()


@pytest.mark.parametrize("distances", [[], [0], [1.5], [True], [1, 1], "1", 1, None])
def test_bad_distances_are_named(distances):
    with pytest.raises(ValueError, match="The 'distances' parameter of GLCM must"):
        GLCM(distances=distances).fit([np.eye(3)])


@pytest.mark.parametrize("parameters", [{"levels": 0}, {"bin_width": -1}, {"symmetric": "yes"}])
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GLCM must be"):
        GLCM(**parameters).fit([np.eye(3)])
