"""Wavelets: PyWavelets' coefficients, sub-bands by hand, rotations, and the response maps of IBSI 2."""

import itertools

import numpy as np
import pytest
import pywt

from docs.conformance_checks import REFERENCE
from docs.conformance_filters import RESPONSE_MAPS, response_maps
from feature_extractors._filters import parse_filters

BORDERS = {"mirror": "symmetric", "nearest": "edge", "periodic": "wrap", "zero": "constant"}


def bands_of(image, **settings):
    """Return the sub-bands by their letters, those of level 2 as ``2_lh``."""
    (made,) = parse_filters({"wavelet": settings})
    return {prefix.removeprefix("wavelet").removeprefix("_"): band for prefix, band in made.apply(image)}


@pytest.mark.parametrize("name", ["haar", "db2", "coif1", "bior1.3", "db5", "dmey"])
@pytest.mark.parametrize("shape", [(8, 10), (2, 6), (64, 140), (6, 4, 8)])
def test_stationary_level_1_is_that_of_pywavelets_to_the_last_digit(name, shape):
    image = np.random.default_rng(0).normal(size=shape) * 100
    axes = tuple(range(image.ndim))[::-1]
    (expected,) = pywt.swtn(image, name, 1, axes=axes)
    bands = bands_of(image, name=name)
    assert set(bands) == {key.translate(str.maketrans("ad", "lh")) for key in expected}
    exact = min(shape) >= pywt.Wavelet(name).dec_len
    for key, band in expected.items():
        ours = bands[key.translate(str.maketrans("ad", "lh"))]
        np.testing.assert_allclose(ours, band, rtol=0, atol=0 if exact else 1e-11)


def test_stationary_levels_of_ibsi_are_those_of_pywavelets():
    image = np.random.default_rng(0).normal(size=(16, 24))
    second, first = pywt.swtn(image, "db3", 2, axes=(1, 0))
    bands = bands_of(image, name="db3", level=2, standard="ibsi", border="periodic")
    assert list(bands) == ["lh", "hl", "hh", "2_lh", "2_hl", "2_hh", "2_ll"]
    np.testing.assert_allclose(bands["hl"], first["da"], rtol=0, atol=1e-14)
    for name, key in (("2_ll", "aa"), ("2_lh", "ad"), ("2_hl", "da"), ("2_hh", "dd")):
        np.testing.assert_allclose(bands[name], second[key], rtol=0, atol=1e-14)


def test_levels_of_pyradiomics_repeat_the_filters_of_level_1():
    image = np.random.default_rng(0).normal(size=(7, 9))
    bands = bands_of(image, level=3)
    padded = np.pad(image, ((0, 1), (0, 1)), "wrap")
    for _ in range(3):
        (found,) = pywt.swtn(padded, "coif1", 1, axes=(1, 0))
        padded = found["aa"]
    np.testing.assert_allclose(bands["3_ll"], found["aa"][:7, :9], rtol=0, atol=1e-13)
    np.testing.assert_allclose(bands["3_hl"], found["da"][:7, :9], rtol=0, atol=1e-13)


@pytest.mark.parametrize(("border", "mode"), BORDERS.items())
@pytest.mark.parametrize("name", ["haar", "coif1", "db6"])
def test_borders_are_those_of_numpy_pad(border, mode, name):
    image = np.random.default_rng(0).normal(size=(5, 9))
    wavelet = pywt.Wavelet(name)
    half, length = wavelet.dec_len // 2, image.shape[1]
    padded = np.pad(image, ((0, 0), (half - 1, half)), mode)
    along_x = [np.convolve(row, wavelet.dec_hi, "valid")[:length] for row in padded]
    padded = np.pad(along_x, ((half - 1, half), (0, 0)), mode)
    expected = np.transpose([np.convolve(column, wavelet.dec_lo, "valid")[:5] for column in padded.T])
    bands = bands_of(image, name=name, border=border, standard="ibsi")
    np.testing.assert_allclose(bands["hl"], expected, rtol=0, atol=1e-13)


def test_haar_level_2_by_hand():
    """One row, mirrored, so that L down the column multiplies by √2; with holes on level 2."""
    image = np.zeros((1, 9))
    image[0, 4] = 4
    bands = bands_of(image, name="haar", level=2, standard="ibsi")
    np.testing.assert_allclose(bands["hl"][0], [0, 0, 0, -4, 4, 0, 0, 0, 0], atol=1e-12)  # x[i] - x[i + 1]
    # L of level 1 is x[i] + x[i + 1]: 0 0 0 4 4 0 0 0 0; level 2 takes that of two pixels on
    np.testing.assert_allclose(bands["2_ll"][0], [0, 4, 4, 4, 4, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(bands["2_hl"][0], [0, -4, -4, 4, 4, 0, 0, 0, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("bands", "shape", "expected"),
    [
        (["HH"], (6, 8), ["hh", "2_hh"]),
        (["LL", "HL"], (6, 8), ["hl", "2_hl", "2_ll"]),
        (["HHL"], (4, 6, 8), ["hhl", "2_hhl"]),
        (["LLL"], (4, 6, 8), ["2_lll"]),
    ],
)
@pytest.mark.parametrize("rotation_invariant", [False, True])
def test_chosen_bands_are_those_of_all(bands, shape, expected, rotation_invariant):
    image = np.random.default_rng(0).normal(size=shape)
    settings = {"level": 2, "rotation_invariant": rotation_invariant}
    chosen, every = bands_of(image, bands=bands, **settings), bands_of(image, **settings)
    assert list(chosen) == expected
    for name in set(chosen) & set(every):
        np.testing.assert_array_equal(chosen[name], every[name])


def test_bands_that_do_not_fit_the_axes_are_refused():
    with pytest.raises(ValueError, match="'LLH' does not fit the 2 axes"):
        bands_of(np.ones((4, 4)), bands=["LLH"])


def rotations(dimensions):
    """Yield the right-angle rotations as a permutation and directions of axes."""
    for order in itertools.permutations(range(dimensions)):
        for steps in itertools.product((1, -1), repeat=dimensions):
            matrix = np.zeros((dimensions, dimensions))
            matrix[range(dimensions), order] = steps
            if np.linalg.det(matrix) > 0:
                yield order, tuple(slice(None, None, step) for step in steps)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(
    ("shape", "standard"), [((9, 8), "ibsi"), ((9, 8), "pyradiomics"), ((5, 8, 7), "ibsi")]
)
def test_rotation_invariant_bands_are_averages_over_rotated_images(shape, standard, border):
    image = np.random.default_rng(0).normal(size=shape)
    settings = {"name": "db3", "level": 2, "standard": standard, "border": border}
    every = list(rotations(image.ndim))
    assert len(every) == {2: 4, 3: 24}[image.ndim]
    average = {}
    for order, turned in every:
        for name, band in bands_of(image.transpose(order)[turned], **settings).items():
            average[name] = average.get(name, 0) + band[turned].transpose(np.argsort(order)) / len(every)
    invariant = bands_of(image, rotation_invariant=True, **settings)
    assert [name for name in invariant if "2" not in name] == {
        2: ["lh", "hl", "hh"],
        3: ["llh", "lhh", "hhh"],
    }[image.ndim]
    for name, band in invariant.items():
        np.testing.assert_allclose(band, average[name], rtol=0, atol=1e-14)
    if image.ndim == 3:
        np.testing.assert_allclose(average["lhl"], average["llh"], rtol=0, atol=1e-14)


def test_decimated_bands_are_those_of_pywavelets():
    image = np.random.default_rng(0).normal(size=(40, 37))
    bands = bands_of(image, kind="decimated", name="db2", level=2)
    rows_first, (lh, hl, hh), _ = pywt.wavedec2(image, "db2", "symmetric", 2)
    np.testing.assert_allclose(bands["2_ll"], rows_first, atol=1e-13)
    np.testing.assert_allclose(bands["2_lh"], lh, atol=1e-13)  # horizontal details: L along rows
    np.testing.assert_allclose(bands["2_hl"], hl, atol=1e-13)
    np.testing.assert_allclose(bands["2_hh"], hh, atol=1e-13)
    assert bands["lh"].shape == (21, 20)


@pytest.mark.parametrize(
    ("name", "level", "mask", "expected"),
    [
        # Haar: coefficient k is made of pixels 2k and 2k + 1; its centre, k = 2k + 0.5, is rounded down
        ("haar", 1, [1, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 0]),
        # and on level 2 of pixels 4k to 4k + 3, with centre 4k + 1
        ("haar", 2, [0, 1, 0, 0, 1, 0, 1, 1], [1, 0]),
        # db2: coefficient k is made of pixels 2k - 2 to 2k + 1, with centre 2k - 0.5; for k = 0 outside
        ("db2", 1, [1, 1, 0, 1, 0, 0, 0, 1], [1, 1, 1, 0, 1]),
    ],
)
def test_mask_of_decimated_bands(name, level, mask, expected):
    image = np.ma.MaskedArray(np.ones((8, 8)), np.broadcast_to(np.array(mask, bool), (8, 8)))
    bands = bands_of(image, kind="decimated", name=name, level=level)
    band = list(bands.values())[-1]
    assert band.mask[-1].tolist() == [bool(m) for m in expected]
    assert (band.mask == band.mask[0]).all()


def test_regions_and_images_too_small_for_decimation_are_refused():
    image = np.ma.MaskedArray(np.ones((8, 8)), True)
    image.mask[3, 3] = False  # no centre of a coefficient of the Haar wavelet is in an odd column
    with pytest.raises(ValueError, match=r"No coefficient of sub-band LH of level 1 .* of 1 pixels"):
        bands_of(image, kind="decimated", name="haar")
    with pytest.raises(ValueError, match=r"too small for 2 levels of coif1 .* 20 pixels along an axis"):
        bands_of(np.ones((19, 40)), kind="decimated", level=2)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references of ../shared/data are not here")
@pytest.mark.parametrize("test", RESPONSE_MAPS)
def test_response_maps_of_ibsi(test):
    """Largest response 40 to 2,040; the maps are stored in single precision."""
    ours, theirs = response_maps(test)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", [(9, 12), (8, 7, 10)])
def test_simoncelli_is_the_real_part_of_the_complex_transform(shape):
    image = np.random.default_rng(0).normal(size=shape)
    frequencies = np.meshgrid(*(np.fft.ifftshift(np.linspace(-1, 1, n)) for n in shape), indexing="ij")
    length = 2 * np.sqrt(sum(f**2 for f in frequencies))  # of level 2
    response = np.cos(np.pi / 2 * np.log2(2 * length, where=length > 0, out=np.zeros(shape)))
    response[(length < 0.25) | (length > 1)] = 0
    expected = np.fft.ifftn(np.fft.fftn(image) * response).real
    (made,) = parse_filters({"simoncelli": {"level": 2}})
    *_, (_, band) = made.apply(image)
    np.testing.assert_allclose(band, expected, rtol=0, atol=1e-14)
