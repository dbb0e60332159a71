"""The pixels of an opened Pillow image as grey values."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["gray_values", "has_wide_colour", "luma", "on_black", "read_wide_colour", "upright"]

SIMPLER = {
    "1": "L",
    "P": "RGB",
    "PA": "RGBA",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "La": "LA",
    "RGBa": "RGBA",
    "RGBX": "RGB",
}
TRANSPARENT = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}
ORIENTATION = 0x0112
UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {  # by the value of the EXIF tag
    2: np.fliplr,
    3: lambda stored: stored[::-1, ::-1],
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].T,
    8: np.rot90,
}
MIN_IS_WHITE = 0
PHOTOMETRIC = 262
HIGH_BYTE_OTHERWISE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}


def luma(colour: np.ndarray) -> np.ndarray:
    """Weigh red, green and blue as ITU-R 601 does: 0.299 R + 0.587 G + 0.114 B, rounded.

    Parameters
    ----------
    colour : ndarray of uint8 or uint16, shape (H, W, 3)

    Returns
    -------
    ndarray of shape (H, W), same dtype
        Equal to the channels where they are equal.

    Examples
    --------
    >>> luma(np.array([[[255, 0, 0], [90, 90, 90]]], dtype=np.uint8))
    array([[76, 90]], dtype=uint8)
    """
    wide = colour.astype(np.uint32)
    weighed = wide[..., 0] * 19595 + wide[..., 1] * 38470 + wide[..., 2] * 7471 + 0x8000
    return (weighed >> 16).astype(colour.dtype)


def on_black(channels: np.ndarray) -> np.ndarray:
    """Composite on black: multiply by the last channel, the opacity, and drop it.

    Parameters
    ----------
    channels : ndarray of uint8 or uint16, shape (H, W, n)

    Returns
    -------
    ndarray of shape (H, W, n - 1), same dtype

    Examples
    --------
    >>> on_black(np.array([[[200, 51]]], dtype=np.uint8))
    array([[[40]]], dtype=uint8)
    """
    full = np.iinfo(channels.dtype).max
    wide = channels.astype(np.uint32)
    return ((wide[..., :-1] * wide[..., -1:] + full // 2) // full).astype(channels.dtype)


def gray_values(image: Image.Image) -> np.ndarray:
    """Return the grey values of an image of any Pillow mode.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    ndarray of uint8, uint16, int32 or float32, shape (H, W)

    Raises
    ------
    ValueError
        If the colour mode has no defined grey value here.
    """
    if image.mode.startswith("I;16"):
        return _wide_gray(image)
    if image.mode in ("I", "F"):
        values = np.array(image)
        return values.astype(np.uint16) if image.format == "PNG" else values
    channels = np.array(_simplified(image))
    if channels.ndim == 3 and channels.shape[2] in (2, 4):
        channels = on_black(channels)
    if channels.ndim == 3:
        return luma(channels) if channels.shape[2] == 3 else channels[..., 0]
    return channels


def upright(gray: np.ndarray, image: Image.Image) -> np.ndarray:
    """Turn grey values as the EXIF orientation of their image says.

    Parameters
    ----------
    gray : ndarray of shape (H, W)
        As stored.
    image : PIL.Image.Image
        Decoded. (Pillow itself turns TIFF images when it decodes them, and then forgets the tag.)

    Returns
    -------
    ndarray of shape (H, W) or (W, H)
    """
    turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    return np.ascontiguousarray(turn(gray)) if turn else gray


def has_wide_colour(image: Image.Image) -> bool:
    """Tell whether the file has 16-bit colour channels, which Pillow by itself would cut to 8 bit."""
    return image.mode in ("RGB", "RGBA", "CMYK") and any(";16" in _raw_mode(tile) for tile in _tiles(image))


def read_wide_colour(image: Image.Image, again: Image.Image) -> np.ndarray:
    """Read a file with 16-bit colour: the high bytes from one opening, the low bytes from another.

    Parameters
    ----------
    image, again : PIL.Image.Image
        The same file, opened twice and not yet decoded.

    Returns
    -------
    ndarray of uint16, shape (H, W)

    Raises
    ------
    ValueError
        If the channels are not red, green, blue and perhaps opacity.
    """
    if any(_raw_mode(tile)[:-1] not in ("RGB;16", "RGBA;16") for tile in _tiles(image)):
        raise ValueError("16-bit colour other than RGB or RGBA is not supported; save it as 16-bit grey")
    again.tile = [_with_low_bytes(tile) for tile in _tiles(again)]  # type: ignore[attr-defined]
    high, low = (np.array(half, dtype=np.uint16) for half in (image, again))
    channels = high * np.uint16(256) + low
    return luma(on_black(channels) if channels.shape[2] == 4 else channels)


def _wide_gray(image: Image.Image) -> np.ndarray:
    values = np.array(image).astype(np.uint16)
    if "transparency" in image.info:
        values[values == image.info["transparency"]] = 0
    inverted = image.format == "TIFF" and image.tag_v2.get(PHOTOMETRIC) == MIN_IS_WHITE  # type: ignore[attr-defined]
    return np.uint16(65535) - values if inverted else values


def _simplified(image: Image.Image) -> Image.Image:
    if "transparency" in image.info and image.mode in TRANSPARENT:
        return image.convert(TRANSPARENT[image.mode])
    if image.mode in SIMPLER:
        return image.convert(SIMPLER[image.mode])
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        raise ValueError(f"colour mode {image.mode} is not supported; save the image as grey or RGB")
    return image


def _tiles(image: Image.Image) -> list[Any]:
    return list(getattr(image, "tile", ()))


def _raw_mode(tile: Any) -> str:
    arguments = tile.args
    return str(arguments if isinstance(arguments, str) else arguments[0]) if arguments else ""


def _with_low_bytes(tile: Any) -> Any:
    name, arguments = _raw_mode(tile), tile.args
    low = name[:-1] + HIGH_BYTE_OTHERWISE[name[-1]]
    return tile._replace(args=low if isinstance(arguments, str) else (low, *arguments[1:]))
