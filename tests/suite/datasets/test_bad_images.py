"""Images that cannot be used are refused with their name and a reason; nothing else is ever raised."""

import os

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from suite.datasets._images import FileImage
from suite.errors import BadImageError

GRAY = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50).astype(np.uint8)


def jpeg(path):
    Image.fromarray(GRAY).save(path, "JPEG")


def truncated(kind):
    def write(path):
        Image.fromarray(GRAY).save(path, kind)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])

    return write


def animated(path):
    frames = [Image.fromarray(GRAY + step) for step in (0, 1, 2)]
    frames[0].save(path, "PNG", save_all=True, append_images=frames[1:])


def not_finite(path):
    pixels = np.zeros((20, 30), dtype=np.float32)
    pixels[3, 4], pixels[5, 6] = np.nan, np.inf
    Image.fromarray(pixels).save(path, "TIFF")


def bomb(path):
    Image.new("1", (12_000, 12_000)).save(path, "PNG")


BAD = {
    "truncated JPEG": (truncated("JPEG"), "cannot be decoded: .*truncated"),
    "truncated PNG": (truncated("PNG"), "cannot be decoded"),
    "truncated TIFF": (
        truncated("TIFF"),
        "is no PNG, JPEG, TIFF or BMP image, or its header is damaged|cannot",
    ),
    "zero bytes": (lambda path: path.write_bytes(b""), r"file is empty \(0 bytes\)"),
    "text": (lambda path: path.write_text("not an image"), "is no PNG, JPEG, TIFF or BMP image"),
    "GIF": (lambda path: Image.fromarray(GRAY).save(path, "GIF"), "is a GIF image; expected PNG"),
    "DICOM": (
        lambda path: path.write_bytes(bytes(128) + b"DICM" + bytes(50)),
        "use the data set type 'dicom'",
    ),
    "one pixel": (
        lambda path: Image.new("L", (1, 1)).save(path, "PNG"),
        "1×1 pixels; each side .* at least 8",
    ),
    "a strip": (lambda path: Image.new("L", (7, 90)).save(path, "PNG"), "7×90 pixels"),
    "animated": (animated, r"holds 3 pictures \(animated or multi-page\)"),
    "multi-page": (
        lambda path: tifffile.imwrite(path, np.stack([GRAY] * 4), photometric="minisblack"),
        "holds 4",
    ),
    "NaN": (not_finite, "2 pixels are NaN or infinite, the first at row 3, column 4"),
    "LAB": (lambda path: Image.new("LAB", (20, 20)).save(path, "TIFF"), "colour mode LAB is not supported"),
    "decompression bomb": (bomb, r"12000×12000 pixels, above the limit of 100000000 \(max_pixels\)"),
    "missing": (lambda path: None, "file not found"),
    "a folder": (lambda path: path.mkdir(), "is a folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_image_is_refused_with_a_reason(tmp_path, name):
    make, reason = BAD[name]
    make(tmp_path / "patient.png")
    with pytest.raises(BadImageError, match=f"^patient.png: .*({reason})") as caught:
        FileImage(root=str(tmp_path), path="patient.png").read()
    assert str(tmp_path) not in str(caught.value)


@pytest.fixture
def as_nobody():
    """The superuser may read everything, so be somebody else for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.fixture
def forbidden(tmp_path):
    jpeg(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").chmod(0)
    return FileImage(root=str(tmp_path), path="a.jpg")


def test_a_file_without_permission_is_refused(forbidden, as_nobody):
    for ask in (forbidden.read, forbidden.properties, forbidden.fingerprint):
        with pytest.raises(BadImageError, match=r"^a\.jpg: (?i:permission denied)$"):
            ask()


def test_a_limit_below_the_image_refuses_it(tmp_path):
    jpeg(tmp_path / "a.jpg")
    with pytest.raises(BadImageError, match="50×40 pixels, above the limit of 1999"):
        FileImage(root=str(tmp_path), path="a.jpg", max_pixels=1999).read()
    assert FileImage(root=str(tmp_path), path="a.jpg", max_pixels=2000).read().shape == (40, 50)


def test_above_pillows_limit_the_message_is_ours(tmp_path, monkeypatch):
    jpeg(tmp_path / "a.jpg")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 999)
    with pytest.raises(BadImageError, match="has more than 178956970 pixels"):
        FileImage(root=str(tmp_path), path="a.jpg").read()


def test_a_constant_image_is_read(tmp_path):
    Image.new("L", (20, 20), 7).save(tmp_path / "a.png")
    np.testing.assert_array_equal(FileImage(root=str(tmp_path), path="a.png").read(), np.full((20, 20), 7))


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (np.ones((40, 51), dtype=np.uint8), "is 50×40 pixels, but its mask mask.png is 51×40"),
        (np.zeros((40, 50), dtype=np.uint8), "its mask mask.png is empty: every pixel is 0"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(tmp_path, mask, reason):
    jpeg(tmp_path / "a.jpg")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    with pytest.raises(BadImageError, match=f"^a.jpg: {reason}"):
        FileImage(root=str(tmp_path), path="a.jpg", mask="mask.png").read()


def test_a_bad_mask_is_named_itself(tmp_path):
    jpeg(tmp_path / "a.jpg")
    (tmp_path / "mask.png").write_bytes(b"")
    with pytest.raises(BadImageError, match=r"^mask\.png: file is empty"):
        FileImage(root=str(tmp_path), path="a.jpg", mask="mask.png").read()


def test_a_file_that_vanished_has_no_stamp_and_no_fingerprint(tmp_path):
    image = FileImage(root=str(tmp_path), path="gone.png")
    for ask in (image.stamp, image.fingerprint, image.properties):
        with pytest.raises(BadImageError, match=r"^gone\.png: "):
            ask()


def read_or_refuse(image):
    try:
        return image.read()
    except BadImageError as error:
        return error


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
@pytest.mark.filterwarnings("ignore:a.img")  # Pillow's remarks on damaged metadata, with the file's name
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), cut=st.floats(0.5, 1))
def test_damaged_bytes_are_read_or_refused_but_never_crash(tmp_path, kind, place, value, cut):
    file = tmp_path / "a.img"
    Image.fromarray(GRAY).save(file, kind)
    data = bytearray(file.read_bytes())
    data[int(place * len(data))] = value
    file.write_bytes(bytes(data[: int(cut * len(data))]))
    outcome = read_or_refuse(FileImage(root=str(tmp_path), path="a.img", max_pixels=1_000_000))
    if isinstance(outcome, BadImageError):
        assert outcome.reason
    else:
        assert outcome.ndim == 2
        assert np.isfinite(outcome).all()
