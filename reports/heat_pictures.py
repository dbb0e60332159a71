"""Heat over an image, as colours: seen by colour-blind readers, and in print without colour."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
from PIL import Image

__all__ = ["COLOURS", "gray_image", "jpeg", "overlay"]

COLOURS = "inferno"  # rises in lightness throughout, so that colour is not needed to read it
OPAQUE = 0.65
QUALITY = 88


def gray_image(png: bytes) -> np.ndarray:
    """Read a stored picture: ndarray of uint8, shape (H, W)."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L"))


def overlay(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay heat over an image: the hotter, the less of the image shows through; without heat it is as it was.

    Parameters
    ----------
    image, heat : ndarray of uint8, shapes (H, W) and (h, w)

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)

    Examples
    --------
    >>> overlay(np.full((2, 2), 80, np.uint8), np.zeros((1, 1), np.uint8))[0, 0].tolist()
    [80, 80, 80]
    """
    height, width = image.shape
    large = Image.fromarray(heat).resize((width, height), Image.Resampling.BILINEAR)
    warmth = np.asarray(large)[..., None] / 255
    colours = mpl.colormaps[COLOURS](warmth[..., 0])[..., :3] * 255
    opacity = OPAQUE * np.sqrt(warmth)
    return np.rint(image[..., None] * (1 - opacity) + colours * opacity).astype(np.uint8)


def jpeg(pixels: np.ndarray) -> bytes:
    """Write a picture as JPEG: a page with many of them stays small."""
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "JPEG", quality=QUALITY)
    return sink.getvalue()
