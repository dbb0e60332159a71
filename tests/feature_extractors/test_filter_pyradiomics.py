"""Filters against pyradiomics itself: the same images under the same names, to the last digit."""

import sys

import numpy as np
import pytest

from feature_extractors._filters import parse_filters
from feature_extractors.pyradiomics import _snake_case

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="pyradiomics 3.0.1 builds on Python 3.11 only; there this runs"
)

CASES = [
    ("Square", {}, "square", {}),
    ("SquareRoot", {}, "square_root", {}),
    ("Logarithm", {}, "logarithm", {}),
    ("Exponential", {}, "exponential", {}),
    ("Gradient", {}, "gradient", {}),
    ("Gradient", {"gradientUseSpacing": False}, "gradient", {"use_spacing": False}),
    ("LoG", {"sigma": [1.0, 2, 3.5]}, "log", {"sigma": [1.0, 2, 3.5]}),
    ("LoG", {"sigma": [0.3]}, "log", {"sigma": 0.3}),
    ("Wavelet", {}, "wavelet", {}),
    ("Wavelet", {"wavelet": "db2", "level": 2}, "wavelet", {"name": "db2", "level": 2}),
    ("Wavelet", {"wavelet": "haar", "level": 3}, "wavelet", {"name": "haar", "level": 3}),
    ("Wavelet", {"wavelet": "bior1.3"}, "wavelet", {"name": "bior1.3"}),
    ("LBP2D", {}, "lbp_2d", {}),
    (
        "LBP2D",
        {"lbp2DRadius": 2.5, "lbp2DSamples": 12, "lbp2DMethod": "ror"},
        "lbp_2d",
        {"radius": 2.5, "n_points": 12, "method": "ror"},
    ),
]


def ask_pyradiomics(name, image, spacing, settings):
    """Return the filtered images of pyradiomics by their names in snake case."""
    import radiomics.imageoperations as operations
    import SimpleITK

    node = SimpleITK.GetImageFromArray(image)
    node.SetSpacing(spacing[::-1])
    return {
        _snake_case(prefix).replace("squareroot", "square_root"): SimpleITK.GetArrayFromImage(filtered)
        for filtered, prefix, _ in getattr(operations, f"get{name}Image")(node, None, **settings)
    }


def assert_equal(name, theirs, ours, image, spacing):
    expected = ask_pyradiomics(name, image, spacing, theirs)
    (made,) = ours
    found = dict(made.apply(image, spacing))
    assert set(found) == set(expected) == set(made.prefixes(image.ndim))
    for prefix, filtered in found.items():
        np.testing.assert_array_equal(filtered, expected[prefix], err_msg=prefix)
        assert filtered.dtype == expected[prefix].dtype


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((40, 50), (1.0, 1.0)),
        ((41, 33), (0.7, 0.9)),
        ((8, 22, 31), (2.0, 0.7, 0.9)),
        ((5, 9, 12), (1.0, 1.0, 1.0)),
    ],
)
@pytest.mark.parametrize(("name", "theirs", "filter_", "settings"), CASES)
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating-point images:UserWarning")
def test_noise(name, theirs, filter_, settings, shape, spacing):
    image = np.random.default_rng(1).normal(size=shape) * 300 - 20
    assert_equal(name, theirs, parse_filters({filter_: settings}), image, spacing)


@pytest.mark.parametrize(("name", "theirs", "filter_", "settings"), CASES)
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating-point images:UserWarning")
def test_photographs(name, theirs, filter_, settings, photographs):
    """Of whole numbers with flat parts, where rounding errors would decide on the bin."""
    image = np.minimum(photographs["camera"], 140).astype(float)
    assert_equal(name, theirs, parse_filters({filter_: settings}), image, (0.7, 0.7))


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
@pytest.mark.parametrize(
    ("name", "theirs", "filter_", "settings"), [c for c in CASES if c[0] in ("LoG", "Gradient")]
)
def test_dtypes(name, theirs, filter_, settings, dtype):
    image = (np.random.default_rng(2).normal(size=(30, 40)) * 300).astype(dtype)
    assert_equal(name, theirs, parse_filters({filter_: settings}), image, (0.7, 0.9))


def test_wavelets_by_slice():
    image = np.random.default_rng(3).normal(size=(3, 21, 30))
    ours = parse_filters({"wavelet": {"by_slice": True, "level": 2}})
    assert_equal("Wavelet", {"force2D": True, "level": 2}, ours, image, (1.0, 1.0, 1.0))


def test_radiographs(radiographs):
    for image in radiographs[:3]:
        for name, theirs, filter_, settings in CASES:
            if name != "LBP2D":
                assert_equal(name, theirs, parse_filters({filter_: settings}), image, (0.2, 0.2))
