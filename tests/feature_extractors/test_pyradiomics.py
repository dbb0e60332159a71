"""The pyradiomics extractor: the library's own values, its names, and clear refusals."""

import importlib.resources
import logging
import pickle
import sys

import numpy as np
import pytest
import yaml

from feature_extractors import pyradiomics
from feature_extractors.first_order import FirstOrder
from feature_extractors.glcm import GLCM
from feature_extractors.glrlm import GLRLM
from feature_extractors.glszm import GLSZM
from feature_extractors.pyradiomics import Pyradiomics

on_python_3_11 = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="pyradiomics 3.0.1 builds on Python 3.11 only; there this runs"
)


def features_of(image, **parameters):
    extractor = Pyradiomics(**parameters)
    row = extractor.fit_transform([image])[0]
    return dict(zip(extractor.get_feature_names_out(), row.tolist(), strict=True))


@pytest.mark.parametrize(
    ("library", "ours"),
    [
        ("original_glcm_JointEnergy", "original_glcm_joint_energy"),
        ("original_glcm_Imc1", "original_glcm_imc1"),
        ("original_glcm_MCC", "original_glcm_mcc"),
        ("original_firstorder_10Percentile", "original_first_order_10_percentile"),
        ("original_shape2D_PixelSurface", "original_shape_2d_pixel_surface"),
        ("original_shape_Maximum2DDiameterColumn", "original_shape_maximum_2d_diameter_column"),
        ("wavelet-LLH_ngtdm_Busyness", "wavelet_llh_ngtdm_busyness"),
        ("wavelet2-HH_gldm_LargeDependenceEmphasis", "wavelet2_hh_gldm_large_dependence_emphasis"),
        ("log-sigma-2-5-mm-3D_glrlm_RunEntropy", "log_sigma_2_5_mm_3d_glrlm_run_entropy"),
        ("lbp-3D-m1_firstorder_Mean", "lbp_3d_m1_first_order_mean"),
    ],
)
def test_names(library, ours):
    assert pyradiomics._snake_case(library) == ours


@on_python_3_11
def test_known_names_are_those_of_the_library():
    import radiomics.featureextractor

    assert set(pyradiomics._CLASSES) == set(radiomics.getFeatureClasses())
    assert set(pyradiomics._FILTERS) == set(radiomics.getImageTypes())
    schema = yaml.safe_load((importlib.resources.files("radiomics") / "schemas/paramSchema.yaml").read_text())
    of_the_image_alone = {"additionalInfo", "correctMask", "label", "label_channel"}
    assert set(pyradiomics._SETTINGS) == set(schema["mapping"]["setting"]["mapping"]) - of_the_image_alone


@on_python_3_11
@pytest.mark.parametrize("name", ["brick", "brick, masked"])
def test_agrees_with_our_own_extractors(photographs, name):
    library = features_of(photographs[name], settings={"binWidth": 10})
    assert len(library) == 93
    for ours in (FirstOrder, GLCM, GLRLM, GLSZM):
        extractor = ours(bin_width=10)
        row = extractor.fit_transform([photographs[name]])[0]
        theirs = [library[f"original_{feature}"] for feature in extractor.get_feature_names_out()]
        np.testing.assert_allclose(row, theirs, rtol=1e-9)


@on_python_3_11
def test_is_what_execute_gives(photographs):
    import SimpleITK
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    image = photographs["gravel, masked"]
    types = {
        "Original": {},
        "Wavelet": {"wavelet": "haar"},
        "LoG": {"sigma": [1.5]},
        "Square": {"binWidth": 9},
    }
    library = RadiomicsFeatureExtractor(additionalInfo=False, normalize=True, binWidth=0.2)
    library.disableAllImageTypes()
    library.enableImageTypes(**types)
    library.disableAllFeatures()
    library.enableFeaturesByName(firstorder=["10Percentile", "Entropy"], shape2D=[], glcm=[])
    nodes = [SimpleITK.GetImageFromArray(a) for a in (image.data.astype(np.int32), (~image.mask).astype(int))]
    for node in nodes:
        node.SetSpacing((0.5, 2.0))  # columns, rows
    theirs = library.execute(*nodes)
    ours = features_of(
        image,
        feature_classes={"firstorder": ["10Percentile", "Entropy"], "shape2D": None, "glcm": []},
        image_types=types,
        settings={"normalize": True, "binWidth": 0.2},
        spacing=(2.0, 0.5),
    )
    assert ours == pytest.approx({pyradiomics._snake_case(k): float(v) for k, v in theirs.items()}, rel=1e-12)
    assert len(ours) == (2 + 24) * (1 + 4 + 1 + 1) + 9


@on_python_3_11
def test_a_whole_image_is_normalised_and_resampled():
    image = np.random.default_rng(0).normal(size=(20, 24))
    settings = {"normalize": True, "preCrop": True}
    normalised = features_of(image, feature_classes=["firstorder"], settings=settings)
    assert normalised["original_first_order_mean"] == pytest.approx(0, abs=1e-12)
    assert normalised["original_first_order_variance"] == pytest.approx(
        1 - 1 / 480
    )  # divided by the sample's s.d.
    settings = {"resampledPixelSpacing": [2, 2], "interpolator": "sitkLinear"}
    resampled = features_of(np.full((20, 24), 3.0), feature_classes=["firstorder"], settings=settings)
    assert resampled["original_first_order_energy"] == pytest.approx(3**2 * (20 / 2) * (24 / 2))


@on_python_3_11
def test_volumes_and_spacing():
    volume = np.zeros((6, 8, 9))
    region = np.zeros(volume.shape, dtype=bool)
    region[1:4, 2:6, 3:8] = True
    volume[region] = np.arange(60)
    image = np.ma.MaskedArray(volume, ~region)
    features = features_of(image, feature_classes=["shape", "glszm"], spacing=[2.0, 1.0, 0.5])
    assert features["original_shape_voxel_volume"] == 60 * 2 * 1 * 0.5
    assert features["original_shape_maximum_2d_diameter_slice"] == pytest.approx(
        np.hypot(4, 5 * 0.5), rel=0.2
    )
    assert features["original_glszm_zone_percentage"] <= 1


@on_python_3_11
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float16, np.float32, np.int64, np.float64])
def test_dtypes(dtype):
    image = np.arange(30).reshape(5, 6) % 2
    image = image.astype(dtype) if dtype is bool else (image * 255).astype(dtype)
    features = features_of(image, feature_classes=["firstorder"], settings={"binWidth": 25})
    assert features["original_first_order_entropy"] == pytest.approx(0.0 if dtype is bool else 1.0, abs=1e-9)
    assert features["original_first_order_maximum"] == image.max()


@on_python_3_11
def test_constant_images_have_numbers():
    assert np.isfinite(list(features_of(np.zeros((6, 7))).values())).all()


@on_python_3_11
def test_the_default_is_32_levels_not_the_librarys_width_of_25():
    image = np.arange(30).reshape(5, 6) / 29
    assert features_of(image, feature_classes=["firstorder"])["original_first_order_entropy"] > 4


@on_python_3_11
def test_logging_is_left_as_it_was():
    import radiomics.featureextractor

    assert radiomics.logger.name == "radiomics"
    logger = logging.getLogger("radiomics")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        features_of(np.eye(5), feature_classes=["glcm"])
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)


@on_python_3_11
def test_the_librarys_warnings_are_not_printed(capfd):
    features_of(np.eye(5), feature_classes=["glcm"])  # which warns of fixed bins and of symmetry
    assert capfd.readouterr() == ("", "")


@on_python_3_11
def test_fitted_extractor_survives_pickling():
    extractor = Pyradiomics(feature_classes=["glrlm"]).fit([np.eye(5)])
    copy = pickle.loads(pickle.dumps(extractor))
    np.testing.assert_array_equal(copy.transform([np.eye(6)]), extractor.transform([np.eye(6)]))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"feature_classes": ["glccm"]}, "no feature class 'glccm'. Did you mean 'glcm'?"),
        ({"feature_classes": ["first_order"]}, "no feature class 'first_order'. Did you mean 'firstorder'?"),
        ({"image_types": ["wavelets"]}, "no image type 'wavelets'. Did you mean 'Wavelet'?"),
        ({"image_types": {"log": {"sigma": [1]}}}, "no image type 'log'. Did you mean 'LoG'?"),
        ({"image_types": {"LoG": {"sigmas": [1]}}}, "no setting 'sigmas'. Did you mean 'sigma'?"),
        ({"settings": {"bin_count": 8}}, "no setting 'bin_count'. Did you mean 'binCount'?"),
        ({"settings": {"label": 2}}, "no setting 'label'."),
        ({"settings": [1]}, "The 'settings' parameter of Pyradiomics must be"),
        ({"spacing": [1, 0]}, "The 'spacing' parameter of Pyradiomics must be positive"),
    ],
)
def test_wrong_names_are_refused_without_the_library(parameters, message):
    with pytest.raises(ValueError) as caught:
        Pyradiomics(**parameters).check_parameters()
    assert message in str(caught.value)


@on_python_3_11
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"feature_classes": {"glcm": ["Energy"]}}, "no glcm feature 'Energy'. Did you mean 'JointEnergy'?"),
        ({"feature_classes": ["shape", "glcm"]}, "computed nothing for shape on an image of shape (8, 8)"),
        ({"image_types": ["Original", "LoG"]}, "computed nothing for LoG"),
        ({"settings": {"binWidth": -3}}, "Path: '/setting/binWidth'"),
        ({"settings": {"binCount": "many"}}, "Value 'many' is not of type 'int'"),
        ({"spacing": [1.0, 1.0, 1.0]}, "spacing=[1.0, 1.0, 1.0] does not fit an image of 2 axes"),
    ],
)
def test_what_the_library_cannot_do_is_refused(parameters, message):
    with pytest.raises(ValueError) as caught:
        Pyradiomics(**parameters).fit([np.eye(8)])
    assert message in str(caught.value)


@on_python_3_11
@pytest.mark.parametrize("shape", [(1, 1), (1, 9)])
def test_regions_too_small_for_the_library_are_refused(shape):
    with pytest.raises(
        ValueError, match=rf"pyradiomics refuses an image of shape \({shape[0]}, {shape[1]}\): "
    ):
        Pyradiomics().fit([np.ones(shape)])


@on_python_3_11
def test_an_image_with_other_features_than_the_first_is_refused():
    extractor = Pyradiomics(feature_classes=["glszm"], image_types={"LoG": {"sigma": [1, 6]}})
    extractor.fit([np.random.default_rng(0).random((16, 16))])
    with pytest.raises(ValueError, match="other features than the image it was fitted on, 'log_sigma_6"):
        extractor.transform([np.random.default_rng(0).random((5, 5))])


def test_absence_of_the_library_is_explained(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "radiomics"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "radiomics", None)  # how Python marks a package that cannot be imported
    pyradiomics._library.cache_clear()
    with pytest.raises(ImportError, match=r"Python 3\.11 only: there, pip install numpy"):
        Pyradiomics().fit([np.eye(5)])
