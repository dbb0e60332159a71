"""What is read from image files: values, colours, orientation, masks."""

import io
import pickle
import struct
import warnings
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage.color import rgb2gray

from suite.datasets._decoding import PILLOW_LIMIT

RANDOM = np.random.default_rng(0)
GRAY = RANDOM.integers(0, 256, (10, 14), dtype=np.uint8)
WIDE = RANDOM.integers(0, 65536, (10, 14), dtype=np.uint16)
COLOUR = RANDOM.integers(0, 256, (10, 14, 3), dtype=np.uint8)
WIDE_COLOUR = RANDOM.integers(0, 65536, (10, 14, 3), dtype=np.uint16)


def luma(colour):
    """ITU-R 601 in floating point."""
    return colour.astype(float) @ [0.299, 0.587, 0.114]


def wide_png(pixels, colour_type):
    """Write a 16-bit PNG by hand: Pillow cannot."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("name", "pixels", "depth"),
    [
        ("gray.png", GRAY, 8),
        ("gray.bmp", GRAY, 8),
        ("gray.tif", GRAY, 8),
        ("wide.png", WIDE, 16),
        ("wide.tif", WIDE, 16),
        ("int.tif", WIDE.astype(np.int32) - 40_000, 32),
        ("float.tif", WIDE.astype(np.float32) / 7 - 1000, 32),
    ],
)
def test_lossless_gray_values_come_back_exactly(save, reference, name, pixels, depth):
    save(name, pixels)
    image = reference(name)
    read = image.read()
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read, pixels)
    assert image.properties()["bit_depth"] == depth


def test_jpeg_is_what_pillow_decodes(save, reference):
    path = save("gray.jpg", GRAY, quality=90)
    np.testing.assert_array_equal(reference("gray.jpg").read(), np.asarray(Image.open(path)))
    assert reference("gray.jpg").properties() == {"format": "JPEG", "mode": "L", "bit_depth": 8}


def test_the_content_decides_on_the_format_not_the_name(save, reference):
    save("gray.png", GRAY, format="BMP")
    assert reference("gray.png").properties()["format"] == "BMP"
    np.testing.assert_array_equal(reference("gray.png").read(), GRAY)


def test_colour_becomes_luma(save, reference):
    save("colour.png", COLOUR)
    read = reference("colour.png").read()
    assert np.abs(read - luma(COLOUR)).max() <= 0.51
    np.testing.assert_array_equal(read, np.asarray(Image.fromarray(COLOUR).convert("L")))
    assert np.abs(read / 255 - rgb2gray(COLOUR)).max() < 0.2  # scikit-image weighs by Rec. 709


def test_gray_stored_as_colour_stays_the_same(save, reference):
    save("colour.png", np.dstack([GRAY] * 3))
    np.testing.assert_array_equal(reference("colour.png").read(), GRAY)


def test_alpha_is_composited_on_black(save, reference):
    alpha = RANDOM.integers(0, 256, GRAY.shape, dtype=np.uint8)
    save("la.png", np.dstack([GRAY, alpha]))
    save("rgba.png", np.dstack([COLOUR, alpha]))
    assert np.abs(reference("la.png").read() - GRAY * (alpha / 255)).max() <= 0.51
    assert np.abs(reference("rgba.png").read() - luma(COLOUR) * alpha / 255).max() <= 1.01


def test_palette_cmyk_and_bilevel_images(save, reference):
    palette = Image.fromarray(GRAY % 4, mode=None).convert("L")
    palette = palette.convert("P")
    palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 9, 9])
    save("palette.png", palette)
    np.testing.assert_array_equal(reference("palette.png").read(), np.array([0, 76, 150, 9])[GRAY % 4])
    save("cmyk.jpg", Image.new("CMYK", (14, 10), (0, 0, 0, 55)))
    np.testing.assert_array_equal(reference("cmyk.jpg").read(), np.full((10, 14), 200))
    save("bilevel.png", Image.fromarray(GRAY > 99))
    np.testing.assert_array_equal(reference("bilevel.png").read(), (GRAY > 99) * 255)
    assert reference("bilevel.png").properties()["bit_depth"] == 1


def test_a_transparent_palette_colour_is_black(save, reference):
    palette = Image.new("P", (14, 10), 1)
    palette.putpalette([0, 0, 0, 200, 200, 200])
    save("palette.png", palette, transparency=1)
    assert not reference("palette.png").read().any()


@pytest.mark.parametrize("alpha", [None, WIDE])
def test_sixteen_bit_colour_png_keeps_its_low_bytes(tmp_path, reference, alpha):
    channels = WIDE_COLOUR if alpha is None else np.dstack([WIDE_COLOUR, alpha])
    (tmp_path / "wide.png").write_bytes(wide_png(channels, 2 if alpha is None else 6))
    read = reference("wide.png").read()
    expected = luma(WIDE_COLOUR) * (1 if alpha is None else alpha / 65535)
    assert read.dtype == np.uint16
    assert np.abs(read - expected).max() < 1.6
    assert reference("wide.png").properties()["bit_depth"] == 16


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_sixteen_bit_colour_tiff_keeps_its_low_bytes(tmp_path, reference, byteorder, compression):
    tifffile.imwrite(
        tmp_path / "wide.tif", WIDE_COLOUR, photometric="rgb", byteorder=byteorder, compression=compression
    )
    assert np.abs(reference("wide.tif").read() - luma(WIDE_COLOUR)).max() < 1.0


@pytest.mark.parametrize("pixels", [GRAY, WIDE])
def test_tiff_with_white_as_zero_is_inverted(tmp_path, reference, pixels):
    tifffile.imwrite(tmp_path / "white.tif", pixels, photometric="miniswhite")
    np.testing.assert_array_equal(reference("white.tif").read(), np.iinfo(pixels.dtype).max - pixels)


def test_big_endian_values_become_native(tmp_path, reference):
    tifffile.imwrite(tmp_path / "big.tif", WIDE, byteorder=">")
    read = reference("big.tif").read()
    assert read.dtype == np.dtype("uint16")
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, WIDE)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, GRAY),
        (2, GRAY[:, ::-1]),
        (3, GRAY[::-1, ::-1]),
        (4, GRAY[::-1]),
        (5, GRAY.T),
        (6, np.rot90(GRAY, -1)),
        (7, GRAY[::-1, ::-1].T),
        (8, np.rot90(GRAY, 1)),
    ],
)
@pytest.mark.parametrize("name", ["turned.png", "turned.tif"])
def test_exif_orientation_is_respected(save, reference, orientation, expected, name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(name, GRAY, exif=exif)
    np.testing.assert_array_equal(reference(name).read(), expected)


def test_pixels_outside_the_mask_are_masked(save, reference):
    inside = np.zeros(GRAY.shape, dtype=np.uint8)
    inside[2:5, 3:9] = 7
    save("image.png", GRAY)
    save("mask.png", inside)
    read = reference("image.png", mask="mask.png").read()
    np.testing.assert_array_equal(np.ma.getmaskarray(read), inside == 0)
    np.testing.assert_array_equal(read.data, GRAY)


def test_the_fingerprint_follows_the_bytes_of_image_and_mask(save, reference):
    save("a.png", GRAY)
    save("b.png", GRAY)
    save("mask.png", GRAY)
    first = reference("a.png", mask="mask.png").fingerprint()
    assert reference("a.png").fingerprint() == reference("b.png").fingerprint() != first
    save("mask.png", GRAY // 2)
    assert reference("a.png", mask="mask.png").fingerprint() != first
    before = reference("a.png").fingerprint()
    save("a.png", GRAY + 1)
    assert reference("a.png").fingerprint() != before


def test_the_stamp_follows_size_and_time_of_image_and_mask(save, reference, tmp_path):
    path, mask = save("a.png", GRAY), save("mask.png", GRAY)
    image = reference("a.png", mask="mask.png")
    identity, size, modified = image.stamp()
    assert str(path.resolve()) in identity
    assert (size, modified) == (path.stat().st_size, path.stat().st_mtime_ns)
    mask.write_bytes(mask.read_bytes() + b"\0")
    assert image.stamp() != (identity, size, modified)
    assert reference("a.png").stamp()[0] != identity


def test_a_reference_is_small_and_picklable(save, reference):
    save("a.png", GRAY)
    image = reference("a.png")
    packed = pickle.dumps(image)
    assert len(packed) < 1000
    np.testing.assert_array_equal(pickle.loads(packed).read(), GRAY)


def test_a_warning_of_pillow_names_the_file(tmp_path, reference):
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a description"
    Image.fromarray(GRAY).save(stream, "JPEG", exif=exif)
    damaged = stream.getvalue().replace(b"Exif\0\0MM\0*\0\0\0\x08\0\x01", b"Exif\0\0MM\0*\0\0\0\x08\0\x09")
    assert damaged != stream.getvalue()
    (tmp_path / "odd.jpg").write_bytes(damaged)
    with pytest.warns(UserWarning, match=r"odd\.jpg: "):
        reference("odd.jpg").read()


def test_pillows_own_size_warning_gives_way_to_our_limit(save, reference, monkeypatch):
    """Pillow warns above half of its limit; the limit that counts is max_pixels."""
    save("a.png", GRAY)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", GRAY.size - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(reference("a.png").read(), GRAY)


def test_the_highest_limit_is_that_of_pillow():
    assert PILLOW_LIMIT == 2 * Image.MAX_IMAGE_PIXELS
