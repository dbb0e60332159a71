"""All families in one pass: the same as one by one, in planes and volumes, whatever the batch."""

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feature_extractors._radiomics.families import FAMILIES
from feature_extractors.pyradiomics import Pyradiomics
from feature_extractors.radiomics import Radiomics

ALL = ("first_order", *FAMILIES)
LIBRARY = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
QUICK = settings(max_examples=25, deadline=None, derandomize=True)
PIXELS = arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 9))


def features_of(image, **parameters):
    extractor = Radiomics(**{"families": ALL, **parameters})
    row = extractor.fit_transform([image])[0]
    return dict(zip(extractor.get_feature_names_out(), row.tolist(), strict=True))


@pytest.fixture(scope="module")
def volume(photographs):
    """A stack of crops of photographs, masked in part."""
    slices = [photographs[name][:12, :14] for name in ("brick", "grass", "gravel", "camera")]
    stack = np.stack([*slices, slices[0][::-1]]).astype(float)
    return np.ma.MaskedArray(stack, np.random.default_rng(2).random(stack.shape) < 0.2)


@pytest.mark.parametrize("family", ALL)
def test_each_family_alone_has_the_same_columns(photographs, family):
    images = list(photographs.values())
    names = {"first_order": "FirstOrder"}
    alone = getattr(
        importlib.import_module(f"feature_extractors.{family}"), names.get(family, family.upper())
    )()
    whole = Radiomics(families=ALL).fit(images)
    columns = [name.startswith(f"{family}_") for name in whole.get_feature_names_out()]
    assert list(alone.fit(images).get_feature_names_out()) == list(whole.get_feature_names_out()[columns])
    assert (whole.transform(images)[:, columns] == alone.transform(images)).all()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"levels": 16}, {"binCount": 16}),
        ({"bin_width": 25, "alpha": 1}, {"binWidth": 25, "gldm_a": 1}),
        ({"levels": 8, "distances": [1, 2]}, {"binCount": 8, "distances": [1, 2]}),
        ({"levels": 16, "slices": "merge"}, {"binCount": 16, "force2D": True}),
        ({"levels": 16, "directions": "merge"}, {"binCount": 16, "weightingNorm": "no_weighting"}),
        ({"levels": 16, "symmetric": False}, {"binCount": 16, "symmetricalGLCM": False}),
        ({"levels": 16, "spacing": [2, 1, 3]}, {"binCount": 16}),
    ],
)
def test_volumes_are_those_of_pyradiomics(volume, ask_pyradiomics, ours, theirs):
    library = Pyradiomics(feature_classes=LIBRARY, settings=theirs, spacing=ours.get("spacing"))
    expected = library.fit_transform([volume])[0]
    features = features_of(volume, families=ALL[:6], **ours)
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


def test_slices_may_be_averaged(volume):
    """Each slice on the levels of the whole volume, here given."""
    gray = np.ma.MaskedArray(np.ma.getdata(volume) // 26 + 1, np.ma.getmaskarray(volume))
    by_slice = [features_of(part, levels=None, families=FAMILIES) for part in gray]
    averaged = features_of(gray, levels=None, families=FAMILIES, slices="average")
    for name, value in averaged.items():
        if name not in ("glcm_idn", "glcm_idmn", "glcm_mcc"):  # which know all levels of the volume
            assert value == pytest.approx(np.mean([slice_[name] for slice_ in by_slice])), name


def test_directions_one_by_one(photographs):
    image = photographs["brick"]
    each = features_of(image, families=["glcm", "glrlm", "glszm"], directions="each")
    averaged = features_of(image, families=["glcm", "glrlm", "glszm"])
    assert len(each) == 4 * 24 + 4 * 16 + 16
    for name, value in averaged.items():
        parts = [
            each[n]
            for n in each
            if n.startswith(f"{name}_") and n.rpartition("_")[0] in (name, f"{name}_down1")
        ]
        if not name.startswith("glszm"):
            assert len(parts) == 4
            assert value == pytest.approx(np.mean(parts)), name


def test_a_batch_of_anything_is_the_rows_one_by_one(photographs, volume):
    image = photographs["camera"]
    images = [
        image[:20, :30],
        image[:9, :11].astype(np.float32) * 1.37,
        photographs["camera, masked"],
        image.astype(np.int16) - 100,
        volume,
        image[:40].astype(np.uint16) * 200,
        image[3:4, :50],
        (image[:33, :21] / 7).astype(float),
    ]
    whole = Radiomics(families=ALL).fit(images)
    rows = whole.transform(images)
    for row, one in zip(rows, images, strict=True):
        np.testing.assert_array_equal(row, whole.transform([one])[0])


@pytest.mark.parametrize("levels", [1, 2, 3, 24, 25, 64, 161, 255, 256, 257, 400, 1024])
def test_from_one_level_to_a_thousand(levels, ask_pyradiomics):
    """Tables and rows of pairs, dense and sparse eigenvalues, narrow and wide integers."""
    image = np.cumsum(np.random.default_rng(levels).normal(size=(40, 45)), axis=1)
    ours = features_of(image, families=ALL[1:6], levels=levels)
    for family in ALL[1:6]:
        if family not in ("gldm", "ngtdm"):
            theirs = ask_pyradiomics(family, image, binCount=levels)
            for (name, value), expected in zip(
                ((n, v) for n, v in ours.items() if n.startswith(f"{family}_")), theirs.values(), strict=True
            ):
                allowed = 1e-6 if name == "glcm_mcc" else 1e-9  # see GLCM on its rare levels
                assert value == pytest.approx(expected, rel=allowed, abs=1e-12), name


@QUICK
@given(PIXELS, st.integers(-50, 50))
def test_an_added_constant_changes_no_texture(image, constant):
    families = FAMILIES
    assert features_of(image + constant, families=families, levels=5) == pytest.approx(
        features_of(image, families=families, levels=5), rel=1e-9, abs=1e-9
    )


@QUICK
@given(PIXELS)
def test_flips_change_nothing(image):
    expected = pytest.approx(features_of(image, levels=4), rel=1e-7, abs=1e-7)
    for turned in (image[::-1], image[:, ::-1], image.T):
        assert features_of(np.ascontiguousarray(turned), levels=4) == expected


@QUICK
@given(PIXELS)
def test_a_mask_of_everything_is_no_mask(image):
    masked = np.ma.MaskedArray(image, np.zeros(image.shape, dtype=bool))
    assert features_of(masked, levels=4) == features_of(image, levels=4)


def test_what_lies_under_the_mask_has_no_influence(photographs):
    image = photographs["grass, masked"].astype(float)
    spoilt = np.ma.MaskedArray(np.where(np.ma.getmaskarray(image), np.nan, np.ma.getdata(image)), image.mask)
    assert features_of(spoilt) == features_of(image)


def test_two_regions_apart_are_one_region_of_interest(ask_pyradiomics):
    random = np.random.default_rng(3)
    image = random.integers(0, 50, (12, 30)).astype(float)
    outside = np.ones(image.shape, dtype=bool)
    outside[:5, :9] = outside[6:, 20:] = False
    masked = np.ma.MaskedArray(image, outside)
    ours = features_of(masked, families=["glszm"], levels=6)
    theirs = ask_pyradiomics("glszm", masked, binCount=6)
    np.testing.assert_allclose(list(ours.values()), list(theirs.values()), rtol=1e-9)


def test_resegmentation_leaves_pixels_out_but_not_of_the_distances():
    image = np.array([[1, 1, 1, 1, 1], [1, 2, 2, 2, 1], [1, 2, 90, 2, 1], [1, 2, 2, 2, 1], [1, 1, 1, 1, 1]])
    cut = features_of(image, levels=None, resegment_range=[1, 10], families=["glszm", "gldzm"])
    masked = features_of(np.ma.MaskedArray(image, image > 10), levels=None, families=["glszm", "gldzm"])
    assert {n: v for n, v in cut.items() if "glszm" in n} == {n: v for n, v in masked.items() if "glszm" in n}
    assert cut["gldzm_large_distance_emphasis"] == (1 + 4) / 2
    assert masked["gldzm_large_distance_emphasis"] == 1
    without = features_of(image, levels=None, outliers=3, families=["glszm"])
    assert without["glszm_zone_percentage"] == 2 / 24


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"families": ["glcm", "gldzn"]}, "no family 'gldzn'. Did you mean 'gldzm'"),
        ({"families": []}, "must list different families"),
        ({"families": ["glcm", "glcm"]}, "must list different families"),
        ({"filters": ["wavelett"]}, "wavelet"),
        ({"directions": "both"}, "'directions' parameter of Radiomics must be"),
        ({"resegment_range": [5, 2]}, "must be two numbers, the smaller first"),
        ({"outliers": 0}, "'outliers' parameter of Radiomics must be"),
        ({"levels": 70_000}, "'levels' parameter of Radiomics must be"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        Radiomics(**parameters).fit([np.eye(4)])


def test_bad_images_are_named():
    with pytest.raises(ValueError, match="image 1 holds NaN"):
        Radiomics().fit([np.eye(4)]).transform([np.eye(4), np.full((4, 4), np.nan)])
    with pytest.raises(ValueError, match="leave no pixel"):
        Radiomics(resegment_range=[5, 6]).fit_transform([np.eye(4)])
    with pytest.raises(ValueError, match="whole numbers from 1"):
        Radiomics(levels=None).fit_transform([np.eye(4)])
