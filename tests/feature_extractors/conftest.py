"""Real images, and what pyradiomics says of them."""

import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import skimage.io
import skimage.transform

HERE = Path(__file__).parent
CXR = HERE.parents[1] / "../shared/data/cxr"
FAMILIES = {
    "first_order": ("firstorder", "RadiomicsFirstOrder"),
    "glcm": ("glcm", "RadiomicsGLCM"),
    "glrlm": ("glrlm", "RadiomicsGLRLM"),
    "glszm": ("glszm", "RadiomicsGLSZM"),
    "gldm": ("gldm", "RadiomicsGLDM"),
    "ngtdm": ("ngtdm", "RadiomicsNGTDM"),
}


def _with_ellipse(image, seed):
    """Mask all but an ellipse with holes, which touches the border."""
    height, width = image.shape
    y, x = np.ogrid[:height, :width]
    inside = ((y - height / 2) / height) ** 2 + ((x - width / 3) / width) ** 2 < 0.16
    holes = np.random.default_rng(seed).random(image.shape) < 0.15
    return np.ma.MaskedArray(image, ~inside | holes)


@pytest.fixture(scope="session")
def photographs():
    """Crops of the photographs that scikit-image bundles: whole, and masked."""
    whole = {
        name: getattr(skimage.data, name)()[100:164, 200:280]
        for name in ("brick", "grass", "gravel", "camera")
    }
    masked = {
        f"{name}, masked": _with_ellipse(image, seed) for seed, (name, image) in enumerate(whole.items())
    }
    return whole | masked


@pytest.fixture(scope="session")
def volumes(photographs):
    """Stacks of crops of the photographs: whole, a region with holes that touches the border, two regions."""
    crops = [photographs[name] for name in ("brick", "grass", "gravel", "camera")]
    whole = np.stack([crop[:12, :15] for crop in [*crops, crops[3][20:, 30:]]])
    z, y, x = np.ogrid[:5, :12, :15]
    ball = (z / 5) ** 2 + ((y - 6) / 12) ** 2 + ((x - 4) / 15) ** 2 < 0.4
    holes = np.random.default_rng(4).random(whole.shape) < 0.15
    boxes = (z < 2) & (y < 6) & (x < 5) | (z > 1) & (y > 4) & (x > 6)
    return {
        "whole volume": whole,
        "masked volume": np.ma.MaskedArray(whole, ~ball | holes),
        "volume of two regions": np.ma.MaskedArray(whole, ~boxes),
    }


@pytest.fixture(scope="session")
def radiographs():
    """A few radiographs, downsized, floating point, with a mask each."""
    if not CXR.is_dir():
        pytest.skip("the radiographs of ../shared/data/cxr are not here")
    paths = [sorted((CXR / label).glob("*.*"))[0] for label in ("covid", "normal", "pneumonia")]
    images = [skimage.io.imread(path, as_gray=True).astype(float) for path in paths]
    sized = [
        skimage.transform.resize(image / image.max() * 255, (128, 112), anti_aliasing=True)
        for image in images
    ]
    return sized + [_with_ellipse(image, seed) for seed, image in enumerate(sized)]


@pytest.fixture(scope="session")
def reference():
    """Values of pyradiomics 3.0.1, by family, settings and image, as `reference/compute.py` wrote them."""
    return json.loads((HERE / "reference" / "pyradiomics.json").read_text())


@pytest.fixture(scope="session")
def ask_pyradiomics():
    """Return a function that has pyradiomics compute a family for an image: {name in the library: value}."""
    if sys.version_info >= (3, 12):
        pytest.skip("pyradiomics 3.0.1 builds on Python 3.11 only; there these comparisons run")
    import radiomics.featureextractor  # loads all feature classes
    import SimpleITK

    def ask(family, image, **settings):
        module, name = FAMILIES[family]
        feature_class = getattr(getattr(radiomics, module), name)
        pixels = np.ma.getdata(image)
        pixels = pixels if pixels.dtype.kind == "f" else pixels.astype(float)
        mask = (~np.ma.getmaskarray(image)).astype(np.uint8)
        nodes = SimpleITK.GetImageFromArray(pixels), SimpleITK.GetImageFromArray(mask)
        logging.getLogger("radiomics").setLevel(logging.ERROR)
        return {name: float(value) for name, value in feature_class(*nodes, **settings).execute().items()}

    return ask


@pytest.fixture(scope="session")
def assert_like_pyradiomics(ask_pyradiomics):
    """Return a function that compares an extractor with the library: same features, values to 1e-9."""

    def check(extractor, image, **settings):
        theirs = ask_pyradiomics(extractor.FAMILY, image, **settings)
        ours = extractor.fit_transform([image])[0]
        names = extractor.get_feature_names_out()
        assert [name.replace("_", "") for name in names] == [
            f"{extractor.FAMILY}{name}".replace("_", "").lower() for name in theirs
        ]
        np.testing.assert_allclose(ours, list(theirs.values()), rtol=1e-9, err_msg=f"{names}")

    return check


@pytest.fixture(scope="session")
def assert_like_reference(photographs, volumes, reference):
    """Return a function that compares an extractor with the committed values of pyradiomics, to 1e-9."""

    def check(extractor, settings):
        images = volumes if settings.startswith("volume") else photographs
        rows = extractor.fit(list(images.values())).transform(list(images.values()))
        assert list(extractor.get_feature_names_out()) == reference[extractor.FAMILY]
        for name, row in zip(images, rows, strict=True):
            expected = reference[f"{extractor.FAMILY}, {settings}, {name}"]
            np.testing.assert_allclose(row, expected, rtol=1e-9, err_msg=name)

    return check
