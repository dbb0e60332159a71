"""Filters: what users write, what they are told when it is wrong, masks, spacing, single pixels."""

import numpy as np
import pytest
import skimage.feature

from feature_extractors._filters import Filter, parse_filters

ALL = {
    "original": {},
    "square": {},
    "square_root": {},
    "logarithm": {},
    "exponential": {},
    "gradient": {},
    "log": {"sigma": [1.0]},
    "wavelet": {},
    "simoncelli": {},
    "lbp_2d": {},
}


def only(name, **settings):
    """Return a filter of that name."""
    (made,) = parse_filters({name: settings})
    return made


@pytest.mark.parametrize(
    "equivalent",
    [
        ["original", "wavelet"],
        ("original", "wavelet"),
        {"original": {}, "wavelet": {}},
        {"original": None, "wavelet": {"level": 1, "name": "coif1"}},
        ["original", {"wavelet": {"kind": "stationary"}}],
        [{"original": {}, "wavelet": None}],
    ],
)
def test_equivalent_ways_to_name_filters(equivalent):
    assert parse_filters(equivalent) == parse_filters(["original", "wavelet"])


def test_filters_keep_their_order_and_are_hashable():
    filters = parse_filters(["wavelet", {"log": {"sigma": [1, 2.5]}}, "original"])
    assert all(isinstance(f, Filter) for f in filters)
    assert [prefix for f in filters for prefix in f.prefixes(2)] == [
        *("wavelet_lh", "wavelet_hl", "wavelet_hh", "wavelet_ll"),
        *("log_sigma_1_mm_3d", "log_sigma_2_5_mm_3d", ""),
    ]
    assert len(set(filters)) == 3


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([], "at least one filter"),
        ("wavelet", "a list of names or a mapping of names to settings. Got 'wavelet'"),
        (None, "a list of names or a mapping"),
        (["wavelets"], "no filter 'wavelets'. Did you mean 'wavelet'? There are: original, square,"),
        (["Original"], "Did you mean 'original'?"),
        ([3], "no filter 3."),
        (["square", "square"], "'square' is given twice"),
        ({"wavelet": 3}, "settings of the filter 'wavelet' must be a mapping. Got 3"),
        ({"square": {"level": 1}}, "'square' has no settings"),
        (
            {"wavelet": {"levels": 1}},
            "no setting of the filter 'wavelet' called 'levels'. Did you mean 'level'?",
        ),
        (
            {"wavelet": {"name": "harr"}},
            "no discrete wavelet 'harr'. Did you mean 'haar'? There are: haar, db",
        ),
        ({"wavelet": {"level": 0}}, "level must be a whole number from 1 to 10. Got 0"),
        ({"wavelet": {"level": True}}, "level must be a whole number"),
        ({"wavelet": {"kind": "decimate"}}, "Did you mean 'decimated'?"),
        ({"wavelet": {"standard": "IBSI"}}, "Did you mean 'ibsi'?"),
        ({"wavelet": {"border": "reflect"}}, "border must be one of None, 'mirror'"),
        ({"wavelet": {"rotation_invariant": 1}}, "rotation_invariant must be true or false. Got 1"),
        ({"wavelet": {"bands": ["LX"]}}, "no sub-band 'LX'"),
        ({"wavelet": {"bands": "LLH"}}, "bands must be a list of sub-bands"),
        ({"wavelet": {"bands": ["LH", "LH"]}}, "none twice"),
        ({"wavelet": {"bands": 2}}, "bands must be a list of sub-bands, none twice. Got 2"),
        ({"wavelet": {"bands": [["LH"]]}}, "no sub-band ['LH']"),
        ({"wavelet": {"kind": "decimated", "standard": "ibsi"}}, "go with kind 'stationary' only"),
        (["log"], "'log' needs the setting 'sigma'"),
        ({"log": {"sigma": []}}, "sigma must be one number or several"),
        ({"log": {"sigma": [1, 1]}}, "none twice"),
        ({"log": {"sigma": [0]}}, "sigma must be a number above 0"),
        ({"log": {"sigma": "1"}}, "sigma must be a number above 0 and at most 1000. Got '1'"),
        ({"log": {"sigma": float("nan")}}, "sigma must be a number"),
        ({"log": {"sigma": 1, "truncate": 4}}, "truncate is a setting of kind 'sampled' only"),
        ({"log": {"sigma": 1, "kind": "sampled", "border": "wrap"}}, "border must be one of"),
        ({"log": {"sigma": 1, "kind": "sampled", "truncate": 0}}, "truncate must be a number above 1"),
        ({"gradient": {"precision": "half"}}, "precision must be one of 'single', 'double'"),
        ({"lbp_2d": {"radius": -1}}, "radius must be a number above 0"),
        ({"lbp_2d": {"n_points": 2.5}}, "n_points must be a whole number from 3 to 24"),
        ({"lbp_2d": {"method": "uniforme"}}, "Did you mean 'uniform'?"),
        ({"simoncelli": {"level": "1"}}, "level must be a whole number"),
    ],
)
def test_mistakes_are_explained(filters, message):
    with pytest.raises(ValueError) as caught:
        parse_filters(filters)
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ValueError) as caught:
        parse_filters(["lgo", {"wavelet": {"level": 0, "kind": "fast"}}, {"log": {"sgima": 1}}])
    assert [line.partition(".")[0][:40] for line in str(caught.value).splitlines()] == [
        "There is no filter 'lgo'",
        "filter 'wavelet': level must be a whole ",
        "filter 'wavelet': kind must be one of 's",
        "There is no setting of the filter 'log' ",
        "The filter 'log' needs the setting 'sigm",
    ]


@pytest.mark.parametrize("shape", [(12, 15), (1, 1), (7, 12, 9), (1, 12, 9), (2, 3, 1)])
@pytest.mark.parametrize("name", ALL)
def test_results_are_named_like_the_image_in_shape_and_mask_and_leave_it_alone(name, shape):
    random = np.random.default_rng(0)
    image = np.ma.MaskedArray(random.integers(-50, 50, shape), random.random(shape) < 0.4)
    image.flags.writeable = False
    made = only(name, **ALL[name])
    results = list(made.apply(image))
    assert [prefix for prefix, _ in results] == made.prefixes(image.ndim)
    for _, filtered in results:
        assert filtered.shape == shape
        np.testing.assert_array_equal(np.ma.getmaskarray(filtered), image.mask)
        assert np.isfinite(filtered.data).all()
    whole = list(made.apply(image.data))
    assert not any(np.ma.isMaskedArray(filtered) for _, filtered in whole)
    for (_, filtered), (_, other) in zip(whole, results, strict=True):
        np.testing.assert_array_equal(filtered, other.data)  # pixels beneath the mask take part


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.float32, np.float64, ">f4"])
@pytest.mark.parametrize("name", [name for name in ALL if name != "original"])
def test_dtype_of_the_image_makes_no_difference(name, dtype):
    image = np.random.default_rng(0).integers(0, 2, (10, 11)).astype(dtype)
    made = only(name, **ALL[name])
    for (_, filtered), (_, expected) in zip(made.apply(image), made.apply(image.astype(float)), strict=True):
        np.testing.assert_array_equal(filtered, expected)
        assert filtered.dtype == (np.float32 if name in ("gradient", "log") else np.float64)


@pytest.mark.parametrize("name", ALL)
def test_strides_of_the_image_make_no_difference(name):
    image = np.random.default_rng(0).random((6, 10, 8))
    made = only(name, **ALL[name])
    turned = np.asfortranarray(image[:, ::-1])[:, ::-1]
    for (_, filtered), (_, expected) in zip(made.apply(turned), made.apply(image), strict=True):
        np.testing.assert_array_equal(filtered, expected)


def test_original_is_the_image_itself():
    image = np.ma.MaskedArray([[1.0, np.nan]], [[False, True]], dtype=np.float32)
    [(prefix, same)] = only("original").apply(image)
    assert prefix == ""
    assert same is image


@pytest.mark.parametrize("name", [name for name in ALL if name != "original"])
def test_values_that_are_not_finite_are_refused_even_beneath_the_mask(name):
    image = np.ma.MaskedArray(np.ones((5, 5)), np.eye(5))
    image.data[2, 2] = np.nan
    with pytest.raises(ValueError, match="needs finite values, also outside the region"):
        list(only(name, **ALL[name]).apply(image))


@pytest.mark.parametrize(
    ("image", "spacing", "message"),
    [
        (np.ones(3), None, "2 or 3 axes"),
        (np.ones((0, 3)), None, "2 or 3 axes with pixels"),
        (np.ones((3, 3)), (1, 1, 1), "spacing=(1, 1, 1) does not fit an image of 2 axes"),
        (np.ones((3, 3)), (1, 0), "spacing must be positive numbers, in mm. Got (1, 0)"),
        (np.ones((3, 3)), (1, float("inf")), "spacing must be positive numbers"),
        (np.ones((3, 3)), "ab", "spacing must be positive numbers"),
    ],
)
def test_images_and_spacings_are_checked_at_once(image, spacing, message):
    with pytest.raises(ValueError) as caught:
        only("square").apply(image, spacing)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("square", [[4, 1], [0.25, 0]]),  # x² / 4
        ("square_root", [[-4, np.sqrt(8)], [2, 0]]),  # sign(x) √(4 |x|)
        ("logarithm", [[-4, 4 * np.log(3) / np.log(5)], [4 * np.log(2) / np.log(5), 0]]),
        ("exponential", [[0.25, 2], [np.sqrt(2), 1]]),  # 4 to the power of x / 4
    ],
)
def test_filters_of_single_pixels(name, expected):
    [(_, filtered)] = only(name).apply(np.array([[-4, 2], [1, 0]]))
    np.testing.assert_allclose(filtered, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "value"), [("square", 0), ("square_root", 0), ("logarithm", 0), ("exponential", 1)]
)
def test_filters_of_an_image_of_zeros(name, value):
    [(_, filtered)] = only(name).apply(np.zeros((2, 2)))
    assert (filtered == value).all()


def test_gradient_by_hand():
    image = np.array([[0.0, 6.0, 6.0], [0.0, 6.0, 10.0], [0.0, 6.0, 6.0]])
    along_x = np.array([[3, 3, 0], [3, 5, 2], [3, 3, 0]]) / 0.5
    along_y = np.array([[0, 0, 2], [0, 0, 0], [0, 0, -2]]) / 2.0
    [(_, filtered)] = only("gradient", precision="double").apply(image, (2.0, 0.5))
    np.testing.assert_allclose(filtered, np.hypot(along_x, along_y), rtol=1e-14)
    [(_, in_pixels)] = only("gradient", precision="double", use_spacing=False).apply(image, (2.0, 0.5))
    np.testing.assert_allclose(in_pixels, np.hypot(along_x * 0.5, along_y * 2), rtol=1e-14)


@pytest.mark.parametrize("name", ["gradient", "log", "wavelet", "simoncelli"])
def test_by_slice_filters_each_slice_as_an_image(name):
    volume = np.random.default_rng(0).random((3, 9, 12))
    made = only(name, by_slice=True, **ALL[name])
    results = dict(made.apply(volume, (5.0, 0.8, 0.9)))
    assert list(results) == made.prefixes(2)
    for k in range(3):
        for prefix, filtered in made.apply(volume[k], (0.8, 0.9)):
            np.testing.assert_allclose(results[prefix][k], filtered, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", ["uniform", "default", "ror"])
@pytest.mark.parametrize(("radius", "n_points"), [(1, 8), (1.5, 9), (3, 24), (2.4, 12)])
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating-point images:UserWarning")
def test_local_binary_patterns_are_those_of_scikit_image(method, radius, n_points):
    random = np.random.default_rng(0)
    for image in (random.integers(0, 4, (30, 41)), random.normal(size=(25, 20)), np.ones((3, 2))):
        [(_, filtered)] = only("lbp_2d", radius=radius, n_points=n_points, method=method).apply(image)
        expected = skimage.feature.local_binary_pattern(image, n_points, radius, method)
        np.testing.assert_array_equal(filtered, expected)


def test_local_binary_patterns_of_a_volume_are_those_of_its_slices():
    volume = np.random.default_rng(0).random((3, 9, 12))
    [(prefix, filtered)] = only("lbp_2d").apply(volume)
    assert prefix == "lbp_2d"
    for slice_, result in zip(volume, filtered, strict=True):
        np.testing.assert_array_equal(result, dict(only("lbp_2d").apply(slice_))["lbp_2d"])
