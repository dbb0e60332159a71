"""All families in one pass: the same as one by one, in planes and volumes, whatever the batch."""

import importlib
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors._filters import parse_filters
from feature_extractors._radiomics import batch
from feature_extractors._radiomics.families import FAMILIES
from feature_extractors._radiomics.region import normalized, resampled
from feature_extractors._texture import INTENSITIES
from feature_extractors.pyradiomics import Pyradiomics
from feature_extractors.radiomics import Radiomics
from tests.feature_extractors.reference import plain

ALL = ("first_order", *FAMILIES)
EVERY = (*INTENSITIES, *FAMILIES)
NUMBERS = {"intensity_histogram": 23, "intensity_volume_histogram": 6, "local_intensity": 2}
NUMBERS |= {"first_order": 18, "glcm": 24, "glrlm": 16, "glszm": 16, "gldm": 14, "ngtdm": 5, "gldzm": 16}
LIBRARY = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
QUICK = settings(max_examples=25, deadline=None, derandomize=True)
PIXELS = arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 9))
SHAPES = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)),
)
LEVELS = arrays(np.int64, SHAPES, elements=st.integers(0, 5)).filter(np.any)
SETTINGS = st.fixed_dictionaries(
    {
        "distances": st.sampled_from([(1,), (2,), (1, 3)]),
        "symmetric": st.booleans(),
        "alpha": st.sampled_from([0, 1, 2.5]),
        "standard": st.sampled_from(["pyradiomics", "ibsi"]),
    }
)


def features_of(image, **parameters):
    extractor = Radiomics(**{"families": ALL, **parameters})
    row = extractor.fit_transform([image])[0]
    return dict(zip(extractor.get_feature_names_out(), row.tolist(), strict=True))


def masked(levels):
    """Return an image of levels, masked where they are 0."""
    return np.ma.MaskedArray(np.where(levels > 0, levels, 1), levels == 0)


def plainly(levels, *, deep=None, **parameters):
    """Features of levels, 0 outside, by loops over the pixels."""
    deep = levels.ndim == 3 if deep is None else deep
    stack = levels if levels.ndim == 3 else levels[None]
    parts = [plain.features(stack, family, deep=deep, **parameters) for family in FAMILIES]
    return {name: value for part in parts for name, value in part.items()}


def approximately(features):
    """To 1e-9; imc2 and mcc are roots of what may be a rounding error."""
    return {
        name: pytest.approx(
            value, rel=1e-9, abs=1e-7 if name.startswith(("glcm_imc2", "glcm_mcc")) else 1e-11
        )
        for name, value in features.items()
    }


def class_of(family):
    module = importlib.import_module(f"feature_extractors.{family}")
    return getattr(module, module.__all__[0])


@pytest.mark.parametrize("family", EVERY)
def test_each_family_alone_has_the_same_columns(photographs, family):
    images = list(photographs.values())
    alone, whole = class_of(family)(), Radiomics(families=EVERY).fit(images)
    columns = [name.startswith(f"{family}_") for name in whole.get_feature_names_out()]
    assert list(alone.fit(images).get_feature_names_out()) == list(whole.get_feature_names_out()[columns])
    assert (whole.transform(images)[:, columns] == alone.transform(images)).all()


@pytest.mark.parametrize("family", [*ALL, "intensity_histogram"])
def test_parameters_reach_each_family(photographs, volumes, family):
    """Not only by default: the same columns again, with everything different from it."""
    images = [volumes["masked volume"], photographs["grass, masked"]]
    parameters = {"bin_width": 9.5, "distances": [2, 1], "symmetric": False, "alpha": 2}
    parameters |= {"directions": "merge", "slices": "merge", "standard": "ibsi", "voxel_array_shift": 7}
    whole = Radiomics(families=[family], **parameters).fit(images)
    own = class_of(family)().get_params()
    alone = class_of(family)(**{name: value for name, value in parameters.items() if name in own}).fit(images)
    assert (whole.transform(images) == alone.transform(images)).all()
    assert not np.array_equal(
        whole.transform(images)[:, :14], class_of(family)().fit_transform(images)[:, :14]
    )


def test_names_come_family_by_family_whatever_the_order_asked_for():
    names = (
        Radiomics(families=EVERY[::-1], filters=["original", "square"]).fit([np.eye(4)]).feature_names_out_
    )
    assert len(set(names)) == len(names) == 2 * sum(NUMBERS.values())
    order = [
        f"{prefix}{family}" for prefix in ("", "square_") for family in EVERY for _ in range(NUMBERS[family])
    ]
    assert all(name.startswith(f"{start}_") for name, start in zip(names, order, strict=True))
    assert len(Radiomics().fit([np.eye(4)]).feature_names_out_) == 93


@pytest.mark.parametrize("family", EVERY)
@pytest.mark.parametrize("standard", ["pyradiomics", "ibsi"])
def test_features_are_those_of_the_table_in_the_docstring(family, standard):
    rows = re.findall(r"^    (\w+)  +(?:[A-Z0-9]{4}|–) +(.*)$", class_of(family).__doc__, flags=re.MULTILINE)
    other = "pyradiomics only" if standard == "ibsi" else "(IBSI only|only with the standard ibsi)$"
    documented = [name for name, formula in rows if not re.search(other, formula)]
    names = Radiomics(families=[family], standard=standard).fit([np.eye(4)]).get_feature_names_out()
    assert len(documented) == NUMBERS[family] + 3 * (family == "gldm" and standard == "ibsi")
    assert sorted(names) == sorted(f"{family}_{name}" for name in documented)
    if standard == "pyradiomics":
        assert list(names) == [f"{family}_{name}" for name in documented]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(LEVELS, SETTINGS, st.sampled_from(["average", "merge", "each"]), st.sampled_from(["join", "merge"]))
def test_features_are_those_of_plain_loops(levels, parameters, directions, slices):
    ours = features_of(
        masked(levels), families=FAMILIES, levels=None, slices=slices, directions=directions, **parameters
    )
    deep = levels.ndim == 3 and slices == "join"
    assert ours == approximately(plainly(levels, deep=deep, directions=directions, **parameters))


@QUICK
@given(
    arrays(np.int64, (3, 4, 5), elements=st.integers(1, 4)), SETTINGS, st.sampled_from(["average", "each"])
)
def test_slices_are_averaged_on_the_levels_of_the_volume(levels, parameters, directions):
    """The highest level and how many there are (GLCM's idn, idmn and mcc) are those of the volume."""
    levels[1, 1:3, 2] = 0
    volume = np.insert(levels, 1, 0, axis=0)  # a slice outside does not count
    parameters |= {"directions": directions}
    ours = features_of(masked(volume), families=FAMILIES, levels=None, slices="average", **parameters)
    by_slice = [plainly(part[None], deep=False, image=volume, **parameters) for part in levels]
    mean = {name: np.mean([features[name] for features in by_slice]) for name in by_slice[0]}
    assert ours == approximately(mean)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(LEVELS, min_size=1, max_size=5), st.sampled_from([1, 30, 1 << 20]))
def test_batches_are_the_rows_one_by_one(images, pixels_at_once):
    """However they are cut: planes and volumes, with narrow and wide positions (300 levels) among them."""
    images = [masked(levels) for levels in images]
    images.insert(len(images) // 2, np.arange(1, 301).reshape(15, 20))
    whole = Radiomics(families=EVERY, levels=None).fit(images)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "PIXELS_AT_ONCE", pixels_at_once)
        rows = whole.transform(images)
    np.testing.assert_array_equal(rows, np.vstack([whole.transform([image]) for image in images]))


@pytest.mark.parametrize("name", ["whole volume", "masked volume", "volume of two regions"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"levels": 16}, {"binCount": 16}),
        ({"bin_width": 25, "alpha": 1}, {"binWidth": 25, "gldm_a": 1}),
        ({"levels": 8, "distances": [1, 2]}, {"binCount": 8, "distances": [1, 2]}),
        (
            {"levels": 24, "distances": [1, 3], "alpha": 2.5},
            {"binCount": 24, "distances": [1, 3], "gldm_a": 2},
        ),
        ({"levels": 16, "slices": "merge"}, {"binCount": 16, "force2D": True}),
        ({"levels": 16, "directions": "merge"}, {"binCount": 16, "weightingNorm": "no_weighting"}),
        ({"levels": 16, "symmetric": False}, {"binCount": 16, "symmetricalGLCM": False}),
        ({"levels": 16, "spacing": [2, 1, 3]}, {"binCount": 16}),
    ],
)
def test_whole_battery_of_pyradiomics(volumes, ask_pyradiomics, name, ours, theirs):
    library = Pyradiomics(feature_classes=LIBRARY, settings=theirs, spacing=ours.get("spacing"))
    expected = library.fit_transform([volumes[name]])[0]
    features = features_of(volumes[name], families=ALL[:6], **ours)
    names = [name.removeprefix("original_") for name in library.get_feature_names_out()]
    assert sorted(names) == sorted(features)
    np.testing.assert_allclose([features[name] for name in names], expected, rtol=1e-9, err_msg=f"{names}")


def test_filters_are_those_of_pyradiomics(photographs, ask_pyradiomics):
    image = photographs["grass, masked"].astype(float)
    library = Pyradiomics(
        feature_classes=["glcm", "ngtdm"],
        image_types={"Original": {}, "Square": {}, "Wavelet": {}, "LoG": {"sigma": [2]}},
        settings={"binCount": 16},
    )
    expected = library.fit_transform([image])[0]
    filters = ["original", "square", "wavelet", {"log": {"sigma": [2]}}]
    features = features_of(image, filters=filters, families=["glcm", "ngtdm"], levels=16)
    names = [name.removeprefix("original_") for name in library.get_feature_names_out()]
    assert sorted(names) == sorted(features)
    np.testing.assert_allclose([features[name] for name in names], expected, rtol=1e-7, err_msg=f"{names}")


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_a_batch_of_anything_is_the_rows_one_by_one(photographs, volumes, dtype):
    """Sizes, types and axes mixed; whole numbers have the same features in any type."""
    image = photographs["camera"]
    images = [
        image[:20, :30].astype(dtype),
        image[:9, :11].astype(np.float32) * 1.37,
        photographs["camera, masked"].astype(dtype),
        image.astype(np.int16) - 100,
        volumes["masked volume"].astype(dtype),
        image[:40].astype(np.uint16) * 200,
        image[3:4, :50],
        (image[:33, :21] / 7).astype(float),
    ]
    whole = Radiomics(families=EVERY).fit(images)
    rows = whole.transform(images)
    for row, one in zip(rows, images, strict=True):
        np.testing.assert_array_equal(row, whole.transform([one])[0])
    as_given = whole.transform([image[:20, :30], photographs["camera, masked"], volumes["masked volume"]])
    np.testing.assert_allclose(rows[[0, 2, 4]], as_given, rtol=1e-9)


@pytest.mark.parametrize("levels", [1, 2, 3, 24, 25, 64, 161, 255, 256, 257, 400, 1024])
def test_from_one_level_to_a_thousand(levels, ask_pyradiomics):
    """Tables and rows of pairs, dense and sparse eigenvalues, narrow and wide integers."""
    size = (32, 32) if levels > 257 else (40, 45)  # the library takes seconds for the eigenvalues of 1,000
    image = np.cumsum(np.random.default_rng(levels).normal(size=size), axis=1)
    ours = features_of(image, families=ALL[:6], levels=levels)
    for family in ALL[:6]:
        theirs = ask_pyradiomics(family, image, binCount=levels)
        names = [name for name in ours if name.startswith(f"{family}_")]
        for name, expected in zip(names, theirs.values(), strict=True):
            allowed = 1e-6 if name == "glcm_mcc" else 1e-9  # see GLCM on its rare levels
            assert ours[name] == pytest.approx(expected, rel=allowed, abs=1e-12), name


@QUICK
@given(PIXELS, st.integers(-50, 50))
def test_an_added_constant_changes_no_texture(image, constant):
    expected = pytest.approx(features_of(image, families=FAMILIES, levels=5), rel=1e-9, abs=1e-9)
    assert features_of(image + constant, families=FAMILIES, levels=5) == expected


@QUICK
@given(LEVELS)
def test_flips_change_nothing(levels):
    """Of planes and volumes with a mask, along any axis."""
    expected = pytest.approx(features_of(masked(levels), levels=None), rel=1e-7, abs=1e-7)
    for axis in range(levels.ndim):
        assert features_of(masked(np.flip(levels, axis)), levels=None) == expected
    assert features_of(masked(levels.T), levels=None) == expected


@QUICK
@given(PIXELS)
def test_a_mask_of_everything_is_no_mask(image):
    whole = np.ma.MaskedArray(image, np.zeros(image.shape, dtype=bool))
    assert features_of(whole, families=EVERY, levels=4) == features_of(image, families=EVERY, levels=4)


@QUICK
@given(LEVELS, st.integers(1, 3))
def test_what_surrounds_a_region_changes_nothing(levels, width):
    """A region at the border of its image, and the same with masked pixels all around."""
    inside = features_of(masked(np.pad(levels, width)), levels=None, distances=[1, 2])
    assert inside == pytest.approx(
        features_of(masked(levels), levels=None, distances=[1, 2]), rel=1e-12, abs=1e-12
    )


@pytest.mark.parametrize("shape", [(1, 1), (4, 5), (3, 4, 5)])
@pytest.mark.parametrize("standard", ["pyradiomics", "ibsi"])
@pytest.mark.parametrize("pixels", ["all", "one", "two apart"])
def test_flat_and_single_pixels(shape, standard, pixels):
    """A constant region, one pixel, and two that are no neighbours: by plain loops, and finite."""
    levels = np.full(shape, 3)
    if pixels != "all":
        levels.flat[1 : -1 if pixels == "two apart" else None] = 0
    features = features_of(masked(levels), levels=None, families=FAMILIES, standard=standard)
    assert np.isfinite(list(features.values())).all()
    assert features == approximately(plainly(levels, standard=standard))


def test_what_lies_under_the_mask_has_no_influence(photographs, volumes):
    for image in (photographs["grass, masked"].astype(float), volumes["masked volume"].astype(float)):
        outside = np.ma.getmaskarray(image)
        for beneath in (np.nan, np.inf, -1e300, 0):
            spoilt = np.ma.MaskedArray(np.where(outside, beneath, np.ma.getdata(image)), outside)
            for parameters in ({}, {"bin_width": 9}, {"standard": "ibsi", "bin_width": 9}):
                assert features_of(spoilt, **parameters) == features_of(image, **parameters)


def test_two_regions_apart_are_one_region_of_interest():
    """Pairs, runs and zones of two masks beside each other are those of both: sums of their matrices."""
    random = np.random.default_rng(3)
    left, right = random.integers(1, 6, (5, 9)), random.integers(1, 6, (6, 10))
    both = np.zeros((12, 30), dtype=int)
    both[:5, :9], both[6:, 20:] = left, right
    ours = features_of(masked(both), levels=None, families=FAMILIES)
    assert ours == approximately(plainly(both))
    sizes = [plain.zone_sizes(part[None], deep=False) for part in (left, right)]
    together = sizes[0][:, :46] + sizes[1][:, :46]
    assert sizes[1][:, 46:].sum() == 0
    assert ours["glszm_zone_percentage"] == pytest.approx(together.sum() / (45 + 60))


def test_resegmentation_leaves_pixels_out_but_not_of_the_distances():
    image = np.array([[1, 1, 1, 1, 1], [1, 2, 2, 2, 1], [1, 2, 90, 2, 1], [1, 2, 2, 2, 1], [1, 1, 1, 1, 1]])
    cut = features_of(image, levels=None, resegment_range=[1, 10], families=["glszm", "gldzm"])
    without = features_of(np.ma.MaskedArray(image, image > 10), levels=None, families=["glszm", "gldzm"])
    assert {n: v for n, v in cut.items() if "glszm" in n} == {
        n: v for n, v in without.items() if "glszm" in n
    }
    assert cut["gldzm_large_distance_emphasis"] == (1 + 4) / 2
    assert without["gldzm_large_distance_emphasis"] == 1
    without = features_of(image, levels=None, outliers=3, families=["glszm"])
    assert without["glszm_zone_percentage"] == 2 / 24


def test_bins_start_at_the_bound_of_resegmentation_but_for_filtered_images():
    """IBSI's fixed bin size; filtered values lie below that bound, too."""
    image = np.random.default_rng(0).normal(100, 20, (30, 40))
    inside = (image >= 60) & (image <= 140)
    ibsi = {"families": ["glcm", "ngtdm"], "standard": "ibsi"}
    smooth = {"log": {"sigma": [1]}}
    features = features_of(
        image, filters=["original", smooth], resegment_range=[60, 140], bin_width=5, **ibsi
    )
    levels = np.ma.MaskedArray(np.floor((image - 60) / 5) + 1, ~inside)
    ((_, filtered),) = parse_filters([smooth])[0].apply(np.ma.MaskedArray(image, ~inside), None)
    assert filtered.min() < 0
    expected = [*features_of(levels, levels=None, **ibsi).values()]
    expected += features_of(filtered, bin_width=5, **ibsi).values()
    np.testing.assert_allclose(list(features.values()), expected, rtol=1e-12)


def test_images_are_normalised_first_and_then_resampled():
    image = np.random.default_rng(0).normal(20, 9, size=(12, 10))
    made = resampled(normalized(image, 50), (1, 1), (2, 1.5), 1)
    settings = {"bin_width": 5, "standard": "ibsi", "resegment_range": [-40, None]}
    steps = {"normalize": 50, "spacing": (1, 1), "new_spacing": (2, 1.5), "interpolation": "linear"}
    assert features_of(image, **steps, **settings) == features_of(made, **settings)


@pytest.mark.parametrize(("standard", "whole"), [("ibsi", np.rint), ("pyradiomics", np.trunc)])
def test_an_image_of_integers_stays_one_when_resampled(standard, whole):
    image = np.random.default_rng(0).integers(0, 99, size=(12, 10))
    made = resampled(image, (1, 1), (1.3, 1.3), 3, standard=standard)
    made = np.ma.MaskedArray(whole(made.data), made.mask)
    features = features_of(image, new_spacing=(1.3, 1.3), standard=standard)
    expected = features_of(made, standard=standard)
    expected["first_order_total_energy"] = expected["first_order_energy"] * 1.3**2
    assert features == pytest.approx({name: expected[name] for name in features})


def test_normalisation_looks_at_what_lies_outside_the_region_as_pyradiomics_does():
    image = np.ma.MaskedArray(np.arange(16.0).reshape(4, 4), np.eye(4, dtype=bool))
    mean = features_of(image, normalize=1)["first_order_mean"]
    assert mean == pytest.approx((image.mean() - 7.5) / np.std(np.arange(16), ddof=1))


@pytest.mark.parametrize("parameters", [{"directions": "each"}, {"filters": ["wavelet"]}])
def test_images_of_other_axes_are_refused_where_their_features_differ(parameters):
    plane, stack = np.eye(6), np.arange(4 * 6 * 5).reshape(4, 6, 5) % 7
    radiomics = Radiomics(**parameters).fit([plane])
    with pytest.raises(ValueError, match=r"image 1 has 3 axes .* 2 axes"):
        radiomics.transform([plane, stack])
    assert Radiomics().fit([plane]).transform([plane, stack]).shape == (2, 93)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"families": ["glcm", "gldzn"]}, "no family 'gldzn'. Did you mean 'gldzm'"),
        ({"families": ["GLCM"]}, "no family 'GLCM'.* Families: shape, shape2d, first_order, .*, glcm, glrlm"),
        ({"families": []}, "must list different families"),
        ({"families": ["glcm", "glcm"]}, "must list different families"),
        ({"filters": ["wavelett"]}, "wavelet"),
        ({"directions": "both"}, "'directions' parameter of Radiomics must be"),
        ({"slices": "2d"}, "'slices' parameter of Radiomics must be"),
        ({"standard": "IBSI"}, "'standard' parameter of Radiomics must be"),
        ({"distances": [0]}, "'distances' parameter of Radiomics must"),
        ({"alpha": -0.5}, "'alpha' parameter of Radiomics must be"),
        ({"resegment_range": [5, 2]}, "must be two numbers, the smaller first"),
        ({"resegment_range": [5]}, "must be two numbers, the smaller first"),
        ({"new_spacing": [-1, 1]}, "'new_spacing' parameter must be 2 or 3 numbers from 0, in mm"),
        ({"normalize": 0}, "'normalize' parameter of Radiomics must be"),
        ({"interpolation": "lanczos"}, "'interpolation' parameter of Radiomics must be"),
        ({"outliers": 0}, "'outliers' parameter of Radiomics must be"),
        ({"levels": 70_000}, "'levels' parameter of Radiomics must be"),
        ({"ivh_levels": 0}, "'ivh_levels' parameter of Radiomics must be"),
        ({"ivh_bin_width": 0}, "'ivh_bin_width' parameter of Radiomics must be"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        Radiomics(**parameters).fit([np.eye(4)])


def test_bad_images_are_named():
    hole = np.ma.MaskedArray([[1.0, np.nan], [2.0, np.nan]], [[0, 1], [0, 0]])
    for bad in (np.full((4, 4), np.nan), np.array([[1.0, np.inf]]), hole):
        with pytest.raises(ValueError, match="image 1 holds NaN"):
            Radiomics().fit([np.eye(4)]).transform([np.eye(4), bad])
    with pytest.raises(ValueError, match="No pixel of the region has a value between 5 and 6"):
        Radiomics(resegment_range=[5, 6]).fit_transform([np.eye(4)])
    with pytest.raises(ValueError, match="whole numbers from 1"):
        Radiomics(levels=None).fit_transform([np.eye(4)])
    with pytest.raises(ValueError, match="Radiomics takes at most 4096 gray levels, and 4097 occur"):
        Radiomics(levels=4097).fit_transform([np.arange(4097.0).reshape(17, 241)])
