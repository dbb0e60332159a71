"""Resampling by matrices is that of scikit-image."""

import numpy as np
import pytest
from skimage.transform import resize

from suite.preprocessing._resampling import resample

SIZES = [
    ((512, 512), (256, 256)),
    ((1500, 900), (64, 128)),
    ((100, 60), (256, 256)),
    ((300, 200), (256, 256)),  # one axis shrinks, the other grows
    ((17, 9), (8, 40)),
    ((8, 8), (8, 8)),
    ((9, 300), (8, 8)),
    ((1, 4), (1, 2)),
    ((2, 1), (8, 3)),
    ((8, 8), (1, 1)),  # the Gaussian reaches far beyond both borders
]


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize(("old", "new"), SIZES)
def test_values_are_those_of_scikit_image(old, new, antialias):
    pixels = np.random.default_rng(sum(old)).integers(0, 65536, old).astype(float)
    expected = resize(pixels, new, order=1, mode="reflect", anti_aliasing=antialias, preserve_range=True)
    found = resample(pixels, new, antialias=antialias)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-9)


def test_values_stay_within_the_range_of_the_image():
    found = resample(np.full((50, 70), 0.1), (16, 16), antialias=True)
    np.testing.assert_array_equal(found, np.full((16, 16), 0.1))
