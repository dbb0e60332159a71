"""Image files to grey values, by Pillow: what can be read, and why something cannot."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from suite.datasets._gray_values import gray_values, has_wide_colour, read_wide_colour, upright
from suite.errors import BadImageError

__all__ = ["FORMATS", "MINIMAL_SIDE", "PILLOW_LIMIT", "check_size", "decode", "header"]

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
MINIMAL_SIDE = 8
PILLOW_LIMIT = 178_956_970  # above this Pillow itself refuses to open a file

BITS = {"1": 1, "I": 32, "F": 32}
SIGNATURES = {
    b"GIF8": "a GIF image",
    b"RIFF": "a WebP image or another RIFF file",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive",
}


def decode(file: Path, name: str, max_pixels: int) -> np.ndarray:
    """Read an image file as grey values.

    Colour becomes ITU-R 601 luma, an alpha channel is composited on black, the EXIF orientation is respected.

    Parameters
    ----------
    file : Path
        PNG, JPEG, TIFF or BMP, whatever its name says.
    name : str
        How the file is called in messages.
    max_pixels : int
        Larger images are refused before they are decoded.

    Returns
    -------
    ndarray of shape (H, W)
        uint8 for up to 8 bit, uint16 for 16 bit, int32 or float32 (TIFF).

    Raises
    ------
    BadImageError
        If the file cannot be read, is damaged, is no such image, holds several pictures, NaN or infinite
        values, or is too small or too large.
    """
    with _opened(file, name, max_pixels) as image:
        if has_wide_colour(image):
            with _opened(file, name, max_pixels) as again:
                gray = read_wide_colour(image, again)
        else:
            gray = gray_values(image)
        gray = upright(gray, image)
    if not np.isfinite(gray).all():
        bad = np.argwhere(~np.isfinite(gray))
        row, column = bad[0]
        raise BadImageError(
            name, f"{len(bad)} pixels are NaN or infinite, the first at row {row}, column {column}"
        )
    return gray


def header(file: Path, name: str, max_pixels: int) -> dict[str, Any]:
    """Return ``format``, ``mode`` and ``bit_depth`` of an image file without decoding it.

    Raises
    ------
    BadImageError
        As :func:`decode`, as far as the header tells.
    """
    with _opened(file, name, max_pixels) as image:
        wide = has_wide_colour(image) or image.mode.startswith("I;16") or _is_wide_png(image)
        return {
            "format": str(image.format),
            "mode": image.mode,
            "bit_depth": 16 if wide else BITS.get(image.mode, 8),
        }


def check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    """Raise BadImageError for an image with a side below 8 pixels or with more than ``max_pixels``."""
    if min(width, height) < MINIMAL_SIDE:
        raise BadImageError(name, f"{width}×{height} pixels; each side must have at least {MINIMAL_SIDE}")
    if width * height > max_pixels:
        raise BadImageError(name, f"{width}×{height} pixels, above the limit of {max_pixels} (max_pixels)")


@contextmanager
def _opened(file: Path, name: str, max_pixels: int) -> Iterator[Image.Image]:
    """Open an image, its header checked; whatever goes wrong with it is told as a BadImageError."""
    with _attributed_warnings(name):
        try:
            # A stream, not a name: Pillow maps named raw TIFFs into memory, and some turned ones wrongly.
            with file.open("rb") as stream, Image.open(stream, formats=FORMATS) as image:
                _check_header(image, name, max_pixels)
                yield image
        except (BadImageError, MemoryError):
            raise
        except Exception as error:  # a decoder that is fed damaged bytes may raise anything
            raise BadImageError(name, _reason(error, file)) from error


@contextmanager
def _attributed_warnings(name: str) -> Iterator[None]:
    """Put the file's name before Pillow's warnings; our own limit stands for the one on size."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield
    for warning in caught:
        warnings.warn(f"{name}: {warning.message}", warning.category, stacklevel=4)


def _check_header(image: Image.Image, name: str, max_pixels: int) -> None:
    check_size(name, image.width, image.height, max_pixels)
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise BadImageError(name, f"holds {frames} pictures (animated or multi-page); one is expected")


def _reason(error: Exception, file: Path) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, FileNotFoundError):
        return "file not found"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(file)
    if isinstance(error, Image.DecompressionBombError):
        return f"has more than {PILLOW_LIMIT} pixels"
    return f"cannot be decoded: {str(error) or type(error).__name__}"


def _unidentified(file: Path) -> str:
    with file.open("rb") as stream:
        start = stream.read(132)
    if not start:
        return "file is empty (0 bytes)"
    if start[128:] == b"DICM":
        return "is a DICOM file; use the data set type 'dicom'"
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return f"is {kind}; expected PNG, JPEG, TIFF or BMP"
    return "is no PNG, JPEG, TIFF or BMP image, or its header is damaged"


def _is_wide_png(image: Image.Image) -> bool:
    return image.format == "PNG" and image.mode == "I"
