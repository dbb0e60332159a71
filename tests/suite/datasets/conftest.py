"""Data folders made on the spot, and the real ones where they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.datasets._images import FileImage
from suite.datasets._paths import Locator

SHARED = Path(__file__).parents[3] / "../shared/data"


@pytest.fixture
def locate(tmp_path):
    return Locator((tmp_path,))


@pytest.fixture
def shared():
    """The folder of the real data sets."""
    if not SHARED.is_dir():
        pytest.skip("the real data sets (../shared/data) are not here")
    return SHARED.resolve()


@pytest.fixture
def save(tmp_path):
    """Write an array as an image file below the data folder."""

    def write(name, pixels=None, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.arange(16 * 12, dtype=np.uint8).reshape(16, 12) if pixels is None else pixels
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        image.save(path, **options)
        return path

    return write


@pytest.fixture
def reference(tmp_path):
    """A reference to a file in the data folder."""

    def make(name, **options):
        return FileImage(root=str(tmp_path), path=name, **options)

    return make
