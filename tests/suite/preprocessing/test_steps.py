"""Each step against its definition or another library, and the way a mask goes."""

import numpy as np
import pytest
from pydantic import ValidationError
from skimage.exposure import equalize_adapthist
from skimage.filters import butterworth
from skimage.transform import resize

from suite.preprocessing.butterworth_bandpass import ButterworthBandpass
from suite.preprocessing.clahe import Clahe
from suite.preprocessing.crop_center import CropCenter
from suite.preprocessing.normalize import Normalize
from suite.preprocessing.patches import Patches
from suite.preprocessing.resize import Resize
from suite.preprocessing.window import Window

RANDOM = np.random.default_rng(0)
WIDE = RANDOM.integers(0, 4096, (60, 40)).astype(np.uint16)
SMALL = np.arange(12, dtype=np.int16).reshape(3, 4)
INSIDE = np.zeros(WIDE.shape, dtype=bool)
INSIDE[10:40, 10:30] = True
MASKED = np.ma.MaskedArray(WIDE, mask=~INSIDE)

STEPS = [
    Resize(size=24),
    Resize(size=(24, 32), keep_aspect=True),
    CropCenter(size=20),
    CropCenter(fraction=0.5),
    Clahe(),
    ButterworthBandpass(),
    Normalize(method="minmax"),
    Normalize(method="zscore"),
    Normalize(method="percentile"),
    Window(center=2000, width=900),
]


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_every_step_gives_finite_float32_and_keeps_a_mask(step):
    before = WIDE.copy()
    plain, masked = step.apply(WIDE), step.apply(MASKED)
    np.testing.assert_array_equal(WIDE, before)
    assert plain.dtype == masked.dtype == np.float32
    assert np.isfinite(plain).all()
    assert not np.ma.isMaskedArray(plain)
    assert np.ma.getmaskarray(masked).shape == masked.shape == plain.shape
    assert np.ma.isMaskedArray(masked)


@pytest.mark.parametrize("step", STEPS, ids=repr)
@pytest.mark.parametrize("value", [0, 7])
def test_constant_images_stay_finite(step, value):
    assert np.isfinite(step.apply(np.full((32, 32), value, dtype=np.uint8))).all()


@pytest.mark.parametrize("shape", [(24, 24), (90, 80), (30, 20)])
@pytest.mark.parametrize("antialias", [True, False])
def test_resize_is_that_of_scikit_image(shape, antialias):
    theirs = resize(
        WIDE.astype(float), shape, order=1, anti_aliasing=antialias, preserve_range=True, mode="reflect"
    )
    np.testing.assert_allclose(Resize(size=shape, antialias=antialias).apply(WIDE), theirs, rtol=1e-6)


def test_resize_keeping_the_aspect_pads_with_the_minimum():
    resized = Resize(size=30, keep_aspect=True).apply(WIDE)
    theirs = resize(
        WIDE.astype(float), (30, 20), order=1, anti_aliasing=True, preserve_range=True, mode="reflect"
    )
    np.testing.assert_allclose(resized[:, 5:25], theirs, rtol=1e-6)
    assert set(resized[:, :5].ravel()) | set(resized[:, 25:].ravel()) == {np.float32(theirs.min())}


def test_the_mask_follows_the_geometry():
    halved = ~Resize(size=(30, 20)).apply(MASKED).mask
    np.testing.assert_array_equal(halved, INSIDE[::2, ::2])
    padded = ~Resize(size=30, keep_aspect=True).apply(MASKED).mask
    np.testing.assert_array_equal(padded, np.pad(INSIDE[::2, ::2], ((0, 0), (5, 5))))
    np.testing.assert_array_equal(~CropCenter(size=(40, 20)).apply(MASKED).mask, INSIDE[10:50, 10:30])
    np.testing.assert_array_equal(Clahe().apply(MASKED).mask, ~INSIDE)


def test_a_crop_that_loses_the_region_is_refused():
    corner = np.ma.MaskedArray(WIDE, mask=np.ones(WIDE.shape, bool))
    corner[0, 0] = 1
    with pytest.raises(ValueError, match="no pixel of the region of interest is left"):
        CropCenter(size=20).apply(corner)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (CropCenter(size=1), [[5]]),
        (CropCenter(size=(3, 2)), [[1, 2], [5, 6], [9, 10]]),
        (CropCenter(fraction=0.5), [[1, 2], [5, 6]]),
        (CropCenter(fraction=1), SMALL),
        (Normalize(), SMALL / 11),
        (Normalize(method="zscore"), (SMALL - 5.5) / SMALL.std()),
        (Normalize(method="percentile", low=0, high=50), (SMALL / 5.5).clip(0, 1)),
        (Window(center=4, width=4), ((SMALL - 2) / 4).clip(0, 1)),
    ],
)
def test_values_by_hand(step, expected):
    np.testing.assert_allclose(step.apply(SMALL), expected, atol=1e-6)


def test_normalisation_goes_by_the_pixels_inside():
    outside = np.ma.MaskedArray([[0, 10, 20, 900]], mask=[[False, False, False, True]])
    np.testing.assert_allclose(Normalize().apply(outside).compressed(), [0, 0.5, 1])
    zscore = Normalize(method="zscore").apply(outside).compressed()
    np.testing.assert_allclose(zscore, np.array([-10, 0, 10]) / np.std([0, 10, 20]), rtol=1e-6)


def test_a_crop_larger_than_the_image_is_refused():
    with pytest.raises(ValueError, match="has 3 rows and 4 columns, fewer than the 5 and 5 to keep"):
        CropCenter(size=5).apply(SMALL)


@pytest.mark.parametrize("clip_limit", [0.01, 0.3])
def test_clahe_is_that_of_scikit_image_in_the_units_of_the_image(clip_limit):
    low, high = int(WIDE.min()), int(WIDE.max())
    theirs = equalize_adapthist((WIDE - low) / (high - low), (15, 10), clip_limit)
    ours = Clahe(clip_limit=clip_limit, tiles=4).apply(WIDE)
    np.testing.assert_allclose(ours, low + theirs * (high - low), rtol=1e-6)
    assert (ours.min(), ours.max()) == (low, high)


def test_clahe_raises_local_contrast():
    ramp = np.add.outer(np.arange(64) * 50, np.arange(64) % 2).astype(np.uint16)
    assert (
        np.abs(np.diff(Clahe(clip_limit=0.5).apply(ramp), axis=1)).mean()
        > 1.5 * np.abs(np.diff(ramp.astype(int), axis=1)).mean()
    )


@pytest.mark.parametrize("shape", [(8, 8), (9, 300), (31, 17)])
def test_clahe_works_on_images_smaller_than_its_tiles(shape):
    image = RANDOM.integers(0, 255, shape).astype(np.uint8)
    assert np.isfinite(Clahe(tiles=16).apply(image)).all()


@pytest.mark.parametrize(("row", "column"), [(0, 1), (3, 0), (5, 9), (31, 20), (63, 47)])
def test_waves_are_multiplied_by_the_analytic_gain(row, column):
    """A product of cosines is an eigenfunction, with the frequency k / 2N along each axis."""
    step = ButterworthBandpass(low=0.05, high=0.2, order=3)
    y, x = np.arange(64) + 0.5, np.arange(48) + 0.5
    wave = np.outer(np.cos(np.pi * row * y / 64), np.cos(np.pi * column * x / 48))
    f = np.hypot(row / 128, column / 96)
    gain = 1 / np.sqrt(1 + (0.05 / f) ** 6) / np.sqrt(1 + (f / 0.2) ** 6)
    np.testing.assert_allclose(step.apply(wave), gain * wave, atol=1e-6)


def test_butterworth_is_that_of_scikit_image_on_the_reflected_image():
    image = RANDOM.normal(100, 30, (40, 40))
    reflected = np.pad(image, ((0, 40), (0, 40)), mode="symmetric")
    options = {"order": 2, "squared_butterworth": False}
    theirs = butterworth(reflected, 0.05, high_pass=True, **options)
    theirs = butterworth(theirs, 0.2, high_pass=False, **options)[:40, :40]
    ours = ButterworthBandpass(low=0.05, high=0.2, order=2).apply(image)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_without_a_lower_limit_the_mean_is_kept():
    image = RANDOM.normal(100, 30, (40, 30))
    assert ButterworthBandpass(low=0).apply(image).mean() == pytest.approx(image.mean(), rel=1e-6)
    assert ButterworthBandpass(low=0.01).apply(image).mean() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("size", "stride", "expected"),
    [
        (8, None, [(0, 0), (0, 8), (8, 0), (8, 8)]),
        (8, 6, [(0, 0), (0, 6), (0, 12), (6, 0), (6, 6), (6, 12)]),
        (16, 1, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]),
    ],
)
def test_patches_are_those_counted_by_hand(size, stride, expected):
    image = RANDOM.integers(0, 99, (17, 20))
    found = Patches(size=size, stride=stride).cut(image)
    assert [tag for tag, _ in found] == [f"@y{y}-x{x}" for y, x in expected]
    for (_, patch), (y, x) in zip(found, expected, strict=True):
        assert patch.dtype == np.float32
        np.testing.assert_array_equal(patch, image[y : y + size, x : x + size])


def test_patches_inside_a_mask():
    inside = np.zeros((16, 24), dtype=bool)
    inside[:8, :8] = True  # wholly
    inside[:4, 8:16] = True  # half
    inside[8, 16] = True  # one of 64
    image = np.ma.MaskedArray(np.ones((16, 24)), mask=~inside)

    def tags(**options):
        return [tag for tag, _ in Patches(size=8, **options).cut(image)]

    assert tags(where="mask", min_inside=1) == ["@y0-x0"]
    assert tags(where="mask") == ["@y0-x0", "@y0-x8"]
    assert tags() == tags(where="mask", min_inside=0) == ["@y0-x0", "@y0-x8", "@y8-x16"]
    assert np.ma.count(Patches(size=8).cut(image)[1][1]) == 32


@pytest.mark.parametrize(
    ("step", "image", "message"),
    [
        (Patches(size=32), np.zeros((31, 90)), "no patch of 32×32 fits into an image of 90×31 pixels"),
        (Patches(size=8, where="mask"), np.zeros((9, 9)), "'where: mask' needs a mask"),
        (
            Patches(size=30, where="mask", min_inside=0.9),
            MASKED,
            "none of the 2 patches lies inside the mask",
        ),
    ],
)
def test_no_patch_is_an_error(step, image, message):
    with pytest.raises(ValueError, match=message):
        step.cut(image)


@pytest.mark.parametrize(
    ("step", "parameters", "message"),
    [
        (Resize, {}, "Field required"),
        (Resize, {"size": 0}, "greater than or equal to 8"),
        (Resize, {"size": 10**6}, "less than or equal to 8192"),
        (CropCenter, {}, "give either size or fraction"),
        (CropCenter, {"size": 9, "fraction": 0.5}, "give either size or fraction"),
        (Clahe, {"clip_limit": float("nan")}, "finite number"),
        (ButterworthBandpass, {"low": 0.3, "high": 0.2}, r"low \(0.3\) must be below high \(0.2\)"),
        (Normalize, {"low": 2}, "they need method: percentile"),
        (Normalize, {"method": "percentile", "low": 60, "high": 40}, r"low \(60\) must be below high \(40\)"),
        (Normalize, {"method": "median"}, "'minmax', 'zscore' or 'percentile'"),
        (Window, {"center": 1, "width": 0}, "greater than 0"),
        (Patches, {"size": 16, "min_inside": 2}, "less than or equal to 1"),
    ],
)
def test_parameters_that_cannot_be_are_refused(step, parameters, message):
    with pytest.raises(ValidationError, match=message):
        step(**parameters)
